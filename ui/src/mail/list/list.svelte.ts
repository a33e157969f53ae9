//! The list that is shown: which part of it is known, what is asked for next, and how it follows the events.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host, type ApiError, type Event, type Filter, type Scope } from '../../host';
import { calm } from '../../host/queries';
import { Rows, WINDOW, type Slot } from './rows';

/** Rows that are known beyond either end of the view. */
const AROUND = 60;
/** The view must rest so long before rows are asked for: a dragged thumb flies over thousands. */
const REST_MS = 50;

export class MailList {
  scope = $state.raw<Scope | null>(null);
  filter = $state<Filter>('all');
  slots = $state.raw<Slot[]>([]);
  total = $state(0);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<ApiError | null>(null);
  /** New mails above the view. */
  newer = $state(0);
  /** True while rows were put in above the view, so that the view stays where it is. */
  shift = $state(false);

  #rows = new Rows('all');
  #generation = 0;
  #view = { from: 0, to: 0 };
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Taken out here already; the agent's event about them is no news. */
  #gone = new Set<number>();
  #again = calm(() => this.#refresh(), 400);

  /** Shows another list. */
  show(scope: Scope, filter: Filter): void {
    this.scope = scope;
    this.filter = filter;
    this.#rows = new Rows(filter);
    this.#generation += 1;
    this.#view = { from: 0, to: 0 };
    this.#gone.clear();
    this.newer = 0;
    this.shift = false;
    this.phase = 'loading';
    this.#publish();
    void this.#refresh();
  }

  /** Tells which rows are seen. */
  look(from: number, to: number): void {
    if (from === this.#view.from && to === this.#view.to) return;
    this.#view = { from, to };
    if (from === 0) this.newer = 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(), REST_MS);
  }

  /** Asks again after a failure, or when the list may be old. */
  reload(): void {
    this.#again();
  }

  /** Takes mails out at once, before the agent says so. */
  hide(ids: number[]): void {
    ids.forEach((id) => this.#gone.add(id));
    this.shift = false;
    this.#rows.remove(new Set(ids));
    this.#publish();
  }

  index(id: number): number {
    return this.#rows.index(id);
  }

  #publish(): void {
    this.slots = this.#rows.slots;
    this.total = this.#rows.total;
  }

  get #atTop(): boolean {
    return this.#view.from <= 0;
  }

  /** Asks anew for what is seen; everything else is forgotten. */
  async #refresh(): Promise<void> {
    const { scope, filter } = this;
    if (!scope) return;
    const generation = (this.#generation += 1);
    const offset = Math.max(0, this.#view.from - AROUND);
    const limit = Math.min(WINDOW, Math.max(100, this.#view.to - offset + AROUND));
    try {
      const page = await host.call('mail.list', { scope, filter, sort: 'newest', offset, limit });
      if (generation !== this.#generation) return;
      this.#gone.clear();
      this.#rows.reset(page.total);
      this.#rows.fill(page.offset, page.rows, page.total);
      this.shift = false;
      this.phase = 'ready';
      this.error = null;
      this.#publish();
      void this.#fetch();
    } catch (error) {
      if (generation !== this.#generation) return;
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
        const { scope, filter } = this;
        const generation = this.#generation;
        const { from, to } = this.#view;
        const gap = this.#rows.gap(from, to) ?? this.#rows.gap(from - AROUND, to + AROUND);
        if (!gap || !scope) break;
        const limit = Math.max(gap.limit, WINDOW / 2);
        const page = await host.call('mail.list', { scope, filter, sort: 'newest', offset: gap.offset, limit });
        if (generation !== this.#generation) continue;
        this.shift = false;
        this.error = null;
        // An answer that brings nothing new would be asked for without end.
        if (page.rows.length === 0 || !this.#rows.fill(page.offset, page.rows, page.total)) {
          this.#again();
          break;
        }
        this.#rows.trim((from + to) / 2);
        this.#publish();
      }
    } catch (error) {
      this.error = asApiError(error);
    } finally {
      this.#asking = false;
    }
  }

  #holds(folder: number): boolean {
    if (this.scope?.kind === 'folder') return this.scope.folder === folder;
    return this.scope?.kind === 'unified' && agent.byFolder.get(folder)?.role === 'inbox';
  }

  hear(event: Event): void {
    switch (event.kind) {
      case 'mail_arrived': {
        if (!this.#holds(event.folder)) return;
        const added =
          this.phase === 'ready' && event.rows.length === event.count ? this.#rows.arrive(event.rows) : undefined;
        if (added === undefined) return this.#again();
        this.#generation += 1;
        this.shift = !this.#atTop && added > 0;
        if (!this.#atTop) this.newer += added;
        this.#publish();
        return;
      }
      case 'mail_changed': {
        const rows = event.rows.filter((row) => this.#holds(row.folder));
        if (rows.length === 0) return;
        if (!this.#rows.change(rows)) this.#again();
        this.#publish();
        return;
      }
      case 'mail_removed': {
        if (!this.#holds(event.folder)) return;
        const ids = new Set(event.mails.filter((id) => !this.#gone.delete(id)));
        if (ids.size === 0) return;
        if (this.#rows.remove(ids) < ids.size) this.#again();
        this.#generation += 1;
        this.shift = false;
        this.#publish();
        return;
      }
      case 'list_changed':
        if (this.#holds(event.folder)) this.#again();
        return;
      case 'overflow':
        this.#again();
        return;
    }
  }
}
