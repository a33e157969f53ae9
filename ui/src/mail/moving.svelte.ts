//! Asking to which folder mails are to go. `moving.ask` opens the one picker of the window (`MoveMenu.svelte`).

import { agent } from '../agent/agent.svelte';
import type { Account, Folder, Owner, Role } from '../host';
import { locale } from '../words/words.svelte';
import { folderName } from './tree/folder-names';
import { mailbox } from './mailbox.svelte';
import { branches, type Branch } from './tree/tree';

/** Anything that has a place on the screen: an element, or a point. */
export interface Anchor {
  getBoundingClientRect(): DOMRect;
}

const OWNERS: Owner[] = ['personal', 'shared', 'other'];
/** Folders into which nobody puts a mail by hand. */
const NEVER: Role[] = ['all', 'flagged', 'drafts'];
const LAST_KEY = 'qiyou.moved-to';

class Moving {
  /** What is to be moved; the picker is open while there is something. */
  mails = $state.raw<number[] | null>(null);
  anchor = $state.raw<Anchor | null>(null);

  ask(mails: number[], anchor: Anchor): void {
    if (mails.length === 0) return;
    this.anchor = anchor;
    this.mails = mails;
  }

  close(): void {
    this.mails = null;
  }

  /** The account whose mails they are; nothing when they are of several. */
  get account(): Account | undefined {
    const ids = this.mails ?? [];
    const { folder, list, pick, reading } = mailbox;
    if (folder) return agent.byAccount.get(folder.account);
    const whose = new Set<number>();
    for (const id of ids) {
      const row = list.row(id) ?? (reading.id === id ? reading.mail?.row : undefined);
      if (row) whose.add(row.account);
      else pick.accounts.forEach((account) => whose.add(account));
    }
    const [only] = whose;
    return whose.size === 1 && only !== undefined ? agent.byAccount.get(only) : undefined;
  }

  /** Folders that can take them, in the order of the tree. Words are looked for in names and paths. */
  folders(account: number, words: string): Branch[] {
    const all = OWNERS.flatMap((owner) => branches(agent.folders, account, owner, new Set(), locale()));
    const wanted = words.trim().toLowerCase().split(/\s+/);
    const has = (folder: Folder) => {
      const text = `${folderName(folder)} ${folder.path}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    };
    return all.filter(
      ({ folder }) =>
        folder.selectable && !NEVER.includes(folder.role) && folder.id !== mailbox.folder?.id && has(folder),
    );
  }

  /** The folder that mails were moved to last: most often it is the next one, too. */
  get last(): number {
    return Number(localStorage.getItem(LAST_KEY));
  }

  to(folder: number): void {
    const { mails } = this;
    this.close();
    localStorage.setItem(LAST_KEY, String(folder));
    if (mails) void mailbox.move(folder, mails);
  }
}

export const moving = new Moving();
