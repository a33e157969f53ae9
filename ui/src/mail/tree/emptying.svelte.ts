//! A folder is emptied: page by page its mails are asked for, and deleted in a few large steps.

import { host, asApiError, type Folder } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain, t, tn } from '../../words/words.svelte';
import { undoing } from '../undo.svelte';
import { folderName } from './folder-names';

/** The agent gives no more rows at a time. */
const PAGE = 500;
/** The agent takes no more mails at a time. */
const STEP = 20_000;

class Emptying {
  /** The folders that are being emptied. */
  busy = $state.raw<ReadonlySet<number>>(new Set());

  /** Deletes what the folder holds now: from the trash for ever, from elsewhere into the trash. */
  async run(folder: Folder): Promise<void> {
    if (this.busy.has(folder.id)) return;
    this.busy = new Set(this.busy).add(folder.id);
    const name = folderName(folder);
    let done = 0;
    const undo: number[] = [];
    try {
      // What comes in meanwhile was not asked about.
      const total = folder.synced;
      while (done < total) {
        toasts.show(t('folder.empty.progress', { name, done, total }));
        const mails = await oldest(folder, Math.min(STEP, total - done));
        if (mails.length === 0) break;
        const step = await host.call('mail.act', { mails, action: { kind: 'delete', confirmed: true } });
        if (step.count === 0) break;
        done += step.count;
        if (step.undo !== null) undo.push(step.undo);
      }
      // Many steps are one thing to whoever takes it back.
      undoing.keep(undo, 'delete');
      const words = tn(folder.role === 'trash' ? 'toast.deleted_for_ever' : 'toast.deleted', done);
      toasts.show(words, undo.at(-1) ?? null);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    } finally {
      const busy = new Set(this.busy);
      busy.delete(folder.id);
      this.busy = busy;
    }
  }
}

/** The oldest mails of a folder, at most so many: what comes in meanwhile stands behind them. */
async function oldest(folder: Folder, most: number): Promise<number[]> {
  const ids = new Set<number>();
  for (let known = -1; ids.size < most && ids.size > known;) {
    known = ids.size;
    const page = await host.call('mail.list', {
      scope: { kind: 'folder', folder: folder.id },
      filter: 'all',
      sort: 'oldest',
      offset: known,
      limit: Math.min(PAGE, most - known),
    });
    page.rows.forEach((row) => ids.add(row.id));
  }
  return [...ids];
}

export const emptying = new Emptying();
