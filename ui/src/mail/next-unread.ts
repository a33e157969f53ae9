//! The way to the next mail that was not read.

import { asApiError, host, type MailRow } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, t } from '../words/words.svelte';
import { mailbox } from './mailbox.svelte';
import { WINDOW } from './list/rows';

/** Among the rows that are known from the cursor on without a gap. */
function near(): MailRow | undefined {
  const { list } = mailbox;
  const at = mailbox.cursor === null ? -1 : list.index(mailbox.cursor);
  for (let i = at + 1; i < list.length; i += 1) {
    const row = list.at(i);
    if (!row) return undefined;
    if (row.unread) return row;
  }
  return undefined;
}

/** Opens the next unread mail; begins anew at the top after the last one, and says so when there is none at all. */
export async function openNextUnread(): Promise<void> {
  const { list } = mailbox;
  const { scope, filter } = list;
  if (!scope) return;
  try {
    const here = near();
    if (here) {
      mailbox.reveal = { index: list.index(here.id) };
      return mailbox.select(here.id);
    }
    const now = mailbox.cursor === null ? undefined : list.row(mailbox.cursor);
    const page = await host.call('mail.list', { scope, filter: 'unread', sort: 'newest', offset: 0, limit: WINDOW });
    const others = page.rows.filter((row) => row.id !== now?.id);
    const after = now && others.find((row) => row.date < now.date || (row.date === now.date && row.id < now.id));
    const found = after ?? others[0];
    if (!found) return toasts.show(t('unread.none'));
    const { offset } = await host.call('mail.locate', { mail: found.id, scope, filter, sort: 'newest' });
    if (offset !== null) mailbox.reveal = { index: offset };
    mailbox.select(found.id);
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}
