//! How loudly new mail is told of, the loudest first, each with its shape.

import { Bell, BellOff, Hash } from 'lucide';
import type { Telling } from '../../host';

export const TELLINGS = [
  { value: 'bubble', icon: Bell },
  { value: 'count', icon: Hash },
  { value: 'silent', icon: BellOff },
] as const satisfies { value: Telling; icon: unknown }[];

const LOUDNESS: Record<Telling, number> = { silent: 0, count: 1, bubble: 2 };

/** What is really told: no folder tells more than its account. */
export function atMost(folder: Telling, account: Telling): Telling {
  return LOUDNESS[folder] <= LOUDNESS[account] ? folder : account;
}
