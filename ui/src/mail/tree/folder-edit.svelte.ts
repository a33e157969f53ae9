//! What is being done with a folder itself: made, renamed, moved, deleted, told of differently.
//!
//! The server has the last word on folders, and may take its time: a new name is shown at once, and the field for it
//! comes back with a reason when it was refused.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host, type ApiError, type Folder, type FolderUpdateParams } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain, t, tn } from '../../words/words.svelte';
import { layout } from '../../shell/layout.svelte';
import { ask } from './ask.svelte';
import { folderName } from './folder-names';
import { folds } from './folds.svelte';
import { undoing } from '../undo.svelte';
import { parentOf } from './tree';

type Begun =
  | { kind: 'new'; account: number; parent: Folder | null }
  | { kind: 'rename'; folder: Folder }
  | { kind: 'delete'; folder: Folder };
type Edit =
  | { kind: 'new'; account: number; parent: Folder | null; name: string }
  | { kind: 'rename'; folder: Folder; name: string };

class FolderEdit {
  /** The name that is being typed. */
  now = $state.raw<Edit | null>(null);
  error = $state<string | null>(null);
  /** New names of folders on their way to the server. */
  names = $state.raw<ReadonlyMap<number, string>>(new Map());
  /** Folders that the server is busy with. */
  busy = $state.raw<ReadonlySet<number>>(new Set());
  /** A folder on its way into being. */
  coming = $state.raw<{ account: number; parent: number | null; name: string } | null>(null);

  /** Where a folder is being made. */
  readonly making = $derived.by(() => {
    if (this.now?.kind === 'new') return { account: this.now.account, parent: this.now.parent?.id ?? null };
    // The new folder may be told of before the answer comes.
    return this.coming && !taken(this.coming.account, this.coming.parent, this.coming.name) ? this.coming : null;
  });

  /** Opens a field for a name in the tree, which is brought into view for it; or asks before a folder is deleted. */
  begin(what: Begun): void {
    if (what.kind !== 'new' && !renamable(what.folder)) return;
    if (what.kind === 'delete') {
      ask.question = what;
      return;
    }
    this.now = { ...what, name: what.kind === 'rename' ? what.folder.name : '' };
    this.error = null;
    layout.drawer = layout.small;
    const account = what.kind === 'new' ? what.account : what.folder.account;
    if (folds.accounts.has(account)) folds.account(account);
    folds.open(above(what.kind === 'new' ? what.parent : (agent.byFolder.get(what.folder.parent ?? -1) ?? null)));
  }

  close(): void {
    this.now = null;
    this.error = null;
  }

  /** Takes the typed name; an empty or unchanged one changes nothing. */
  finish(typed: string): void {
    const edit = this.now;
    const name = typed.trim();
    if (!edit) return;
    if (name === '' || (edit.kind === 'rename' && name === edit.folder.name)) return this.close();
    const [account, parent, id] =
      edit.kind === 'new'
        ? [edit.account, edit.parent?.id ?? null, undefined]
        : [edit.folder.account, edit.folder.parent, edit.folder.id];
    if (taken(account, parent, name, id)) {
      this.error = explain({ code: 'folder_exists', args: {}, cause: null });
      return;
    }
    this.close();
    if (edit.kind === 'new') void this.#create(edit, name);
    else void this.#rename(edit, name);
  }

  async #create(edit: Extract<Edit, { kind: 'new' }>, name: string): Promise<void> {
    const parent = edit.parent?.id ?? null;
    this.coming = { account: edit.account, parent, name };
    try {
      await host.call('folders.create', { account: edit.account, parent, name });
    } catch (error) {
      this.#back({ ...edit, name }, asApiError(error));
    } finally {
      this.coming = null;
    }
  }

  async #rename(edit: Extract<Edit, { kind: 'rename' }>, name: string): Promise<void> {
    const { folder } = edit;
    try {
      const renamed = await this.#named(folder, name);
      const words = t('folder.renamed', { name: folderName(folder), to: name });
      toasts.show(
        words,
        undoing.add(() => this.#named(renamed, folder.name).then(undone)),
      );
    } catch (error) {
      this.#back({ ...edit, name }, asApiError(error));
    }
  }

  /** Gives a folder another name, which is shown at once. */
  async #named(folder: Folder, name: string): Promise<Folder> {
    this.names = new Map(this.names).set(folder.id, name);
    try {
      return await this.#placed(folder, name, agent.byFolder.get(folder.id)?.parent ?? folder.parent);
    } finally {
      const names = new Map(this.names);
      names.delete(folder.id);
      this.names = names;
    }
  }

  #placed(folder: Folder, name: string, parent: number | null): Promise<Folder> {
    return this.#work(folder, () => host.call('folders.rename', { folder: folder.id, name, parent }));
  }

  /** Shows the field again with what was typed, unless something else is typed by now. */
  #back(edit: Edit, error: ApiError): void {
    if (this.now) return toasts.fail(explain(error));
    this.now = edit;
    this.error = explain(error);
  }

  async #work<T>(folder: Folder, work: () => Promise<T>): Promise<T> {
    this.busy = new Set(this.busy).add(folder.id);
    try {
      return await work();
    } finally {
      const busy = new Set(this.busy);
      busy.delete(folder.id);
      this.busy = busy;
    }
  }

  /** Puts a folder below another one, or on top of its account. */
  async move(folder: Folder, parent: number | null): Promise<void> {
    const above = parent === null ? undefined : agent.byFolder.get(parent);
    try {
      const moved = await this.#placed(folder, folder.name, parent);
      const words = t('folder.moved', { name: folderName(folder), to: above ? folderName(above) : t('folder.top') });
      const back = () => this.#placed(moved, agent.byFolder.get(moved.id)?.name ?? moved.name, folder.parent);
      toasts.show(
        words,
        undoing.add(() => back().then(undone)),
      );
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** Deletes folders, the innermost first: a server keeps, or refuses, what still holds others. */
  async remove(folders: readonly Folder[]): Promise<void> {
    try {
      for (const folder of folders) {
        // A node that held folders only goes with the last of them.
        if (!folder.selectable && !agent.byFolder.has(folder.id)) continue;
        await this.#work(folder, () => host.call('folders.delete', { folder: folder.id }));
      }
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
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
}

const undone = () => tn('toast.undone', 1);

/** Folders with a role are found by it on every server: their names and places stay. */
export function renamable(folder: Folder): boolean {
  return folder.role === 'none';
}

/** A folder and those that hold it. */
function above(folder: Folder | null): number[] {
  const out: number[] = [];
  for (let each = folder; each && out.length < 100; each = parentOf(each, agent.byFolder) ?? null) out.push(each.id);
  return out;
}

function taken(account: number, parent: number | null, name: string, self?: number): boolean {
  return agent.folders.some(
    (each) => each.account === account && each.parent === parent && each.name === name && each.id !== self,
  );
}

export const folderEdit = new FolderEdit();
