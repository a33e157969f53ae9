//! Folders as the rail shows them: in their order, nested, with what is folded left out.

import type { Folder, Owner, Role } from '../../host';

/** One line of the tree. */
export interface Branch {
  folder: Folder;
  /** 1 for the topmost. */
  level: number;
  /** Nothing for a folder without folders in it. */
  expanded: boolean | undefined;
}

/** Where folders of a role stand; those without one stand between. */
const PLACE: Record<Role, number> = {
  inbox: 0,
  flagged: 1,
  drafts: 2,
  sent: 3,
  archive: 4,
  all: 5,
  none: 6,
  junk: 7,
  trash: 8,
};

/** The folders of one owner of an account, in the order and depth in which they are shown. */
export function branches(
  folders: Folder[],
  account: number,
  owner: Owner,
  folded: ReadonlySet<number>,
  locale: string,
): Branch[] {
  const own = folders.filter((folder) => folder.account === account && folder.owner === owner);
  const ids = new Set(own.map((folder) => folder.id));
  const children = new Map<number | null, Folder[]>();
  for (const folder of own) {
    // A parent that is not there (or not this owner's) cannot hold it.
    const parent = folder.parent !== null && ids.has(folder.parent) ? folder.parent : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(folder);
    else children.set(parent, [folder]);
  }
  const collator = new Intl.Collator(locale, { numeric: true });
  const out: Branch[] = [];
  const seen = new Set<number>();
  const walk = (parent: number | null, level: number) => {
    const sorted = (children.get(parent) ?? []).sort(
      (a, b) => PLACE[a.role] - PLACE[b.role] || collator.compare(a.name, b.name),
    );
    for (const folder of sorted) {
      if (seen.has(folder.id)) continue;
      seen.add(folder.id);
      const full = children.has(folder.id);
      const expanded = full ? !folded.has(folder.id) : undefined;
      out.push({ folder, level, expanded });
      if (expanded) walk(folder.id, level + 1);
    }
  };
  walk(null, 1);
  return out;
}

/** The number beside a folder: drafts are counted, in other folders the unread ones. */
export function count(folder: Folder): number {
  if (folder.role === 'drafts') return folder.total;
  if (folder.role === 'sent' || folder.role === 'trash') return 0;
  return folder.unread;
}
