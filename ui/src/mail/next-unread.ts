//! The way to the next mail that was not read.

import { asApiError, host, type MailRow, type Scope, type Sort } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, t } from '../words/words.svelte';
import { mailbox } from './mailbox.svelte';
import { byDate, standsBefore } from './list/order';
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

/** The first unread mail behind a row that the agent knows of, or else the first of all. */
async function far(scope: Scope, sort: Sort, now: MailRow | undefined): Promise<MailRow | undefined> {
  const ask = (offset: number, limit: number) =>
    host.call('mail.list', { scope, filter: 'unread', sort, offset, limit });
  const page = await ask(0, WINDOW);
  const others = page.rows.filter((row) => row.id !== now?.id);
  // Of the other orders a row does not tell its place.
  if (!now || !byDate(sort)) return others[0];
  const near = others.find((row) => standsBefore(now, row, sort));
  if (near || page.total <= page.rows.length) return near ?? others[0];
  // Thousands are unread above: their order is the list's, so that halving finds the place.
  let [from, to] = [page.rows.length, page.total];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [row] = (await ask(middle, 1)).rows;
    if (row && !standsBefore(now, row, sort)) from = middle + 1;
    else to = middle;
  }
  return (await ask(from, 1)).rows[0] ?? others[0];
}

/** Opens the next unread mail; begins anew at the top after the last one, and says so when there is none at all. */
export async function openNextUnread(): Promise<void> {
  const { list } = mailbox;
  const { scope, filter, sort } = list;
  if (!scope) return;
  try {
    const here = near();
    if (here) {
      mailbox.reveal = { index: list.index(here.id) };
      return mailbox.select(here.id);
    }
    const now = mailbox.cursor === null ? undefined : list.row(mailbox.cursor);
    const found = await far(scope, sort, now);
    if (!found) return toasts.show(t('unread.none'));
    const { offset } = await host.call('mail.locate', { mail: found.id, scope, filter, sort });
    if (offset !== null) mailbox.reveal = { index: offset };
    mailbox.select(found.id);
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}
