//! What may be dropped where in the rail, and what it does.

import type { Account, Action, Folder } from '../../host';
import type { Line } from './lines';
import { below, type Shape } from './tree';

export type Carried =
  /** `accounts` are those of the mails, as far as known; `from` is the folder that all of them lie in. */
  | { kind: 'mails'; ids: readonly number[]; accounts: ReadonlySet<number>; from: number | null }
  | { kind: 'folder'; folder: Folder }
  | { kind: 'account'; account: Account };

export type Verdict =
  | { kind: 'act'; action: Action; words: 'move' | 'delete' | 'archive' | 'junk' | 'star' }
  | { kind: 'nest'; parent: number | null; words: 'below' | 'top' }
  | { kind: 'favour'; words: 'favour' }
  | { kind: 'order'; after: boolean; words: 'before' | 'after' }
  | { kind: 'no'; words: 'other_account' | 'itself' | 'not_here' }
  /** Neither wrong nor of any use: nothing is said. */
  | { kind: 'nothing' };

const NOTHING: Verdict = { kind: 'nothing' };
const NOT_HERE: Verdict = { kind: 'no', words: 'not_here' };
const OTHER: Verdict = { kind: 'no', words: 'other_account' };

/** `lower`: the pointer is in the lower half of the line. */
export function verdict(carried: Carried, line: Line, shape: Shape, lower: boolean): Verdict {
  switch (carried.kind) {
    case 'mails':
      return line.kind === 'folder' || line.kind === 'favourite' ? forMails(carried, line.folder) : NOTHING;
    case 'folder':
      return forFolder(carried.folder, line, shape);
    case 'account':
      if (line.kind !== 'account' || line.account.id === carried.account.id) return NOTHING;
      return { kind: 'order', after: lower, words: lower ? 'after' : 'before' };
  }
}

function forMails(carried: Extract<Carried, { kind: 'mails' }>, folder: Folder): Verdict {
  if (folder.id === carried.from) return NOTHING;
  if (!folder.selectable) return NOT_HERE;
  if ([...carried.accounts].some((account) => account !== folder.account)) return OTHER;
  switch (folder.role) {
    case 'trash':
      return { kind: 'act', action: { kind: 'delete', confirmed: false }, words: 'delete' };
    case 'junk':
      return { kind: 'act', action: { kind: 'junk' }, words: 'junk' };
    case 'archive':
      return { kind: 'act', action: { kind: 'archive' }, words: 'archive' };
    case 'flagged':
      // Not a place but a view of mails with a star.
      return { kind: 'act', action: { kind: 'star' }, words: 'star' };
    default:
      return { kind: 'act', action: { kind: 'move', folder: folder.id }, words: 'move' };
  }
}

function forFolder(folder: Folder, line: Line, shape: Shape): Verdict {
  switch (line.kind) {
    case 'favourites':
    case 'favourite':
      return folder.favourite || !folder.selectable ? NOTHING : { kind: 'favour', words: 'favour' };
    case 'account':
      if (line.account.id !== folder.account) return OTHER;
      if (folder.role !== 'none' || folder.owner !== 'personal') return NOT_HERE;
      return folder.parent === null ? NOTHING : { kind: 'nest', parent: null, words: 'top' };
    case 'folder': {
      const over = line.folder;
      if (over.id === folder.id || over.id === folder.parent) return NOTHING;
      if (over.account !== folder.account) return OTHER;
      if (folder.role !== 'none' || !holds(over) || over.owner !== folder.owner) return NOT_HERE;
      if (below(folder.id, shape).includes(over.id)) return { kind: 'no', words: 'itself' };
      return { kind: 'nest', parent: over.id, words: 'below' };
    }
    default:
      return NOTHING;
  }
}

/** Whether other folders may be put below this one. */
export function holds(folder: Folder): boolean {
  return !['all', 'flagged', 'trash', 'junk', 'drafts'].includes(folder.role);
}
