//! Finding something by a few typed letters: whole words, beginnings, parts, initials of pinyin, letters in their order.

import { initials } from '../mail/tree/initials';

export function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim();
}

/** How well one typed word fits one text; 0 when not at all. Both in small letters. */
function fit(word: string, text: string): number {
  if (text === word) return 100;
  if (text.startsWith(word)) return 90;
  const at = text.indexOf(word);
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 50 : 75;
  // Initials stand for Han characters alone; those of English words would find too much.
  const sounds = initials(text).replace(/[^\p{L}\p{N}]/gu, '');
  if (sounds !== text) {
    if (sounds.startsWith(word)) return 70;
    if (word.length > 1 && sounds.includes(word)) return 45;
  }
  return word.length > 2 ? scattered(word, text) : 0;
}

/** The letters in their order, with others between: the fewer, the better. */
function scattered(word: string, text: string): number {
  let from = -1;
  let first = -1;
  for (const letter of word) {
    from = text.indexOf(letter, from + 1);
    if (from < 0) return 0;
    if (first < 0) first = from;
  }
  const spread = from - first + 1;
  return spread > word.length * 3 ? 0 : Math.round((20 * word.length) / spread);
}

/** How well what was typed fits any of some texts: every word of it must. Nothing typed fits all. */
export function score(typed: string, texts: readonly string[]): number {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  const small = texts.map(plain);
  let sum = 0;
  for (const word of words) {
    const best = Math.max(...small.map((text) => fit(word, text)));
    if (best === 0) return 0;
    sum += best;
  }
  return sum / words.length;
}

/** Those that fit, the best first; equal ones stay in their order. */
export function best<T>(all: readonly T[], value: (each: T) => number): T[] {
  return all
    .map((each, place) => ({ each, place, value: value(each) }))
    .filter((found) => found.value > 0)
    .sort((a, b) => b.value - a.value || a.place - b.place)
    .map((found) => found.each);
}
