//! The mail side of the window: folder, list, selection, opened mail, and what is done with them.

import { agent } from '../agent/agent.svelte';
import { asApiError, host, type Action, type Event, type Filter, type MailRow, type Scope, type Sort } from '../host';
import { layout } from '../shell/layout.svelte';
import { toasts } from '../shell/toasts.svelte';
import { explain, t, tn, type CountKey } from '../words/words.svelte';
import { MailList } from './list/list.svelte';
import { Pick } from './list/pick.svelte';
import { Reading } from './read/reading.svelte';
import { keepPlace, keptPlace } from './kept-place';
import { undoing } from './undo.svelte';

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
  /** The choosing of more mails than are known here. */
  readonly pick = new Pick();
  /** The mails that an action is about. */
  selected = $state.raw<ReadonlySet<number>>(new Set());
  /** Where the keyboard stands in the list. */
  cursor = $state<number | null>(null);
  /** The mail of the list that is pointed at. */
  hovered = $state<number | null>(null);
  /** Mails are being picked one by one: every row shows its box. */
  picking = $state(false);
  /** Mails that would be deleted for ever and wait for a yes. */
  doomed = $state.raw<number[] | null>(null);
  /** Asks the list to bring a row into view. */
  reveal = $state.raw<{ index: number } | null>(null);
  /** The mail that this window was opened for alone; there is no list then. */
  alone = $state<number | null>(null);

  #anchor: number | null = null;
  /** A row that the keyboard went to before it was known. */
  #landing: number | null = null;
  /** Where one was before the mails with a person were shown. */
  #former: { scope: Scope; filter: Filter; mail: number | null } | null = null;

  readonly folder = $derived(
    this.list.scope?.kind === 'folder' ? agent.byFolder.get(this.list.scope.folder) : undefined,
  );

  /** On the way back to a mail: a page that ends now shall find it again. */
  #returning = $state(false);

  /**
   * Starts with the mail that the window was opened for, or where one was when it ended, or with the inbox. Resolves when
   * there is something to see.
   */
  async start(mail: number | null): Promise<void> {
    agent.on((event) => this.#hear(event));
    const there = mail !== null ? this.goTo(mail) : this.#comeBack();
    if (!there) this.home();
    $effect.root(() => {
      $effect(() => {
        if (this.list.scope && !this.#returning) keepPlace(this.list.scope, this.reading.id);
      });
    });
    await (there ?? this.list.arrived);
  }

  /** Goes where one was; nothing when there is no such place any more. */
  #comeBack(): Promise<void> | undefined {
    const kept = keptPlace();
    if (!kept) return undefined;
    const { scope, mail } = kept;
    const there =
      scope.kind === 'folder' ? agent.byFolder.get(scope.folder)?.selectable === true : agent.accounts.length > 1;
    if (!there) return undefined;
    this.show(scope);
    return mail === null ? this.list.arrived : this.#comeBackTo(scope, mail);
  }

  /** Opens the mail that was open, unless it is gone or somebody was quicker. It is no more read than it was before. */
  async #comeBackTo(scope: Scope, mail: number): Promise<void> {
    const { generation } = this.list;
    this.#returning = true;
    try {
      await this.list.arrived;
      if (!this.list.row(mail)) {
        const { row } = await host.call('mail.get', { mail });
        if (scope.kind === 'folder' && row.folder !== scope.folder) return;
      }
      if (generation !== this.list.generation || this.reading.id !== null) return;
      this.select(mail);
      this.reading.settled = true;
      await this.#revealMail(mail);
    } catch {
      // It is no more: the list alone is where one was.
    } finally {
      this.#returning = false;
    }
  }

  /** Shows one mail and no list. Where the desk sends the person goes to the main window. */
  startAlone(mail: number): void {
    this.alone = mail;
    this.reading.open(mail);
    agent.on((event) => {
      this.reading.hear(event);
      undoing.hear(event);
      if (event.kind === 'operation_failed') toasts.fail(explain(event.error));
    });
  }

  /** The first list worth showing. */
  home(): void {
    if (agent.accounts.length > 1) return this.show({ kind: 'unified' });
    const inbox =
      agent.folders.find((folder) => folder.role === 'inbox') ?? agent.folders.find((folder) => folder.selectable);
    if (inbox) this.show({ kind: 'folder', folder: inbox.id });
  }

  show(scope: Scope, filter: Filter = 'all'): void {
    const { list } = this;
    if (scope.kind !== 'person') this.#former = null;
    else if (list.scope && list.scope.kind !== 'person')
      this.#former = { scope: list.scope, filter: list.filter, mail: this.cursor };
    layout.toList();
    this.#clear();
    this.list.show(scope, filter);
  }

  /** Back from the mails with a person to where one was. */
  leavePerson(): void {
    const former = this.#former;
    if (!former) return this.home();
    this.show(former.scope, former.filter);
    if (former.mail === null) return;
    this.select(former.mail);
    void this.#revealMail(former.mail);
  }

  /** Puts the list in another order; what is open stays open. */
  order(sort: Sort): void {
    if (sort === this.list.sort) return;
    this.list.order(sort);
    this.pick.stop();
    this.list.need(this.cursor, this.#anchor);
    if (this.cursor !== null) void this.#revealMail(this.cursor);
  }

  /** Brings a mail of the list into view, wherever it stands. */
  async #revealMail(mail: number): Promise<void> {
    const { scope, filter, sort, generation } = this.list;
    if (!scope) return;
    const known = this.list.index(mail);
    if (known >= 0) return void (this.reveal = { index: known });
    try {
      const { offset } = await host.call('mail.locate', { mail, scope, filter, sort });
      if (offset !== null && generation === this.list.generation) this.reveal = { index: offset };
    } catch {
      // The list says by itself what is wrong with it.
    }
  }

  #clear(): void {
    this.selected = new Set();
    this.picking = false;
    this.pick.stop();
    this.#stand(null, null);
    this.reading.close();
  }

  /** Where the keyboard stands, and from where Shift chooses. */
  #stand(cursor: number | null, anchor: number | null): void {
    this.cursor = cursor;
    this.#anchor = anchor;
    this.#landing = null;
    this.list.need(cursor, anchor);
  }

  /** Opens a mail wherever it lies. */
  async goTo(id: number): Promise<void> {
    try {
      const mail = await host.call('mail.get', { mail: id });
      const scope: Scope = { kind: 'folder', folder: mail.row.folder };
      const here =
        this.list.scope?.kind === 'folder' && this.list.scope.folder === mail.row.folder && this.list.filter === 'all';
      if (!here) this.show(scope);
      this.select(id);
      await this.#revealMail(id);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      if (!this.list.scope) this.home();
    }
  }

  /** Chooses one mail and opens it. */
  select(id: number, resting = false): void {
    this.selected = new Set([id]);
    this.picking = false;
    this.pick.stop();
    this.#stand(id, id);
    this.#open(id, resting);
  }

  #open(id: number, resting: boolean): void {
    this.reading.open(id, resting ? REST_MS : 0, this.list.row(id));
  }

  /** The opened mail was before somebody's eyes long enough. */
  markSeen(): void {
    const row = this.reading.mail?.row;
    if (!row || row.id !== this.reading.id || this.reading.settled) return;
    this.reading.settled = true;
    if (row.unread) void this.act({ kind: 'mark_read' }, [row.id], true);
  }

  /** Puts a mail to the chosen ones, or takes it from them. */
  toggle(id: number): void {
    const next = new Set(this.selected);
    if (!next.delete(id)) next.add(id);
    this.pick.stop();
    this.picking = next.size > 0;
    this.#stand(id, id);
    this.#choose(next);
  }

  /** Chooses all from the anchor to a row; what is not known here is asked for. */
  extend(index: number): void {
    const { list } = this;
    const row = list.at(index);
    if (!row) return;
    const anchor = this.#anchor === null ? index : list.index(this.#anchor);
    const [from, to] = anchor < 0 ? [index, index] : [Math.min(anchor, index), Math.max(anchor, index)];
    this.#stand(row.id, this.#anchor ?? row.id);
    const known = list.between(from, to);
    this.#choose(new Set(known.map(({ id }) => id)));
    if (known.length > to - from) this.pick.stop();
    else this.#chooseFar(from, to, false);
  }

  selectAll(): void {
    const { list } = this;
    if (list.length === 0) return;
    this.picking = true;
    const known = list.between(0, list.length - 1);
    this.#choose(new Set(known.map(({ id }) => id)));
    if (known.length === list.length) this.pick.stop();
    else this.#chooseFar(0, list.length - 1, true);
  }

  /** Lets go of all chosen mails. */
  unpick(): void {
    this.#clear();
  }

  #chooseFar(from: number, to: number, all: boolean): void {
    const { list } = this;
    const { scope, filter, sort } = list;
    if (!scope) return;
    const stretch = { scope, filter, sort, from: list.offset(from), to: list.offset(to) };
    void this.pick.choose(stretch, all, (ids) => this.#choose(ids));
  }

  #choose(next: ReadonlySet<number>): void {
    this.selected = next;
    const [only] = next;
    if (next.size === 1 && only !== undefined) this.#open(only, true);
    else this.reading.close();
  }

  /** Moves by rows. */
  step(by: number, extend: boolean): void {
    const { list } = this;
    if (list.length === 0) return;
    const at = this.#landing ?? (this.cursor === null ? -1 : list.index(this.cursor));
    const index = Math.max(0, Math.min(list.length - 1, at + by));
    this.reveal = { index };
    const land = (id: number) => (extend ? this.extend(index) : this.select(id, true));
    const row = list.at(index);
    if (row) return land(row.id);
    this.#landing = index;
    list.load(index).then(
      (late) => late && this.#landing === index && land(late.id),
      () => undefined,
    );
  }

  /** Closes what is open, the farthest first. */
  back(): void {
    if (this.alone !== null) return host.window.close();
    if (this.selected.size > 1 && this.cursor !== null) return this.select(this.cursor);
    if (layout.single && layout.pane === 'mail') layout.toList();
    else if (this.selected.size > 0 || this.reading.id !== null) this.#clear();
    else if (this.list.scope?.kind === 'person') this.leavePerson();
  }

  /** What is known of a mail: as it is open, or as the list has it. */
  row(id: number): MailRow | undefined {
    const opened = this.reading.mail?.row;
    return opened?.id === id ? opened : this.list.row(id);
  }

  /** The chosen mails, or the opened one. */
  get targets(): number[] {
    if (this.selected.size > 0) return [...this.selected];
    return this.reading.id === null ? [] : [this.reading.id];
  }

  get allStarred(): boolean {
    return this.targets.every((id) => this.row(id)?.starred === true);
  }

  /** Archives or deletes mails, and opens the next one where the chosen ones go. */
  async putAway(
    kind: 'archive' | 'delete' | 'junk' | 'not_junk',
    confirmed = false,
    which = this.targets,
  ): Promise<void> {
    const ids = this.doomed && confirmed ? this.doomed : which;
    if (ids.length === 0) return;
    const inTrash = ids.every((id) => agent.byFolder.get(this.row(id)?.folder ?? -1)?.role === 'trash');
    const forEver = kind === 'delete' && (confirmed || inTrash);
    if (forEver && !confirmed) {
      this.doomed = ids;
      return;
    }
    this.doomed = null;
    await this.#away(kind === 'delete' ? { kind, confirmed: forEver } : { kind }, ids);
  }

  /** Moves mails to a folder of their account. */
  async move(folder: number, which: number[] = this.targets): Promise<void> {
    const ids = which.filter((id) => this.row(id)?.folder !== folder);
    if (ids.length > 0) await this.#away({ kind: 'move', folder }, ids);
  }

  async #away(action: Action, ids: number[]): Promise<void> {
    const going = new Set(ids);
    const open = [...this.selected, this.reading.id].some((id) => id !== null && going.has(id));
    const next = this.list.beside(going);
    this.list.hide(ids);
    if (open && (next === null || layout.single)) {
      this.#clear();
      layout.toList();
    } else if (open && next !== null) this.select(next, true);
    await this.act(action, ids);
    // A mail with a person stays one wherever it goes.
    if (this.list.scope?.kind === 'person') this.list.reload();
  }

  /** Does something with mails and says so where it can be taken back; `byItself`: nobody asked for it. */
  async act(action: Action, ids: number[] = this.targets, byItself = false): Promise<void> {
    if (ids.length === 0) return;
    // What is marked unread by hand stays so, however long it is open.
    const { id } = this.reading;
    if (action.kind === 'mark_unread' && id !== null && ids.includes(id)) this.reading.settled = true;
    try {
      const [done] = await undoing.follow(
        [host.call('mail.act', { mails: ids, action })],
        byItself ? null : action.kind,
      );
      const key = action.kind === 'delete' && action.confirmed ? 'toast.deleted_for_ever' : TOLD[action.kind];
      if (key && done) toasts.show(tn(key, done.count), done.undo);
    } catch (error) {
      const refused = asApiError(error);
      // Where there is no trash, deleting is for ever: that is asked first.
      if (refused.code === 'confirmation_needed') this.doomed = ids;
      else {
        // A mail cannot go to a folder of another account; nothing else of such a request can be wrong.
        const elsewhere = action.kind === 'move' && refused.code === 'bad_request';
        toasts.fail(elsewhere ? t('drop.other_account') : explain(refused));
      }
      this.list.reload();
      if (this.alone !== null) this.reading.open(this.alone);
    }
  }

  star(): void {
    void this.act({ kind: this.allStarred ? 'unstar' : 'star' });
  }

  /** Takes back one action, or the newest. */
  async undo(id: number | null = null): Promise<void> {
    await undoing.back(id);
    this.list.reload();
    if (this.alone !== null) this.reading.open(this.alone);
  }

  #hear(event: Event): void {
    this.list.hear(event);
    this.reading.hear(event);
    undoing.hear(event);
    switch (event.kind) {
      case 'open':
        if (event.mail !== null) void this.goTo(event.mail);
        return;
      case 'mail_removed': {
        const gone = new Set(event.mails);
        if (![...this.selected].some((id) => gone.has(id))) return;
        if (this.list.scope?.kind === 'folder' && this.list.scope.folder !== event.folder) return;
        // What is read stays before the eyes; the pane says where it went.
        const left = new Set([...this.selected].filter((id) => !gone.has(id)));
        if (this.reading.id === null) this.#choose(left);
        else this.selected = left;
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
