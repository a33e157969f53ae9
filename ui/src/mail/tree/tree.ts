//! How folders are nested, and in which order they stand.

import type { Folder, Owner, Role } from '../../host';

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

/** Who holds whom, as numbers of folders. */
export interface Shape {
  /** The topmost folders of an account and an owner; see {@link root}. */
  roots: ReadonlyMap<string, readonly number[]>;
  children: ReadonlyMap<number, readonly number[]>;
}

/** Key of the topmost folders of one owner of an account. */
export function root(account: number, owner: Owner): string {
  return `${account}-${owner}`;
}

/** Nests and orders the folders of all accounts. */
export function shape(folders: readonly Folder[], locale: string): Shape {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const roots = new Map<string, Folder[]>();
  const children = new Map<number, Folder[]>();
  for (const folder of folders) {
    const parent = parentOf(folder, byId);
    const held = reaches(folder, byId);
    if (parent && held) push(children, parent.id, folder);
    else push(roots, root(folder.account, folder.owner), folder);
  }
  const collator = new Intl.Collator(locale, { numeric: true });
  const ordered = <K>(groups: Map<K, Folder[]>) =>
    new Map(
      [...groups].map(([key, group]) => [
        key,
        group
          .sort((a, b) => PLACE[a.role] - PLACE[b.role] || collator.compare(a.name, b.name))
          .map((folder) => folder.id),
      ]),
    );
  return { roots: ordered(roots), children: ordered(children) };
}

/** The folder that holds another; one of another account or owner, or one that is not there, holds nothing. */
export function parentOf(folder: Folder, byId: ReadonlyMap<number, Folder>): Folder | undefined {
  const parent = folder.parent === null ? undefined : byId.get(folder.parent);
  return parent && parent.account === folder.account && parent.owner === folder.owner ? parent : undefined;
}

/** Whether the way upwards ends; a circle of folders would be seen nowhere. */
function reaches(folder: Folder, byId: ReadonlyMap<number, Folder>): boolean {
  let above = parentOf(folder, byId);
  for (let steps = 0; above; steps += 1) {
    if (above === folder || steps > 100) return false;
    above = parentOf(above, byId);
  }
  return true;
}

function push<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}

/** Whether two states of the folders nest alike: then counts changed at most, and nothing has to be sorted. */
export function alike(a: readonly Folder[], b: readonly Folder[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return (
        one === other ||
        (other !== undefined &&
          one.id === other.id &&
          one.parent === other.parent &&
          one.name === other.name &&
          one.role === other.role &&
          one.owner === other.owner &&
          one.account === other.account)
      );
    })
  );
}

/** A folder in the order of the tree, and how deep it lies, from 1. */
export interface Branch {
  folder: Folder;
  level: number;
}

/** All folders of an account, each after the one that holds it; shared ones and those of others come last. */
export function branches(folders: readonly Folder[], account: number, locale: string): Branch[] {
  const own = folders.filter((folder) => folder.account === account);
  const byId = new Map(own.map((folder) => [folder.id, folder]));
  const { roots, children } = shape(own, locale);
  const out: Branch[] = [];
  const walk = (ids: readonly number[], level: number) => {
    for (const id of ids) {
      const folder = byId.get(id);
      if (!folder) continue;
      out.push({ folder, level });
      walk(children.get(id) ?? [], level + 1);
    }
  };
  for (const owner of ['personal', 'shared', 'other'] as const) walk(roots.get(root(account, owner)) ?? [], 1);
  return out;
}

/** A folder's own folders, theirs, and so on: each after the one that holds it. */
export function below(id: number, { children }: Shape): number[] {
  const out: number[] = [];
  const walk = (at: number) => {
    for (const child of children.get(at) ?? []) {
      out.push(child);
      walk(child);
    }
  };
  walk(id);
  return out;
}

/** The folders that a filter leaves: those that it fits, and those that hold them. */
export function kept(folders: readonly Folder[], fits: (folder: Folder) => boolean): ReadonlySet<number> {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const out = new Set<number>();
  for (const folder of folders) {
    if (!fits(folder)) continue;
    let each: Folder | undefined = folder;
    while (each && !out.has(each.id)) {
      out.add(each.id);
      each = parentOf(each, byId);
    }
  }
  return out;
}

/** The number beside a folder: drafts are counted, in other folders the unread ones. */
export function count(folder: Folder): number {
  if (folder.role === 'drafts') return folder.total;
  if (folder.role === 'sent' || folder.role === 'trash') return 0;
  return folder.unread;
}
