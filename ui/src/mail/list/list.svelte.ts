//! The list that is shown: which part of it is known, what is asked for next, and how it follows the events.

import { agent } from '../../agent/agent.svelte';
import {
  asApiError,
  host,
  type ApiError,
  type Event,
  type Filter,
  type MailRow,
  type Page,
  type Scope,
  type Sort,
} from '../../host';
import { calm } from '../../host/queries';
import { dayStarts } from './headings';
import { byDate, concerns, SORTS } from './order';
import { Rows, WINDOW, type Slot } from './rows';

/** Rows that are known beyond either end of the view. */
const AROUND = 60;
/** The view must rest so long before rows are asked for: a dragged thumb flies over thousands. */
const REST_MS = 50;
/** New mails are told of so long where they slid in unasked. */
const TOLD_MS = 4000;
const SORT_KEY = 'qiyou.sort';

function remembered(): Sort {
  const kept = localStorage.getItem(SORT_KEY);
  return SORTS.find((sort) => sort === kept) ?? 'newest';
}

export class MailList {
  scope = $state.raw<Scope | null>(null);
  filter = $state<Filter>('all');
  sort = $state<Sort>(remembered());
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<ApiError | null>(null);
  /** New mails above the view. */
  newer = $state(0);
  /** New mails that came in at the top a moment ago. */
  came = $state(0);
  /** Rows that one view holds, for the keys that go by pages. */
  page = 8;
  /** What comes at the top must not push the rest away now: a menu is open, a row is dragged. */
  held = false;

  /** A row and where it stood in the view when the list went out of sight; the view comes back to it. */
  left: { id: number; y: number } | null = null;
  /** Resolves when the list that was begun last has its first rows, or cannot have them. */
  arrived: Promise<void> = Promise.resolve();
  /** Counts up when it is another list. */
  generation = $state(0);
  /** Counts up with every change of the rows. */
  #version = $state(0);
  #rows = new Rows('all');
  #asked = 0;
  #view = { from: 0, to: 0, atTop: true };
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told: ReturnType<typeof setTimeout> | undefined;
  /** Taken out here already; the agent's event about them is no news. */
  #gone = new Set<number>();
  /** Mails that must stay known, wherever the view goes. */
  #needed: ReadonlySet<number> = new Set();
  #again = calm(() => this.#refresh(), 400);
  /** For what may concern the list, but most probably does not. */
  #someTime = calm(() => this.#refresh(), 5000);

  /** Rows of the list, known or not. */
  get length(): number {
    void this.#version;
    return this.#rows.length;
  }

  /** Mails of the list as the agent counts them. */
  get total(): number {
    void this.#version;
    return this.#rows.total;
  }

  at(index: number): Slot {
    void this.#version;
    return this.#rows.at(index);
  }

  /** Index of a mail that is known here, or -1. */
  index(id: number): number {
    void this.#version;
    return this.#rows.index(id);
  }

  /** A mail that is known here. */
  row(id: number): Slot {
    const index = this.index(id);
    return index < 0 ? undefined : this.#rows.at(index);
  }

  /** The known rows next to a mail: the one below, then the one above. */
  besides(id: number): MailRow[] {
    const at = this.index(id);
    return at < 0 ? [] : [this.at(at + 1), this.at(at - 1)].filter((row) => row !== undefined);
  }

  /** The known rows among `from..=to`. */
  between(from: number, to: number): MailRow[] {
    void this.#version;
    return this.#rows.between(from, to);
  }

  /** What somebody is called in the known rows. */
  nameOf(address: string): string {
    const wanted = address.toLowerCase();
    for (const row of this.between(0, this.length))
      for (const each of [row.from, ...row.to])
        if (each.name !== '' && each.address.toLowerCase() === wanted) return each.name;
    return '';
  }

  /** Indices of the rows above which a day begins. */
  readonly days = $derived.by(() => {
    void this.#version;
    return byDate(this.sort) ? dayStarts(this.#rows.stretches) : [];
  });

  /** Where a row stands in the agent's list, which does not count mails that only stay in sight. */
  offset(index: number): number {
    return this.#rows.offset(index);
  }

  /** The mail that takes the place of those that go. */
  beside(going: ReadonlySet<number>): number | null {
    return this.#rows.beside(going);
  }

  /** Shows another list. */
  show(scope: Scope, filter: Filter): void {
    this.scope = scope;
    this.filter = filter;
    this.#begin();
  }

  /** Shows the same list in another order; remembered. */
  order(sort: Sort): void {
    this.sort = sort;
    localStorage.setItem(SORT_KEY, sort);
    this.#begin();
  }

  #begin(): void {
    this.#rows = new Rows(this.filter, this.sort);
    this.generation += 1;
    this.#view = { from: 0, to: 0, atTop: true };
    this.#gone.clear();
    this.#needed = new Set();
    this.left = null;
    this.newer = 0;
    this.came = 0;
    this.phase = 'loading';
    this.error = null;
    this.#publish();
    this.arrived = this.#refresh();
  }

  /** Tells which rows are seen. */
  look(from: number, to: number, atTop: boolean): void {
    if (atTop && this.newer > 0) this.newer = 0;
    this.#view.atTop = atTop;
    if (from === this.#view.from && to === this.#view.to) return;
    this.#view = { from, to, atTop };
    this.page = Math.max(1, to - from - 1);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(), REST_MS);
  }

  /** Keeps mails known although they are far from the view. */
  need(...ids: (number | null)[]): void {
    this.#needed = new Set(ids.filter((id) => id !== null));
  }

  /** Asks again after a failure, or when the list may be old. */
  reload(): void {
    if (this.phase === 'failed') this.phase = 'loading';
    this.#again();
  }

  /** Takes mails out at once, before the agent says so. */
  hide(ids: number[]): void {
    ids.forEach((id) => this.#gone.add(id));
    this.#rows.remove(new Set(ids));
    this.#publish();
  }

  #publish(): void {
    this.#version += 1;
  }

  /** A window of this list. Nothing when it is another list by the time of the answer. */
  async #page(offset: number, limit: number): Promise<Page | undefined> {
    const { scope, filter, sort } = this;
    if (!scope) return undefined;
    const asked = this.#asked;
    const page = await host.call('mail.list', { scope, filter, sort, offset, limit });
    return asked === this.#asked ? page : undefined;
  }

  /** Asks anew for what is seen; everything else is forgotten. */
  async #refresh(): Promise<void> {
    this.#asked += 1;
    const offset = this.#rows.offset(Math.max(0, this.#view.from - AROUND));
    const limit = Math.min(WINDOW, Math.max(100, this.#view.to - offset + AROUND));
    const needed = [...this.#needed].filter((id) => this.#rows.index(id) >= 0);
    const { generation } = this;
    try {
      const page = await this.#page(offset, limit);
      if (generation !== this.generation) return;
      // Something came meanwhile: the answer may be from before it.
      if (!page) return this.#again();
      this.#gone.clear();
      this.#rows.reset(page.total);
      this.#rows.fill(page.offset, page.rows, page.total);
      this.phase = 'ready';
      this.error = null;
      this.#publish();
      void this.#fetch();
      for (const id of needed) await this.find(id);
    } catch (error) {
      if (generation !== this.generation) return;
      this.error = asApiError(error);
      if (this.phase !== 'ready') this.phase = 'failed';
    }
  }

  /** Fills what is seen and its surroundings; one request at a time, the seen rows first. */
  async #fetch(): Promise<void> {
    if (this.#asking || !this.scope || this.phase !== 'ready') return;
    this.#asking = true;
    try {
      for (;;) {
        const { from, to } = this.#view;
        const gap = this.#rows.gap(from, to) ?? this.#rows.gap(from - AROUND, to + AROUND);
        if (!gap) break;
        const page = await this.#page(gap.offset, Math.max(gap.limit, WINDOW / 2));
        if (!page) continue;
        this.error = null;
        // An answer that brings nothing new would be asked for without end.
        if (page.rows.length === 0 || !this.#rows.fill(page.offset, page.rows, page.total)) {
          this.#again();
          break;
        }
        this.#rows.trim((from + to) / 2, this.#needed);
        this.#publish();
      }
    } catch (error) {
      this.error = asApiError(error);
    } finally {
      this.#asking = false;
    }
  }

  /** The row at an index, asked for if it is not known. */
  async load(index: number): Promise<Slot> {
    const known = this.at(index);
    if (known) return known;
    const first = Math.max(0, Math.min(index - AROUND, this.#rows.length - 2 * AROUND));
    await this.#fillIn(() => this.#rows.offset(first), 2 * AROUND);
    return this.#rows.at(index);
  }

  /** Where a mail stands, asked for if it is not known; -1 when it is not in the list. */
  async find(id: number): Promise<number> {
    const known = this.#rows.index(id);
    const { scope, filter, sort } = this;
    if (known >= 0 || !scope) return known;
    const asked = this.#asked;
    const { offset } = await host.call('mail.locate', { mail: id, scope, filter, sort });
    if (offset === null || asked !== this.#asked) return -1;
    await this.#fillIn(() => offset, 1);
    return this.#rows.index(id);
  }

  async #fillIn(offset: () => number, limit: number): Promise<void> {
    const { generation } = this;
    // What comes meanwhile makes an answer void; a few times are enough for any storm.
    for (let tries = 0; tries < 5 && generation === this.generation; tries += 1) {
      const page = await this.#page(offset(), limit);
      if (!page) continue;
      if (!this.#rows.fill(page.offset, page.rows, page.total)) return this.#again();
      this.#publish();
      return;
    }
  }

  /** Whether a folder's mails may stand in this list. */
  holds(folder: number): boolean {
    const role = agent.byFolder.get(folder)?.role;
    switch (this.scope?.kind) {
      case 'folder':
        return this.scope.folder === folder;
      case 'unified':
        return role === 'inbox';
      case 'person':
        return role !== 'junk' && role !== 'trash';
      case undefined:
        return false;
    }
  }

  #arrived(rows: MailRow[], count: number): void {
    const { scope } = this;
    const ours = scope?.kind === 'person' ? rows.filter((row) => concerns(row, scope.address)) : rows;
    // A row says only the first of its recipients.
    if (scope?.kind === 'person' && ours.length < count) this.#someTime();
    if (ours.length === 0 && scope?.kind === 'person') return;
    const whole = rows.length === count && this.phase === 'ready';
    const { from } = this.#view;
    const places = whole ? this.#rows.arrive(ours) : undefined;
    if (!places) {
      if (this.sort === 'newest' && this.phase === 'ready' && !this.#view.atTop) this.newer += count;
      return this.#again();
    }
    this.#asked += 1;
    let first = from;
    for (const place of places) if (place <= first) first += 1;
    const above = first - from;
    if (!this.#view.atTop || this.held) this.newer += above;
    else if (above > 0) this.#tell(above);
    this.#publish();
    // The question that this made void is asked again.
    void this.#fetch();
  }

  /** Says for a moment how many came in at the top. */
  #tell(count: number): void {
    this.came += count;
    clearTimeout(this.#told);
    this.#told = setTimeout(() => (this.came = 0), TOLD_MS);
  }

  hear(event: Event): void {
    switch (event.kind) {
      case 'mail_arrived':
        if (this.holds(event.folder)) this.#arrived(event.rows, event.count);
        return;
      case 'mail_changed': {
        const { scope } = this;
        const rows = event.rows.filter(
          (row) => this.holds(row.folder) && (scope?.kind !== 'person' || concerns(row, scope.address)),
        );
        if (rows.length === 0) return;
        if (!this.#rows.change(rows)) this.#again();
        this.#publish();
        return;
      }
      case 'mail_removed': {
        if (!this.holds(event.folder)) return;
        const ids = new Set(event.mails.filter((id) => !this.#gone.delete(id)));
        if (ids.size === 0) return;
        if (this.#rows.remove(ids) < ids.size && this.scope?.kind !== 'person') this.#again();
        this.#asked += 1;
        this.#publish();
        void this.#fetch();
        return;
      }
      case 'list_changed':
        if (this.holds(event.folder)) this.#again();
        return;
      case 'overflow':
        this.#again();
        return;
    }
  }
}
