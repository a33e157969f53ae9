//! Getting around: rows, mails, panes.

import { agent } from '../../agent/agent.svelte';
import { composing } from '../../compose/composing.svelte';
import { asApiError, host } from '../../host';
import { mailbox } from '../../mail/mailbox.svelte';
import { openNextUnread } from '../../mail/next-unread';
import { layout } from '../../shell/layout.svelte';
import { toasts } from '../../shell/toasts.svelte';
import { explain } from '../../words/words.svelte';
import { cyclePanes, focusPane } from '../panes';
import type { Deed } from './deed';

const rows = () => mailbox.list.length > 0;

function step(by: () => number, extend = false): Deed {
  return { can: rows, run: () => mailbox.step(by(), extend) };
}

/** Whether a mail of the list is one that is still being written. */
function isDraft(mail: number): boolean {
  const row = mailbox.list.row(mail);
  return row !== undefined && agent.byFolder.get(row.folder)?.role === 'drafts';
}

async function openWindow(): Promise<void> {
  const mail = mailbox.cursor ?? mailbox.reading.id;
  if (mail === null) return;
  if (isDraft(mail)) return composing.goOn(mail);
  try {
    await host.openMail(mail);
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}

export const navigation = {
  next: step(() => 1),
  previous: step(() => -1),
  next_unread: { run: openNextUnread },
  extend_next: step(() => 1, true),
  extend_previous: step(() => -1, true),
  first: step(() => -mailbox.list.length),
  last: step(() => mailbox.list.length),
  page_down: step(() => mailbox.list.page),
  page_up: step(() => -mailbox.list.page),
  open: {
    can: () => mailbox.cursor !== null,
    run: () => {
      if (mailbox.cursor === null) return;
      if (isDraft(mailbox.cursor)) return composing.goOn(mailbox.cursor);
      mailbox.select(mailbox.cursor);
      layout.toMail();
    },
  },
  open_window: { can: () => mailbox.cursor !== null || mailbox.reading.id !== null, run: openWindow },
  back: {
    run: () => {
      if (layout.drawer) layout.drawer = false;
      else mailbox.back();
    },
  },
  next_pane: { run: () => cyclePanes(1) },
  previous_pane: { run: () => cyclePanes(-1) },
  focus_tree: { run: () => focusPane('tree') },
  focus_list: { run: () => focusPane('list') },
  focus_mail: { run: () => focusPane('mail') },
} satisfies Record<string, Deed>;
