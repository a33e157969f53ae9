//! What is being done with a folder itself: made, renamed, deleted, told of differently.

import { asApiError, host, type Folder, type FolderUpdateParams } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain, tn } from '../../words/words.svelte';

type Edit =
  | { kind: 'new'; account: number; parent: Folder | null }
  | { kind: 'rename'; folder: Folder }
  | { kind: 'delete'; folder: Folder };

class FolderEdit {
  now = $state.raw<Edit | null>(null);
  error = $state<string | null>(null);
  busy = $state(false);

  begin(edit: Edit): void {
    this.now = edit;
    this.error = null;
  }

  close(): void {
    this.now = null;
  }

  async finish(name: string): Promise<void> {
    const edit = this.now;
    if (!edit || this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      if (edit.kind === 'new')
        await host.call('folders.create', { account: edit.account, parent: edit.parent?.id ?? null, name });
      else if (edit.kind === 'rename')
        await host.call('folders.rename', { folder: edit.folder.id, name, parent: edit.folder.parent });
      else await host.call('folders.delete', { folder: edit.folder.id });
      this.close();
    } catch (error) {
      this.error = explain(asApiError(error));
      if (edit.kind === 'delete') {
        this.close();
        toasts.fail(this.error);
      }
    } finally {
      this.busy = false;
    }
  }

  async update(folder: Folder, change: Partial<FolderUpdateParams>): Promise<void> {
    try {
      await host.call('folders.update', {
        folder: folder.id,
        subscribed: null,
        followed: null,
        telling: null,
        favourite: null,
        ...change,
      });
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  async markAllRead(folder: Folder): Promise<void> {
    try {
      const done = await host.call('mail.mark_all_read', { folder: folder.id });
      toasts.show(tn('toast.marked_read', done.count), done.undo);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }
}

export const folderEdit = new FolderEdit();
