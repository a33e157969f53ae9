//! Which folders are told of: the rows of the table.

import type { Account, Folder } from '../../host';
import { branches } from '../../mail/tree/tree';

export type Rule =
  { kind: 'account'; account: Account } | { kind: 'folder'; folder: Folder; name: string; level: number };

/**
 * Accounts and their folders in the order of the rail; with a query only the folders that fit it, by their whole path.
 * Folders that hold no mail are left out.
 */
export function rules(
  accounts: readonly Account[],
  folders: Folder[],
  query: string,
  nameOf: (folder: Folder) => string,
  locale: string,
): Rule[] {
  const wanted = query.normalize('NFKC').trim().toLowerCase();
  return accounts.flatMap((account): Rule[] => {
    const rows = branches(folders, account.id, locale)
      .filter(({ folder }) => folder.selectable)
      .filter(({ folder }) => wanted === '' || `${nameOf(folder)}\n${folder.path}`.toLowerCase().includes(wanted))
      .map(({ folder, level }): Rule => ({
        kind: 'folder',
        folder,
        // Out of its tree a folder needs its whole path.
        name: wanted === '' || folder.role !== 'none' ? nameOf(folder) : folder.path,
        level: wanted === '' ? level : 1,
      }));
    if (rows.length === 0) return [];
    return accounts.length > 1 ? [{ kind: 'account', account }, ...rows] : rows;
  });
}
