//! Writing: new mails, answers, what is passed on.

import { agent } from '../../agent/agent.svelte';
import { composing } from '../../compose/composing.svelte';
import { contacts } from '../../contacts/contacts.svelte';
import { outbox } from '../../compose/outbox.svelte';
import type { DraftKind } from '../../host';
import { mailbox } from '../../mail/mailbox.svelte';
import type { Deed } from './deed';

/** The one mail that is meant: the opened one, or the only chosen one. */
function one(): number | null {
  const { targets, reading } = mailbox;
  return targets.length === 1 ? (targets[0] ?? null) : targets.length === 0 ? reading.id : null;
}

/** The account whose folder is shown. */
function here(): number | null {
  const { scope } = mailbox.list;
  return scope?.kind === 'folder' ? (agent.byFolder.get(scope.folder)?.account ?? null) : null;
}

function of(kind: DraftKind): Deed {
  return {
    can: () => one() !== null,
    run: () => {
      const mail = one();
      if (mail !== null) return composing.begin({ kind, mails: [mail] });
    },
  };
}

/** Several at once go on whole. */
const forward: Deed = {
  can: () => mailbox.targets.length > 0 || mailbox.reading.id !== null,
  run: () => {
    const mail = one();
    if (mail !== null) return composing.begin({ kind: 'forward', mails: [mail] });
    return composing.begin({ kind: 'forward_attached', mails: [...mailbox.targets].slice(0, 100) });
  },
};

export const writing = {
  write: {
    can: () => agent.accounts.length > 0,
    run: () => composing.begin({ kind: 'new', account: here() }),
  },
  reply: of('reply'),
  reply_all: of('reply_all'),
  forward,
  forward_attached: {
    ...forward,
    run: () => {
      const chosen = mailbox.targets.length > 0 ? [...mailbox.targets] : [mailbox.reading.id ?? 0];
      return composing.begin({ kind: 'forward_attached', mails: chosen.slice(0, 100) });
    },
  },
  edit_as_new: of('edit_as_new'),
  redirect: of('redirect'),
  contacts: { run: () => contacts.show() },
  outbox: { run: () => outbox.show() },
} satisfies Record<string, Deed>;
