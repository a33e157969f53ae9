//! The texts of licences, each once: what differs from package to package are the copyright lines, and they are kept apart.

const SIGNS = [
  ['Apache-2.0', /Apache License/i],
  ['MPL-2.0', /Mozilla Public License/i],
  ['Unicode-3.0', /UNICODE LICENSE V3/i],
  ['BSL-1.0', /Boost Software License/i],
  ['Unlicense', /free and unencumbered software/i],
  ['CC0-1.0', /CC0 1\.0/i],
  ['CDLA-Permissive-2.0', /Community Data License/i],
  ['Zlib', /claim that you wrote the original software/i],
  ['BSD-3-Clause', /Neither the name/i],
  ['BSD-2-Clause', /Redistribution and use in source and binary forms/i],
  ['MIT', /Permission is hereby granted, free of charge/i],
  ['ISC', /Permission to use, copy, modify, and\/or distribute|Permission to use, copy, modify, and distribute/i],
];
/** Texts in which names stand within the clauses: they are never exchanged. */
const OWN_NAMES = new Set(['BSD-3-Clause', 'BSD-2-Clause']);
const TITLE = /^\s*(the )?(mit|isc|bsd|zlib)[\w .-]*licen[cs]e[\w .()-]*:?\s*$|^\s*all rights reserved\.?\s*$/i;
const COPYRIGHT = /^[\s*#/-]*(portions )?(copyright\b|©|\(c\))/i;
const NO_COPYRIGHT = /copyright (notice|holder|owner|licen[cs]e|and related)|\[yyyy\]|\{yyyy\}|<year>/i;

function isCopyright(line) {
  return COPYRIGHT.test(line) && !NO_COPYRIGHT.test(line);
}

/** Copyright lines of a file, and what is left without them. */
function split(text) {
  const lines = text
    .replace(/\r/g, '')
    .replace(/^\uFEFF/, '')
    .split('\n');
  const copyright = lines.filter(isCopyright).map((line) => line.replace(/^[\s*#/-]+/, '').trim());
  const body = lines
    .filter((line) => !isCopyright(line) && !TITLE.test(line))
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '');
  return { copyright, body };
}

function words(text) {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** How alike two texts are, by their pairs of words, from 0 to 1. */
function likeness(a, b) {
  const pairs = (list) => new Set(list.slice(1).map((word, i) => `${list[i]} ${word}`));
  const one = pairs(words(a));
  const other = pairs(words(b));
  const both = [...one].filter((pair) => other.has(pair)).length;
  return (2 * both) / (one.size + other.size || 1);
}

/** The licence that a text is of, if it is a known one. */
export function idOf(text) {
  return SIGNS.find(([, sign]) => sign.test(text))?.[0];
}

/** Whether a text is of this licence alone. */
function within(id, text) {
  const plain = id.replace(/ WITH .*/, '');
  const sign = SIGNS.find(([each]) => each === plain)?.[1];
  return sign !== undefined && sign.test(text);
}

export class Texts {
  list = [];
  /** By licence, how often each body was seen. */
  #seen = new Map();
  /** By licence, the body that most have. */
  #usual = new Map();

  /** Counts the texts of a package; to be called for all before the first question. */
  learn({ files }) {
    for (const { text } of files) {
      const id = idOf(text);
      if (!id) continue;
      const { body } = split(text);
      const key = words(body).join(' ');
      const bodies = this.#seen.get(id) ?? new Map();
      const entry = bodies.get(key) ?? { body, count: 0 };
      entry.count += 1;
      bodies.set(key, entry);
      this.#seen.set(id, bodies);
    }
  }

  #usually(id) {
    const plain = id.replace(/ WITH .*/, '');
    if (!this.#usual.has(plain)) {
      const bodies = [...(this.#seen.get(plain)?.values() ?? [])].sort(
        (a, b) => b.count - a.count || a.body.length - b.body.length,
      );
      this.#usual.set(plain, bodies[0]?.body);
    }
    return this.#usual.get(plain);
  }

  #place(body) {
    const key = words(body).join(' ');
    const at = this.list.findIndex((text) => words(text).join(' ') === key);
    return at >= 0 ? at : this.list.push(body) - 1;
  }

  /** Places of the texts that hold for a package, and its copyright lines. */
  of({ library, licences, files }) {
    const copyright = new Set();
    const places = new Set();
    const add = (id, text) => {
      const { copyright: lines, body } = split(text);
      lines.forEach((line) => copyright.add(line));
      const usual = id === undefined ? undefined : this.#usually(id);
      const same = usual !== undefined && !OWN_NAMES.has(id) && likeness(usual, body) > 0.93;
      if (body) places.add(this.#place(same ? usual : body));
    };
    if (licences.length > 1) {
      // All of them hold: what the package brings along is given as it is.
      for (const { text } of files) add(idOf(text), text);
    } else {
      for (const id of licences) {
        const own =
          files.find(({ name, text }) => new RegExp(id.split('-')[0], 'i').test(name) && within(id, text)) ??
          files.find(({ text }) => within(id, text) && idOf(text) === id) ??
          files.find(({ text }) => within(id, text));
        if (own) add(id, own.text);
        else if (this.#usually(id)) places.add(this.#place(this.#usually(id)));
      }
      for (const { name, text } of files) {
        if (/^notice/i.test(name) && licences.includes('Apache-2.0')) add(undefined, text);
        // Some say whose it is in a file of its own, or in the file of the licence that was not taken.
        else if (copyright.size === 0) split(text).copyright.forEach((line) => copyright.add(line));
      }
    }
    if (places.size === 0) throw new Error(`${library.name} ${library.version}: no text of ${library.licence}`);
    if (copyright.size === 0 && library.authors.length > 0)
      copyright.add(`Copyright (c) ${library.authors.map((each) => each.replace(/\s*<.*>/, '')).join(', ')}`);
    return { places: [...places], copyright: [...copyright].slice(0, 40) };
  }
}
