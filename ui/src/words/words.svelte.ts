//! The words of the window, from the catalogue that tray and bubbles read too.
//!
//! A key that does not exist does not compile; a key that English lacks does not compile either.

import enAgent from '../../../crates/words/catalog/en/agent.json';
import enCommands from '../../../crates/words/catalog/en/commands.json';
import enErrors from '../../../crates/words/catalog/en/errors.json';
import enFolder from '../../../crates/words/catalog/en/folder.json';
import enList from '../../../crates/words/catalog/en/list.json';
import enRead from '../../../crates/words/catalog/en/read.json';
import enSettings from '../../../crates/words/catalog/en/settings.json';
import enWelcome from '../../../crates/words/catalog/en/welcome.json';
import enWindow from '../../../crates/words/catalog/en/window.json';
import zhAgent from '../../../crates/words/catalog/zh-CN/agent.json';
import zhCommands from '../../../crates/words/catalog/zh-CN/commands.json';
import zhErrors from '../../../crates/words/catalog/zh-CN/errors.json';
import zhFolder from '../../../crates/words/catalog/zh-CN/folder.json';
import zhList from '../../../crates/words/catalog/zh-CN/list.json';
import zhRead from '../../../crates/words/catalog/zh-CN/read.json';
import zhSettings from '../../../crates/words/catalog/zh-CN/settings.json';
import zhWelcome from '../../../crates/words/catalog/zh-CN/welcome.json';
import zhWindow from '../../../crates/words/catalog/zh-CN/window.json';
import twAgent from '../../../crates/words/catalog/zh-TW/agent.json';
import twCommands from '../../../crates/words/catalog/zh-TW/commands.json';
import twErrors from '../../../crates/words/catalog/zh-TW/errors.json';
import twFolder from '../../../crates/words/catalog/zh-TW/folder.json';
import twList from '../../../crates/words/catalog/zh-TW/list.json';
import twRead from '../../../crates/words/catalog/zh-TW/read.json';
import twSettings from '../../../crates/words/catalog/zh-TW/settings.json';
import twWelcome from '../../../crates/words/catalog/zh-TW/welcome.json';
import twWindow from '../../../crates/words/catalog/zh-TW/window.json';
import type { ApiError, Language } from '../host/api';
import { ofTag, type Locale } from './locale';

const zh = { ...zhCommands, ...zhErrors, ...zhFolder, ...zhList, ...zhRead, ...zhSettings, ...zhWelcome, ...zhWindow };

/** A key of the catalogue. */
export type Key = keyof typeof zh;
/** A key with a form for one and a form for several. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
export type { Locale } from './locale';
export type Args = Record<string, string | number>;

const en: Record<Key, string> = {
  ...enCommands,
  ...enErrors,
  ...enFolder,
  ...enList,
  ...enRead,
  ...enSettings,
  ...enWelcome,
  ...enWindow,
};
const tw: Record<Key, string> = {
  ...twCommands,
  ...twErrors,
  ...twFolder,
  ...twList,
  ...twRead,
  ...twSettings,
  ...twWelcome,
  ...twWindow,
};
const CATALOGUE: Record<Locale, Record<Key, string>> = { 'zh-CN': zh, 'zh-TW': tw, en };
/** Also the agent's own words (names of providers): for keys made at run time. */
const ALL: Record<Locale, Record<string, string>> = {
  'zh-CN': { ...zhAgent, ...zh },
  'zh-TW': { ...twAgent, ...tw },
  en: { ...enAgent, ...en },
};

let current = $state<Locale>('zh-CN');

/** The language that is spoken now. */
export function locale(): Locale {
  return current;
}

/**
 * Chooses a language; `system` is the tag of what the system speaks. The agent's word on that goes before the WebView's:
 * tray, bubbles and window must not speak two languages.
 */
export function speak(language: Language, system: string = navigator.language): void {
  current = language === 'system' ? ofTag(system) : language;
  document.documentElement.lang = current;
}

function fill(words: string, args: Args): string {
  return words.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = args[name];
    return typeof value === 'number' ? number(value) : (value ?? '');
  });
}

/** The words of `key`. Depends on the language like any other state. */
export function t(key: Key, args: Args = {}): string {
  return fill(CATALOGUE[current][key], args);
}

/** The words of `key` in a language that need not be the one that is spoken. */
export function inLanguage(key: Key, language: Locale): string {
  return CATALOGUE[language][key];
}

/** The words of `key` in every language: who searches may think in another one than he reads. */
export function inEveryLanguage(key: Key): string[] {
  return Object.values(CATALOGUE).map((words) => words[key]);
}

/** The words for a number of things; `{count}` is filled in. */
export function tn(key: CountKey, count: number, args: Args = {}): string {
  const form = count === 1 && current === 'en' ? 'one' : 'other';
  return t(`${key}.${form}` as Key, { count, ...args });
}

/** The words of a key made at run time, or `otherwise` where the catalogue has none. */
export function maybe(key: string, otherwise: string, args: Args = {}): string {
  const words = ALL[current][key];
  return words === undefined ? otherwise : fill(words, args);
}

/** An error in words: what happened, why, what helps. */
export function explain(error: ApiError): string {
  const args: Args = {};
  for (const [name, value] of Object.entries(error.args)) args[name] = value;
  return maybe(`error.${error.code}`, error.code, args);
}

/** A number with the separators of the language. */
export function number(value: number): string {
  return new Intl.NumberFormat(current).format(value);
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
  return `${new Intl.NumberFormat(current, { maximumFractionDigits: digits }).format(value)} ${units[unit]}`;
}
