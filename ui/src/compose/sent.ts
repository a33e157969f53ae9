//! Says that a mail is on its way, with a button that takes it back.

import { host, type OutboxEntry } from '../host';
import { undoing } from '../mail/undo.svelte';
import { toasts } from '../shell/toasts.svelte';
import { t } from '../words/words.svelte';

/** Seconds of waiting from which on a mail counts as put off. */
export const PUT_OFF = 40;

export function withdraw(entry: OutboxEntry): Promise<unknown> {
  return host.call('outbox.act', { id: entry.id, decision: 'withdraw' });
}

/** `reopen` shows its draft again once it was taken back. */
export function sayOnItsWay(entry: OutboxEntry, reopen: () => Promise<void>): void {
  const wait = entry.due - entry.created;
  const back = async (): Promise<string> => {
    await withdraw(entry);
    await reopen();
    return t('compose.taken_back');
  };
  const stays = Math.min(30, Math.max(wait, 4)) * 1000;
  toasts.show(t(wait > PUT_OFF ? 'compose.scheduled' : 'compose.sending'), wait > 0 ? undoing.add(back) : null, stays);
}
