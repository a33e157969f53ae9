//! Times as people say them. All take the present from outside.

import type { Locale } from '../words/words.svelte';

/** The words that no formatter has. */
export interface DayWords {
  today: string;
  yesterday: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, options)));
  return found;
}

/** Local midnight of the day that `ms` lies in. */
function midnight(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** Whole local days between two moments; days of 23 and 25 hours count as one. */
export function daysBetween(earlier: number, later: number): number {
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000);
}

export function clock(ms: number, locale: Locale): string {
  return format(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms);
}

/** The name of a day: today, yesterday, Sat, 3 November, 03/11/2025. */
export function day(ms: number, now: number, locale: Locale, words: DayWords): string {
  const ago = daysBetween(ms, now);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  if (ago > 1 && ago < 7) return format(locale, { weekday: 'short' }).format(ms);
  if (new Date(ms).getFullYear() === new Date(now).getFullYear()) {
    return format(locale, { month: locale === 'en' ? 'short' : 'long', day: 'numeric' }).format(ms);
  }
  return format(
    locale,
    locale === 'en'
      ? { year: 'numeric', month: 'short', day: 'numeric' }
      : { year: 'numeric', month: 'numeric', day: 'numeric' },
  ).format(ms);
}

/** The time in a row: the clock for today, else the day. */
export function rowTime(ms: number, now: number, locale: Locale, words: DayWords): string {
  return daysBetween(ms, now) === 0 ? clock(ms, locale) : day(ms, now, locale, words);
}

/** Day and clock, for the head of a mail. */
export function dayAndClock(ms: number, now: number, locale: Locale, words: DayWords): string {
  return `${day(ms, now, locale, words)} ${clock(ms, locale)}`;
}

/** Everything, with the zone: for the hover. In Chinese a formatter would put the zone before the clock. */
export function exact(ms: number, locale: Locale): string {
  const date = format(locale, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }).format(ms);
  const clock = format(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const zone = format(locale, { timeZoneName: 'longOffset' })
    .formatToParts(ms)
    .find((part) => part.type === 'timeZoneName')?.value;
  return [date, clock.format(ms), zone].filter(Boolean).join(' ');
}
