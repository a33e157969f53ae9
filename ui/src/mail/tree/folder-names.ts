//! What the lines of the rail are called.

import type { Folder } from '../../host';
import { number, t, tn } from '../../words/words.svelte';
import type { Line } from './lines';
import { count } from './tree';

/** Folders with a role have the name of their role, whatever the server calls them. */
export function folderName(folder: Folder): string {
  switch (folder.role) {
    case 'none':
      return folder.name;
    default:
      return t(`role.${folder.role}`);
  }
}

export function lineName(line: Line): string {
  switch (line.kind) {
    case 'unified':
      return t('rail.unified');
    case 'favourites':
      return t('rail.favourites');
    case 'account':
      return line.account.name;
    case 'owner':
      return t(`folder.owner.${line.owner === 'shared' ? 'shared' : 'other'}`);
    case 'new':
      return '';
    case 'favourite':
    case 'folder':
      return folderName(line.folder);
  }
}

/** The number beside a folder, in words. */
export function countWords(folder: Folder): string {
  const shown = count(folder);
  if (shown === 0) return '';
  return folder.role === 'drafts' ? t('folder.total', { count: shown }) : tn('folder.unread_count', shown);
}

/** A count that does not push the name away. */
export function short(value: number): string {
  return value > 99_999 ? `${number(99_999)}+` : number(value);
}
