//! Which of the catalogue's languages a system's language is. The same rule as `Language::of_locale` of `crates/words`.

/** A language that the catalogue is written in. */
export type Locale = 'zh-CN' | 'zh-TW' | 'en';

/** Where Chinese is written with the traditional characters. */
const TRADITIONAL = ['hant', 'tw', 'hk', 'mo'];

/**
 * From a BCP 47 tag or a POSIX locale name. Chinese where nothing is said (empty, `C`, `POSIX`): Qiyou's people speak it.
 */
export function ofTag(tag: string): Locale {
  const [language = '', ...rest] = tag
    .toLowerCase()
    .replace(/[.@].*$/, '')
    .split(/[-_]/);
  if (language === '' || language === 'c' || language === 'posix') return 'zh-CN';
  if (language !== 'zh') return 'en';
  if (rest.includes('hans')) return 'zh-CN';
  return rest.some((part) => TRADITIONAL.includes(part)) ? 'zh-TW' : 'zh-CN';
}

/** Each language by its own name, in every language. */
export const OWN_NAMES: readonly (readonly [Locale, string])[] = [
  ['zh-CN', '简体中文'],
  ['zh-TW', '繁體中文'],
  ['en', 'English'],
];
