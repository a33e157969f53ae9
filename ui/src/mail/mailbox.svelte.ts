//! The mail side of the window: folder, list, selection, opened mail, and what is done with them.

import { agent } from '../agent/agent.svelte';
import { asApiError, host, type Action, type Event, type Filter, type Scope } from '../host';
import { layout } from '../shell/layout.svelte';
import { toasts } from '../shell/toasts.svelte';
import { explain, t, tn, type CountKey } from '../words/words.svelte';
import { MailList } from './list.svelte';
import { Reading } from './reading.svelte';

/** A mail counts as read when it was open so long. */
const READ_MS = 500;
/** Arrow keys held down open only where they rest. */
const REST_MS = 90;

const TOLD: Partial<Record<Action['kind'], CountKey>> = {
  archive: 'toast.archived',
  delete: 'toast.deleted',
  junk: 'toast.junk',
  not_junk: 'toast.not_junk',
  move: 'toast.moved',
};

class Mailbox {
  readonly list = new MailList();
  readonly reading = new Reading();
  /** The mails that an action is about. */
  selected = $state.raw<ReadonlySet<number>>(new Set());
  /** Where the keyboard stands in the list. */
  cursor = $state<number | null>(null);
  /** Mails that would be deleted for ever and wait for a yes. */
  doomed = $state.raw<number[] | null>(null);
  /** Asks the list to bring a row into view. */
  reveal = $state.raw<{ index: number } | null>(null);

  #anchor: number | null = null;
  /** The newest action that was told of: what is read meanwhile must not be taken back before it. */
  #undo: number | null = null;
  #read: ReturnType<typeof setTimeout> | undefined;

  readonly folder = $derived(
    this.list.scope?.kind === 'folder' ? agent.byFolder.get(this.list.scope.folder) : undefined,
  );

  /** Starts with the inbox, or with the mail that the window was opened for. */
  start(mail: number | null): void {
    agent.on((event) => this.#hear(event));
    if (mail === null) this.home();
    else void this.goTo(mail);
  }

  /** The first list worth showing. */
  home(): void {
    if (agent.accounts.length > 1) return this.show({ kind: 'unified' });
    const inbox =
      agent.folders.find((folder) => folder.role === 'inbox') ?? agent.folders.find((folder) => folder.selectable);
    if (inbox) this.show({ kind: 'folder', folder: inbox.id });
  }

  show(scope: Scope, filter: Filter = 'all'): void {
    layout.toList();
    this.#clear();
    this.list.show(scope, filter);
  }

  #clear(): void {
    clearTimeout(this.#read);
    this.selected = new Set();
    this.cursor = null;
    this.#anchor = null;
    this.reading.close();
  }

  /** Opens a mail wherever it lies. */
  async goTo(id: number): Promise<void> {
    try {
      const mail = await host.call('mail.get', { mail: id });
      const scope: Scope = { kind: 'folder', folder: mail.row.folder };
      const { offset } = await host.call('mail.locate', { mail: id, scope, filter: 'all', sort: 'newest' });
      const here =
        this.list.scope?.kind === 'folder' && this.list.scope.folder === mail.row.folder && this.list.filter === 'all';
      if (!here) this.show(scope);
      this.select(id);
      if (offset !== null) this.reveal = { index: offset };
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      if (!this.list.scope) this.home();
    }
  }

  /** Chooses one mail and opens it. */
  select(id: number, resting = false): void {
    this.selected = new Set([id]);
    this.cursor = id;
    this.#anchor = id;
    this.#open(id, resting);
  }

  #open(id: number, resting: boolean): void {
    clearTimeout(this.#read);
    this.reading.open(id, resting ? REST_MS : 0);
    this.#read = setTimeout(() => this.#markOpened(id), READ_MS);
  }

  /** The opened mail counts as read once the window is in front. */
  #markOpened(id: number): void {
    const row = this.list.slots[this.list.index(id)] ?? this.reading.mail?.row;
    if (this.reading.id !== id || row?.id !== id || !row.unread) return;
    if (document.hasFocus()) void this.act({ kind: 'mark_read' }, [id]);
    else window.addEventListener('focus', () => this.#markOpened(id), { once: true });
  }

  /** Puts a mail to the chosen ones, or takes it from them. */
  toggle(id: number): void {
    const next = new Set(this.selected);
    if (!next.delete(id)) next.add(id);
    this.cursor = id;
    this.#anchor = id;
    this.#choose(next);
  }

  /** Chooses all from the anchor to a row, as far as they are known. */
  extend(index: number): void {
    const { slots } = this.list;
    const row = slots[index];
    if (!row) return;
    const anchor = this.#anchor === null ? index : this.list.index(this.#anchor);
    const [from, to] = anchor < 0 ? [index, index] : [Math.min(anchor, index), Math.max(anchor, index)];
    this.cursor = row.id;
    this.#choose(new Set(slots.slice(from, to + 1).flatMap((each) => (each ? [each.id] : []))));
  }

  selectAll(): void {
    this.#choose(new Set(this.list.slots.flatMap((row) => (row ? [row.id] : []))));
  }

  #choose(next: ReadonlySet<number>): void {
    this.selected = next;
    clearTimeout(this.#read);
    const [only] = next;
    if (next.size === 1 && only !== undefined) this.#open(only, true);
    else this.reading.close();
  }

  /** Moves by rows. */
  step(by: number, extend: boolean): void {
    const { slots } = this.list;
    if (slots.length === 0) return;
    const at = this.cursor === null ? -1 : this.list.index(this.cursor);
    const index = at < 0 ? 0 : Math.max(0, Math.min(slots.length - 1, at + by));
    const row = slots[index];
    this.reveal = { index };
    if (!row) return;
    if (extend) this.extend(index);
    else this.select(row.id, true);
  }

  /** Closes what is open, the farthest first. */
  back(): void {
    if (this.selected.size > 1 && this.cursor !== null) return this.select(this.cursor);
    if (layout.single) layout.toList();
    else this.#clear();
  }

  /** The chosen mails, or the opened one. */
  get targets(): number[] {
    if (this.selected.size > 0) return [...this.selected];
    return this.reading.id === null ? [] : [this.reading.id];
  }

  get allStarred(): boolean {
    return this.targets.every(
      (id) => (this.list.slots[this.list.index(id)] ?? this.reading.mail?.row)?.starred === true,
    );
  }

  /** Archives or deletes the chosen mails and opens the next one. */
  async putAway(kind: 'archive' | 'delete' | 'junk', confirmed = false): Promise<void> {
    const ids = this.doomed && confirmed ? this.doomed : this.targets;
    if (ids.length === 0) return;
    const forEver = kind === 'delete' && this.folder?.role === 'trash';
    if (forEver && !confirmed) {
      this.doomed = ids;
      return;
    }
    this.doomed = null;
    const next = this.#after(ids);
    this.list.hide(ids);
    if (next === null || layout.single) {
      this.#clear();
      layout.toList();
    } else this.select(next, true);
    await this.act(kind === 'delete' ? { kind, confirmed: forEver } : { kind }, ids);
  }

  /** The mail that takes the place of those that go. */
  #after(ids: number[]): number | null {
    const going = new Set(ids);
    const { slots } = this.list;
    const last = Math.max(...ids.map((id) => this.list.index(id)));
    for (let i = last + 1; i < slots.length; i += 1) {
      const row = slots[i];
      if (!row) break;
      if (!going.has(row.id)) return row.id;
    }
    for (let i = last; i >= 0; i -= 1) {
      const row = slots[i];
      if (row && !going.has(row.id)) return row.id;
    }
    return null;
  }

  /** Does something with mails and says so where it can be taken back. */
  async act(action: Action, ids: number[] = this.targets): Promise<void> {
    if (ids.length === 0) return;
    if (action.kind === 'mark_unread') clearTimeout(this.#read);
    try {
      const done = await host.call('mail.act', { mails: ids, action });
      const key = action.kind === 'delete' && action.confirmed ? 'toast.deleted_for_ever' : TOLD[action.kind];
      if (key) {
        toasts.show(tn(key, done.count), done.undo);
        this.#undo = done.undo;
      }
    } catch (error) {
      const refused = asApiError(error);
      // A mail cannot go to a folder of another account; nothing else of such a request can be wrong.
      const elsewhere = action.kind === 'move' && refused.code === 'bad_request';
      toasts.fail(elsewhere ? t('drop.other_account') : explain(refused));
      this.list.reload();
    }
  }

  star(): void {
    void this.act({ kind: this.allStarred ? 'unstar' : 'star' });
  }

  /** Takes back what the toast shows, or else the newest action. */
  async undo(): Promise<void> {
    const back = toasts.now?.back;
    if (back) {
      toasts.close();
      return back();
    }
    const undo = toasts.now?.undo ?? this.#undo;
    this.#undo = null;
    try {
      const done = await host.call('undo', { undo });
      toasts.show(tn('toast.undone', done.count));
      this.list.reload();
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  #hear(event: Event): void {
    this.list.hear(event);
    this.reading.hear(event);
    switch (event.kind) {
      case 'open':
        if (event.mail !== null) void this.goTo(event.mail);
        return;
      case 'mail_removed': {
        const gone = new Set(event.mails);
        if (![...this.selected].some((id) => gone.has(id))) return;
        if (this.list.scope?.kind === 'folder' && this.list.scope.folder !== event.folder) return;
        this.selected = new Set([...this.selected].filter((id) => !gone.has(id)));
        if (this.reading.id !== null && gone.has(this.reading.id)) this.reading.close();
        return;
      }
      case 'operation_failed':
        toasts.fail(explain(event.error));
        this.list.reload();
        return;
      case 'folders_changed':
      case 'account_removed':
        if (!this.list.scope || (this.list.scope.kind === 'folder' && !this.folder)) this.home();
        return;
    }
  }
}

export const mailbox = new Mailbox();
