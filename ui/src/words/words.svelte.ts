//! The words of the window, from the catalogue that tray and bubbles read too.
//!
//! A key that does not exist does not compile; a key that English lacks does not compile either.

import type { ApiError, Language } from '../host/api';
import { OWN_NAMES, ofTag, type Locale } from './locale';
import { book as zh } from './zh-cn';

/** A key of the catalogue. */
export type Key = keyof typeof zh.words;
/** A key with a form for one and a form for several. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
export type { Locale } from './locale';
export type Args = Record<string, string | number>;

/** A language's words. */
export interface Book {
  words: Record<Key, string>;
  /** The agent's own (names of providers): for keys made at run time. */
  agent: Record<string, string>;
}

const SHELF: Record<Exclude<Locale, 'zh-CN'>, () => Promise<{ book: Book }>> = {
  'zh-TW': () => import('./zh-tw'),
  en: () => import('./en'),
};
const LOCALES = OWN_NAMES.map(([locale]) => locale);
/** What was spoken last: its words are there before the settings are. */
const SPOKEN_KEY = 'qiyou.language';

/** The books that are here. */
let books = $state.raw<Partial<Record<Locale, Book>>>({ 'zh-CN': zh });
let current = $state<Locale>('zh-CN');
/** The book of it, apart from the others: a book that is only searched changes no word on the page. */
let spoken = $state.raw<Book>(zh);
let wanted: Locale = 'zh-CN';

/** The language that is spoken now. */
export function locale(): Locale {
  return current;
}

/**
 * Chooses a language, and speaks it as soon as its words are there; `system` is the tag of what the system speaks. The
 * agent's word on that goes before the WebView's: tray, bubbles and window must not speak two languages.
 */
export async function speak(language: Language, system: string = navigator.language): Promise<void> {
  wanted = language === 'system' ? ofTag(system) : language;
  const next = wanted;
  await learn(next);
  const known = books[next];
  if (next !== wanted || !known) return;
  current = next;
  spoken = known;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(SPOKEN_KEY, next);
  } catch {
    // Only the next start has its words a little later.
  }
}

/** Speaks what was spoken last, or what the system speaks, until the settings are known. */
export async function speakAsBefore(): Promise<void> {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(SPOKEN_KEY);
  } catch {
    // Nothing is kept.
  }
  await speak(LOCALES.find((each) => each === kept) ?? 'system');
}

async function learn(language: Locale): Promise<void> {
  if (language === 'zh-CN' || books[language]) return;
  try {
    const { book: fetched } = await SHELF[language]();
    // Who asked at the same time may have been first.
    if (!books[language]) books = { ...books, [language]: fetched };
  } catch {
    // What is spoken stays.
  }
}

/** The words of one language; where they are not here yet, they are fetched, and those of Chinese stand in for them. */
function book(language: Locale): Book {
  const known = books[language];
  if (!known) void learn(language);
  return known ?? zh;
}

function fill(words: string, args: Args): string {
  return words.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = args[name];
    return typeof value === 'number' ? number(value) : (value ?? '');
  });
}

/** The words of `key`. Depends on the language like any other state. */
export function t(key: Key, args: Args = {}): string {
  return fill(spoken.words[key], args);
}

/** The words of `key` in a language that need not be the one that is spoken. */
export function inLanguage(key: Key, language: Locale): string {
  return book(language).words[key];
}

/** The words of `key` in every language: who searches may think in another one than he reads. */
export function inEveryLanguage(key: Key): string[] {
  return LOCALES.map((each) => book(each).words[key]);
}

/** The words for a number of things; `{count}` is filled in. */
export function tn(key: CountKey, count: number, args: Args = {}): string {
  const form = count === 1 && current === 'en' ? 'one' : 'other';
  return t(`${key}.${form}` as Key, { count, ...args });
}

/** The words of a key made at run time, or `otherwise` where the catalogue has none. */
export function maybe(key: string, otherwise: string, args: Args = {}): string {
  const said: Record<string, string> = spoken.words;
  const words = said[key] ?? spoken.agent[key];
  return words === undefined ? otherwise : fill(words, args);
}

/** An error in words: what happened, why, what helps. */
export function explain(error: ApiError): string {
  const args: Args = {};
  for (const [name, value] of Object.entries(error.args)) args[name] = value;
  return maybe(`error.${error.code}`, error.code, args);
}

/** Making one takes a browser longer than all that it will ever format. */
const formats = new Map<string, Intl.NumberFormat>();

function fraction(value: number, digits: number): string {
  const key = `${current} ${digits}`;
  let known = formats.get(key);
  if (!known) formats.set(key, (known = new Intl.NumberFormat(current, { maximumFractionDigits: digits })));
  return known.format(value);
}

/** A number with the separators of the language. */
export function number(value: number): string {
  // All three languages put a comma before each three digits; that needs no formatter.
  if (Number.isSafeInteger(value)) return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction(value, 3);
}

/** A day and a time, of Unix seconds. */
export function moment(at: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(at * 1000);
}

/** A size on disk, as people say it. */
export function bytes(size: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 1 && value < 10 ? 1 : 0;
  return `${fraction(value, digits)} ${units[unit]}`;
}
