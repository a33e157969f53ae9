//! The rail as one list of lines: what is folded is left out, what is seen is in its order.

import type { Account, Folder, Owner } from '../../host';
import { root, type Shape } from './tree';

interface Place {
  key: string;
  /** 1 for the topmost. */
  level: number;
  /** Place among its siblings, from 1, and how many they are. */
  at: number;
  of: number;
  /** Nothing for a line that holds no others. */
  expanded?: boolean;
}

export type Line = Place &
  (
    | { kind: 'unified' }
    | { kind: 'favourites' }
    | { kind: 'favourite'; folder: Folder }
    | { kind: 'account'; account: Account }
    | { kind: 'owner'; owner: Owner; account: Account }
    /** `depth` is how far it is indented, from 0. */
    | { kind: 'folder'; folder: Folder; depth: number }
    /** Where the name of a new folder is typed. */
    | { kind: 'new'; account: number; depth: number }
  );

export interface Folded {
  folders: ReadonlySet<number>;
  accounts: ReadonlySet<number>;
  /** Headings that are no account: `favourites`, and owners as `1-shared`. */
  groups: ReadonlySet<string>;
}

export interface View {
  accounts: readonly Account[];
  byId: ReadonlyMap<number, Folder>;
  shape: Shape;
  folded: Folded;
  /** What a filter leaves; everything when absent. Nothing is folded meanwhile. */
  kept: ReadonlySet<number> | null;
  /** A folder that is being made. */
  making: { account: number; parent: number | null } | null;
}

const OWNERS: Owner[] = ['personal', 'shared', 'other'];

export function lines(view: View): Line[] {
  const out: Line[] = [];
  const top = new Set<Line>();
  const head = (line: Line) => {
    out.push(line);
    top.add(line);
  };
  if (!view.kept) {
    if (view.accounts.length > 1) head({ kind: 'unified', key: 'unified', level: 1, at: 0, of: 0 });
    favourites(view, head, out);
  }
  for (const account of view.accounts) {
    const inside = accountLines(view, account);
    if (view.kept && inside.length === 0) continue;
    const expanded = view.kept !== null || !view.folded.accounts.has(account.id);
    head({ kind: 'account', key: `a${account.id}`, level: 1, at: 0, of: 0, account, expanded });
    if (expanded) out.push(...inside);
  }
  number([...top]);
  return out;
}

function number(siblings: Line[]): void {
  siblings.forEach((line, i) => {
    line.at = i + 1;
    line.of = siblings.length;
  });
}

function favourites(view: View, head: (line: Line) => void, out: Line[]): void {
  const own = view.accounts.flatMap((account) =>
    [...view.byId.values()].filter((folder) => folder.favourite && folder.account === account.id),
  );
  if (own.length === 0) return;
  const expanded = !view.folded.groups.has('favourites');
  head({ kind: 'favourites', key: 'favourites', level: 1, at: 0, of: 0, expanded });
  if (!expanded) return;
  own.forEach((folder, i) => {
    out.push({ kind: 'favourite', key: `v${folder.id}`, level: 2, at: i + 1, of: own.length, folder });
  });
}

function accountLines(view: View, account: Account): Line[] {
  const out: Line[] = [];
  const first: Line[] = [];
  for (const owner of OWNERS) {
    const ids = shown(view, view.shape.roots.get(root(account.id, owner)));
    const making = owner === 'personal' && view.making?.account === account.id && view.making.parent === null;
    if (owner === 'personal') {
      const from = out.length;
      branches(view, ids, 2, 0, out);
      if (making) out.push(blank(account.id, 2, 0));
      first.push(...out.slice(from).filter((line) => line.level === 2));
    } else if (ids.length > 0) {
      const group = root(account.id, owner);
      const expanded = view.kept !== null || !view.folded.groups.has(group);
      const line: Line = { kind: 'owner', key: `o${group}`, level: 2, at: 0, of: 0, owner, account, expanded };
      out.push(line);
      first.push(line);
      if (expanded) {
        const from = out.length;
        branches(view, ids, 3, 0, out);
        number(out.slice(from).filter((each) => each.level === 3));
      }
    }
  }
  number(first);
  return out;
}

function shown(view: View, ids: readonly number[] = []): readonly number[] {
  const { kept } = view;
  return kept ? ids.filter((id) => kept.has(id)) : ids;
}

function blank(account: number, level: number, depth: number): Line {
  return { kind: 'new', key: 'new', level, at: 0, of: 0, account, depth };
}

function branches(view: View, ids: readonly number[], level: number, depth: number, out: Line[]): void {
  ids.forEach((id, i) => {
    const folder = view.byId.get(id);
    if (!folder) return;
    const inside = shown(view, view.shape.children.get(id));
    const making = view.making?.parent === id ? view.making : null;
    const open = making !== null || view.kept !== null || !view.folded.folders.has(id);
    const expanded = inside.length > 0 || making ? open : undefined;
    out.push({ kind: 'folder', key: `d${id}`, level, at: i + 1, of: ids.length, folder, depth, expanded });
    if (!expanded) return;
    // A new folder begins right below the one that it is made in, where one looks.
    if (making) out.push(blank(folder.account, level + 1, depth + 1));
    branches(view, inside, level + 1, depth + 1, out);
  });
}

/** The line that holds another. */
export function holder(all: readonly Line[], at: number): number {
  const level = all[at]?.level ?? 0;
  for (let i = at - 1; i >= 0; i -= 1) if ((all[i]?.level ?? 0) < level) return i;
  return -1;
}

/**
 * Where a key leads among the lines: the index of another line, or that this line is to be folded or unfolded.
 * Nothing for all other keys.
 */
export function move(all: readonly Line[], at: number, key: string, page: number): number | 'fold' | undefined {
  const last = all.length - 1;
  const line = all[at];
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, last);
    case 'ArrowUp':
      return Math.max(at - 1, 0);
    case 'PageDown':
      return Math.min(at + page, last);
    case 'PageUp':
      return Math.max(at - page, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'ArrowRight':
      if (line?.expanded === false) return 'fold';
      return line?.expanded ? Math.min(at + 1, last) : at;
    case 'ArrowLeft': {
      if (line?.expanded) return 'fold';
      const above = holder(all, at);
      return above < 0 ? at : above;
    }
    default:
      return undefined;
  }
}

/** The next line whose name begins with what was typed, from the one after `at` on, and around. */
export function typed(all: readonly Line[], at: number, fits: (line: Line) => boolean, again: boolean): number {
  const from = again ? at + 1 : at;
  for (let i = 0; i < all.length; i += 1) {
    const index = (from + i) % all.length;
    const line = all[index];
    if (line && fits(line)) return index;
  }
  return -1;
}
