//! Going to folders, and what is done with them.

import { agent } from '../../agent/agent.svelte';
import type { Folder, Role } from '../../host';
import { folderEdit } from '../../mail/tree/folder-edit.svelte';
import { mailbox } from '../../mail/mailbox.svelte';
import { markAllRead } from '../../mail/mark-all-read';
import { focusedFolder, focusPane } from '../panes';
import { palette } from '../palette.svelte';
import type { Deed } from './deed';

/** The folder that is meant: the one that the keyboard stands on, or the one that is shown. */
function meant(): Folder | undefined {
  const focused = focusedFolder();
  return focused === undefined ? mailbox.folder : agent.byFolder.get(focused);
}

/** The folder of a role, of the account that is shown if it has one. */
function ofRole(role: Role): Folder | undefined {
  const all = agent.folders.filter((folder) => folder.role === role && folder.selectable);
  const accounts = [mailbox.folder?.account, ...agent.accounts.map((account) => account.id)];
  for (const account of accounts) {
    const found = all.find((folder) => folder.account === account);
    if (found) return found;
  }
  return undefined;
}

/** Shows a folder and goes on in its list. */
export function goTo(folder: number): Promise<void> {
  mailbox.show({ kind: 'folder', folder });
  return focusPane('list');
}

function go(role: Role): Deed {
  return {
    can: () => ofRole(role) !== undefined,
    on: () => mailbox.folder?.role === role,
    run: () => {
      const folder = ofRole(role);
      return folder && goTo(folder.id);
    },
  };
}

const unified = () => mailbox.list.scope?.kind === 'unified';

function goStarred(): Promise<void> {
  const inbox = ofRole('inbox');
  if (agent.accounts.length > 1) mailbox.show({ kind: 'unified' }, 'starred');
  else if (inbox) mailbox.show({ kind: 'folder', folder: inbox.id }, 'starred');
  return focusPane('list');
}

/** The folders that "all" means. */
function all(): Folder[] {
  const focused = focusedFolder();
  if (focused === undefined && unified()) return agent.folders.filter((folder) => folder.role === 'inbox');
  const folder = meant();
  return folder ? [folder] : [];
}

export const folders = {
  go_folder: { run: () => palette.show('go_folder') },
  go_inbox: go('inbox'),
  go_unified: {
    can: () => agent.accounts.length > 1,
    on: unified,
    run: () => {
      mailbox.show({ kind: 'unified' });
      return focusPane('list');
    },
  },
  go_starred: { can: () => ofRole('inbox') !== undefined, run: goStarred },
  go_drafts: go('drafts'),
  go_sent: go('sent'),
  go_archive: go('archive'),
  mark_all_read: {
    can: () => all().some((folder) => folder.unread > 0),
    run: () => markAllRead(all().filter((folder) => folder.unread > 0)),
  },
  new_folder: {
    can: () => agent.accounts.length > 0,
    run: () => {
      const here = meant();
      const account = here?.account ?? agent.accounts[0]?.id;
      // Inside a folder of one's own, beside the folders that have a role.
      const parent = here?.role === 'none' ? here : null;
      if (account !== undefined) folderEdit.begin({ kind: 'new', account, parent });
    },
  },
  rename_folder: {
    can: () => meant()?.role === 'none',
    run: () => {
      const folder = meant();
      if (folder) folderEdit.begin({ kind: 'rename', folder });
    },
  },
} satisfies Record<string, Deed>;
