//! Marks all mails of folders read; several folders are one action to the person, and are taken back as one.

import { asApiError, host, type Folder } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, tn } from '../words/words.svelte';
import { undoing } from './undo.svelte';

export async function markAllRead(folders: readonly Folder[]): Promise<void> {
  try {
    const requests = folders.map((folder) => host.call('mail.mark_all_read', { folder: folder.id }));
    const all = await undoing.follow(requests, 'mark_read');
    const count = all.reduce((sum, done) => sum + done.count, 0);
    toasts.show(tn('toast.marked_read', count), all.find(({ undo }) => undo !== null)?.undo ?? null);
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}
