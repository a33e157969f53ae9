//! What is said where a list has no mails, and what helps.

import type { AccountState, Filter, Folder, Scope } from '../../host';
import type { Key } from '../../words/words.svelte';

export interface Emptiness {
  title: Key;
  hint: Key | null;
  /** The button: all mails of the folder, another try, watch it live, back to where one was. */
  help: 'show_all' | 'sync' | 'follow' | 'leave' | null;
}

interface List {
  scope: Scope['kind'];
  folder: Folder | undefined;
  filter: Filter;
  /** How the accounts of the list stand. */
  states: AccountState[];
}

export function emptiness({ scope, folder, filter, states }: List): Emptiness {
  if (folder && folder.synced < folder.total && states.some(({ state }) => state === 'offline'))
    return { title: 'list.empty.not_yet', hint: 'list.empty.offline_hint', help: 'sync' };
  if (folder && folder.synced < folder.total && states.some(({ state }) => state === 'sign_in_needed'))
    return { title: 'list.empty.not_yet', hint: 'list.empty.sign_in_hint', help: null };
  switch (filter) {
    case 'unread':
      return { title: 'list.empty.unread', hint: 'list.empty.unread_hint', help: 'show_all' };
    case 'starred':
      return { title: 'list.empty.starred', hint: 'list.empty.starred_hint', help: 'show_all' };
    case 'attachments':
      return { title: 'list.empty.attachments', hint: null, help: 'show_all' };
    case 'all':
      break;
  }
  if (scope === 'person') return { title: 'list.empty.person', hint: null, help: 'leave' };
  if (scope === 'unified') return { title: 'list.empty.inbox', hint: 'list.empty.inbox_hint', help: null };
  switch (folder?.role) {
    case 'inbox':
      return { title: 'list.empty.inbox', hint: 'list.empty.inbox_hint', help: null };
    case 'drafts':
      return { title: 'list.empty.drafts', hint: 'list.empty.drafts_hint', help: null };
    case 'sent':
      return { title: 'list.empty.sent', hint: 'list.empty.sent_hint', help: null };
    case 'archive':
      return { title: 'list.empty.archive', hint: 'list.empty.archive_hint', help: null };
    case 'junk':
      return { title: 'list.empty.junk', hint: 'list.empty.junk_hint', help: null };
    case 'trash':
      return { title: 'list.empty.trash', hint: 'list.empty.trash_hint', help: null };
    case 'flagged':
      return { title: 'list.empty.starred', hint: 'list.empty.starred_hint', help: null };
    case 'all':
      return { title: 'list.empty.inbox', hint: null, help: null };
    case 'none':
    case undefined:
      break;
  }
  // Where the server tells of one folder only, a folder that nobody follows is looked at once in a while.
  const late = folder && !folder.followed && states.some((each) => each.state === 'connected' && each.watch === 'idle');
  return late
    ? { title: 'list.empty', hint: 'list.empty.late_hint', help: 'follow' }
    : { title: 'list.empty', hint: 'list.empty.hint', help: null };
}
