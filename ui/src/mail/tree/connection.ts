//! How all accounts stand, in one line, and what helps one of them.

import type { Account, CauseCode } from '../../host';
import type { Key } from '../../words/words.svelte';

export type Level = 'good' | 'wait' | 'warn' | 'bad';

export interface Connection {
  level: Level;
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

export function level({ state }: Account): Level {
  switch (state.state) {
    case 'connected':
      return 'good';
    case 'offline':
      return 'warn';
    case 'sign_in_needed':
      return 'bad';
    default:
      return 'wait';
  }
}

/** What a person can do about an account that is not connected. */
export type Cure = 'sign_in' | 'sync' | 'proxy' | 'servers';

const SERVERS = new Set<CauseCode>([
  'dns',
  'tls',
  'certificate_expired',
  'certificate_unknown',
  'certificate_name',
  'certificate_other',
  'plaintext_forbidden',
]);

/** The ways out of an account's trouble, the best first. */
export function cureOf({ state }: Account): Cure[] {
  if (state.state === 'sign_in_needed') return ['sign_in'];
  if (state.state !== 'offline') return [];
  const { code } = state.cause;
  if (code === 'proxy' || code === 'proxy_auth') return ['proxy', 'sync'];
  return SERVERS.has(code) ? ['sync', 'servers'] : ['sync'];
}
