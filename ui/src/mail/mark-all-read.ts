//! Marks all mails of folders read; several folders are one action to the person, and are taken back as one.

import { asApiError, host, type Folder } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, tn } from '../words/words.svelte';
import { undoing } from './undo.svelte';

export async function markAllRead(folders: readonly Folder[]): Promise<void> {
  try {
    const all = await Promise.all(folders.map((folder) => host.call('mail.mark_all_read', { folder: folder.id })));
    const undo = all.map((done) => done.undo);
    undoing.did('mark_read', ...undo);
    const newest = undo.filter((id) => id !== null).at(-1) ?? null;
    toasts.show(
      tn(
        'toast.marked_read',
        all.reduce((sum, done) => sum + done.count, 0),
      ),
      newest,
    );
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}
