//! Finds settings by any of their words. Pure: the words come from outside.

/** What a thing is found by, in every language that is searched. */
export interface Words {
  name: string[];
  also: string[];
  hint: string[];
  /** Of what is around it: the page, the account. */
  around: string[];
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The parts of a query; each must be found. */
export function terms(query: string): string[] {
  return plain(query).split(/\s+/).filter(Boolean);
}

function within(texts: string[], term: string): boolean {
  return texts.some((text) => plain(text).includes(term));
}

/** How well `term` fits, from 0 (not at all) to 5 (the name begins with it). */
function fit(words: Words, term: string): number {
  if (words.name.some((name) => plain(name).startsWith(term))) return 5;
  if (within(words.name, term)) return 4;
  if (within(words.also, term)) return 3;
  if (within(words.hint, term)) return 2;
  return within(words.around, term) ? 1 : 0;
}

/** The things that have all parts of the query, the best first; equal ones keep their order. */
export function find<T>(query: string, things: readonly T[], wordsOf: (thing: T) => Words): T[] {
  const parts = terms(query);
  if (parts.length === 0) return [];
  return things
    .map((thing) => {
      const words = wordsOf(thing);
      const fits = parts.map((part) => fit(words, part));
      return { thing, score: fits.includes(0) ? 0 : fits.reduce((sum, each) => sum + each, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ thing }) => thing);
}

/** `text` in pieces, those that were searched for marked. */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const lower = text.toLowerCase();
  // A letter whose small form is longer would move the marks.
  const found = lower.length === text.length ? terms(query) : [];
  const pieces: { text: string; hit: boolean }[] = [];
  let at = 0;
  while (at < text.length) {
    const next = found
      .map((term) => ({ term, start: lower.indexOf(term, at) }))
      .filter(({ start }) => start >= 0)
      .sort((a, b) => a.start - b.start || b.term.length - a.term.length)[0];
    if (!next) break;
    if (next.start > at) pieces.push({ text: text.slice(at, next.start), hit: false });
    pieces.push({ text: text.slice(next.start, next.start + next.term.length), hit: true });
    at = next.start + next.term.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}
