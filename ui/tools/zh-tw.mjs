//! Makes the catalogue of Taiwan (`zh-TW`) from the simplified one: `npm run zh-tw`. Never edit its files by hand.
//!
//! OpenCC's tables (cn -> twp) do the characters and many words; the tables of `zh-tw-words.mjs` say how an office in Taiwan
//! speaks where they do not know it.

import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as OpenCC from 'opencc-js';
import { LINES, WORDS } from './zh-tw-words.mjs';

const CATALOG = fileURLToPath(new URL('../../crates/words/catalog', import.meta.url));
const convert = OpenCC.Converter({ from: 'cn', to: 'twp' });

const table = new Map(Object.entries(WORDS));
// The longest word first: 收件箱 before 箱.
const words = new RegExp(
  [...table.keys()]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|'),
  'g',
);

/** One text in the words of Taiwan. */
export function taiwan(text) {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(words)) {
    out += convert(text.slice(at, match.index)) + table.get(match[0]);
    at = match.index + match[0].length;
  }
  out += convert(text.slice(at));
  return out.replace(/“/g, '「').replace(/”/g, '」').replace(/‘/g, '『').replace(/’/g, '』');
}

/** The files of the catalogue, by name, as they ought to be. */
export function files() {
  const from = join(CATALOG, 'zh-CN');
  return new Map(
    readdirSync(from)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => {
        const lines = Object.entries(JSON.parse(readFileSync(join(from, name), 'utf8')));
        const out = Object.fromEntries(
          lines.map(([key, text]) => [key, LINES[key]?.[0] === text ? LINES[key][1] : taiwan(text)]),
        );
        return [name, `${JSON.stringify(out, null, 2)}\n`];
      }),
  );
}

/** Keys of whole lines whose simplified text is another now: they are to be read anew. */
export function stale() {
  const from = join(CATALOG, 'zh-CN');
  const now = Object.assign({}, ...readdirSync(from).map((name) => JSON.parse(readFileSync(join(from, name), 'utf8'))));
  return Object.keys(LINES).filter((key) => now[key] !== LINES[key][0]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const to = join(CATALOG, 'zh-TW');
  mkdirSync(to, { recursive: true });
  for (const [name, text] of files()) writeFileSync(join(to, name), text);
  if (stale().length > 0) console.error(`read anew in zh-tw-words.mjs: ${stale().join(', ')}`);
}
