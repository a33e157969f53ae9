//! What is done with mails.

import { agent } from '../../agent/agent.svelte';
import type { MailRow, Role } from '../../host';
import { mailbox } from '../../mail/mailbox.svelte';
import { managedBy } from '../../settings/managed.svelte';
import { toasts } from '../../shell/toasts.svelte';
import { t } from '../../words/words.svelte';
import { palette } from '../palette.svelte';
import { provided } from '../provided.svelte';
import type { Deed } from './deed';

const some = () => mailbox.targets.length > 0;

/** The chosen mails, as far as their rows are known. */
function rows(): MailRow[] {
  const { targets, list, reading } = mailbox;
  const wanted = new Set(targets);
  const known = list.between(0, list.length).filter((row) => wanted.has(row.id));
  if (known.length > 0) return known;
  return reading.mail && wanted.has(reading.mail.row.id) ? [reading.mail.row] : [];
}

const role = (row: MailRow): Role => agent.byFolder.get(row.folder)?.role ?? 'none';

/** Whether some of the chosen mails lie elsewhere than in such folders. */
const outside = (...kept: Role[]) => rows().some((row) => !kept.includes(role(row)));

/** In the trash, and where there is none, deleting is for ever. */
function dooms(): boolean {
  const trashless = (account: number) =>
    !agent.folders.some((folder) => folder.account === account && folder.role === 'trash');
  return some() && rows().every((row) => role(row) === 'trash' || trashless(row.account));
}

/** Mails can only move within their account; whoever presses the key for others learns why nothing happens. */
function move(): void {
  if (new Set(rows().map((row) => row.account)).size > 1) toasts.fail(t('palette.move.several'));
  else palette.show('move');
}

function toggleRead(): void {
  const unread = rows().some((row) => row.unread);
  void mailbox.act({ kind: unread ? 'mark_read' : 'mark_unread' });
}

function showPictures(): void {
  const offered = provided('show_pictures');
  if (offered) offered();
  else mailbox.reading.pictures(true);
}

function picturesMissing(): boolean {
  if (provided('show_pictures')) return true;
  const { body, remote } = mailbox.reading;
  return !remote && managedBy('pictures') === null && body?.state === 'ready' && body.remote_pictures > 0;
}

export const mail = {
  archive: { can: () => outside('archive', 'drafts'), run: () => mailbox.putAway('archive') },
  delete: { can: some, run: () => mailbox.putAway('delete') },
  delete_for_ever: { can: dooms, run: () => mailbox.putAway('delete') },
  move: { can: some, run: move },
  junk: { can: () => outside('junk', 'sent', 'drafts', 'trash'), run: () => mailbox.putAway('junk') },
  not_junk: {
    can: () => some() && rows().every((row) => role(row) === 'junk'),
    run: () => mailbox.putAway('not_junk'),
  },
  toggle_read: { can: some, run: toggleRead },
  mark_read: { can: some, run: () => mailbox.act({ kind: 'mark_read' }) },
  mark_unread: { can: some, run: () => mailbox.act({ kind: 'mark_unread' }) },
  star: { can: some, on: () => some() && mailbox.allStarred, run: () => mailbox.star() },
  select: {
    can: () => mailbox.cursor !== null,
    run: () => {
      if (mailbox.cursor !== null) mailbox.toggle(mailbox.cursor);
    },
  },
  select_all: { can: () => mailbox.list.length > 0, run: () => mailbox.selectAll() },
  undo: { run: () => mailbox.undo() },
  show_pictures: { can: picturesMissing, run: showPictures },
  find: { can: () => provided('find') !== undefined, run: () => provided('find')?.() },
  view_source: { can: () => provided('view_source') !== undefined, run: () => provided('view_source')?.() },
  print: { can: () => provided('print') !== undefined, run: () => provided('print')?.() },
} satisfies Record<string, Deed>;
