//! Times at which people put mails off.

import type { Key } from '../words/words.svelte';

export interface Time {
  name: Key;
  at: Date;
}

function at(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/** Those that make sense now, the nearest first. */
export function times(now: Date): Time[] {
  const out: Time[] = [];
  if (now.getHours() < 17) out.push({ name: 'compose.later.afternoon', at: at(now, 0, now.getHours() < 13 ? 14 : 18) });
  out.push({ name: 'compose.later.tomorrow', at: at(now, 1, 9) });
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) out.push({ name: 'compose.later.monday', at: at(now, toMonday, 9) });
  return out;
}
