//! What is said and done about one account.

import { host, type AccountState, type Telling } from '../../host';
import { dayAndClock, daysBetween, clock } from '../../mail/days';
import { locale, maybe, t } from '../../words/words.svelte';

/** Its state in one sentence. */
export function stateWords(state: AccountState, nowMs: number): string {
  switch (state.state) {
    case 'connected':
      return t(`accounts.state.${state.watch}`);
    case 'offline':
      return t('accounts.state.offline', {
        why: maybe(`error.cause.${state.cause.code}.title`, state.cause.code),
        time: moment(state.retry_at * 1000, nowMs),
      });
    case 'sign_in_needed':
      return t('accounts.state.sign_in_needed', {
        why: maybe(`error.cause.${state.cause.code}.title`, state.cause.code),
      });
    default:
      return t(`accounts.state.${state.state}`);
  }
}

/** How bad the state is: for its colour. */
export function level(state: AccountState): 'good' | 'wait' | 'bad' {
  return state.state === 'connected' ? 'good' : state.state === 'sign_in_needed' ? 'bad' : 'wait';
}

/** A time of today by its clock, others with their day. */
export function moment(ms: number, nowMs: number): string {
  return daysBetween(ms, nowMs) === 0
    ? clock(ms, locale())
    : dayAndClock(ms, nowMs, locale(), { today: t('day.today'), yesterday: t('day.yesterday') });
}

/** Changes what is given. Throws an `ApiError`. */
export async function update(
  account: number,
  part: { name?: string; color?: string; telling?: Telling },
): Promise<void> {
  await host.call('accounts.update', {
    account,
    name: null,
    color: null,
    settings: null,
    credential: null,
    telling: null,
    ...part,
  });
}
