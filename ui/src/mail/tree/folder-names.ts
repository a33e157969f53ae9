//! What a folder is called.

import type { Folder } from '../../host';
import { t } from '../../words/words.svelte';

/** Folders with a role have the name of their role, whatever the server calls them. */
export function folderName(folder: Folder): string {
  switch (folder.role) {
    case 'none':
      return folder.name;
    default:
      return t(`role.${folder.role}`);
  }
}
