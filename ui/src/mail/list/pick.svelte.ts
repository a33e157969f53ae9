//! Choosing stretches of the list that are longer than what is known of it: "select all", and Shift with a far row.

import { asApiError, host, type ApiError, type Filter, type Scope, type Sort } from '../../host';

/** What the agent takes in one action. */
export const MOST = 20_000;
const PAGE = 500;

export interface Stretch {
  scope: Scope;
  filter: Filter;
  sort: Sort;
  /** Offsets in the agent's list, both included. */
  from: number;
  to: number;
}

export class Pick {
  phase = $state<'none' | 'running' | 'done' | 'failed'>('none');
  done = $state(0);
  /** Mails of the stretch, chosen or not. */
  total = $state(0);
  /** All of the list was asked for. */
  all = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** Whose mails the chosen ones are: not all of them stand in the list. */
  accounts: ReadonlySet<number> = new Set();

  #run = 0;

  /** Whether more was wanted than can be chosen. */
  get short(): boolean {
    return this.total > MOST;
  }

  stop(): void {
    this.#run += 1;
    this.phase = 'none';
    this.accounts = new Set();
  }

  /** Asks for every mail of a stretch and hands them on as they come; what is handed on last is the whole. */
  async choose(stretch: Stretch, all: boolean, each: (ids: ReadonlySet<number>) => void): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    this.phase = 'running';
    this.done = 0;
    this.total = stretch.to - stretch.from + 1;
    this.all = all;
    this.error = null;
    const { scope, filter, sort } = stretch;
    try {
      /** Ids, and whose they are. */
      let found = new Map<number, number>();
      let length: number | undefined;
      for (let at = stretch.from; at <= stretch.to && found.size < MOST; at += PAGE) {
        const limit = Math.min(PAGE, stretch.to - at + 1, MOST - found.size);
        const page = await host.call('mail.list', { scope, filter, sort, offset: at, limit });
        if (run !== this.#run) return;
        // The list grew shorter meanwhile: mails slipped past the edge between two pages.
        if (length !== undefined && page.total < length) {
          found = new Map();
          at = stretch.from - PAGE;
          length = undefined;
          continue;
        }
        length = page.total;
        page.rows.forEach((row) => found.set(row.id, row.account));
        this.done = found.size;
        this.accounts = new Set(found.values());
        each(new Set(found.keys()));
        if (page.rows.length < limit) break;
      }
      if (all) this.total = length ?? this.total;
      this.phase = 'done';
    } catch (error) {
      if (run !== this.#run) return;
      this.error = asApiError(error);
      this.phase = 'failed';
    }
  }
}
