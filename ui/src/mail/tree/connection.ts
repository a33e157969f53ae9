//! How all accounts stand, in one line.

import type { Account } from '../../host';
import type { Key } from '../../words/words.svelte';

export interface Connection {
  level: 'good' | 'wait' | 'warn' | 'bad';
  key: Key;
}

/** The worst state of any account; what needs the person comes before what mends itself. */
export function connection(up: boolean, accounts: Account[]): Connection {
  if (!up) return { level: 'bad', key: 'state.no_agent' };
  const has = (state: Account['state']['state']) => accounts.some((account) => account.state.state === state);
  if (has('sign_in_needed')) return { level: 'bad', key: 'state.sign_in_needed' };
  if (has('offline')) return { level: 'warn', key: 'state.offline' };
  if (has('connecting')) return { level: 'wait', key: 'state.connecting' };
  if (has('paused')) return { level: 'wait', key: 'state.paused' };
  const polled = accounts.some(({ state }) => state.state === 'connected' && state.watch === 'poll');
  return { level: 'good', key: polled ? 'state.connected_poll' : 'state.connected' };
}
