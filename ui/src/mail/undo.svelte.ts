//! What can be taken back, newest first.
//!
//! The agent keeps the last 50 entries; here stands what they were, so that it can be said. What happened by itself, such
//! as a mail that counts as read because it was opened, is not taken back by a key: nobody would know what happened.

import { asApiError, host, type Action, type Done, type Event } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, t, tn } from '../words/words.svelte';

/** Entries that the agent keeps. */
const DEPTH = 50;

interface Entry {
  /** Numbers in the agent's stack; several where one command was several requests. */
  ids: number[];
  /** Nothing when somebody else did it: a bubble's button, another window. */
  what: Action['kind'] | null;
  /** Takes back what the agent keeps no entry of, and gives the words for that. */
  back?: () => Promise<string>;
}

class Undoing {
  #stack: Entry[] = [];
  #byItself = new Set<number>();
  /** The newest entry of the agent; nothing known before the first event. */
  #newest: number | null | undefined;
  /** The highest number seen: what is higher is new. */
  #seen = 0;
  /** Numbers of entries that are not the agent's; its own are positive. */
  #own = -1;
  #running = new Set<Promise<unknown>>();
  /** Keys may come faster than answers; they are served in their order. */
  #line: Promise<void> = Promise.resolve();

  /**
   * Follows requests until they can be taken back: together they are `what` a person did, or nothing when they happened
   * by themselves. A key that takes back waits for them.
   */
  async follow(requests: Promise<Done>[], what: Action['kind'] | null): Promise<Done[]> {
    const all = Promise.all(requests).then((done) => {
      this.keep(
        done.flatMap(({ undo }) => (undo === null ? [] : [undo])),
        what,
      );
      return done;
    });
    this.#running.add(all);
    try {
      return await all;
    } finally {
      this.#running.delete(all);
    }
  }

  /** Keeps entries of the agent as the one thing that a person did, or that happened by itself. */
  keep(ids: number[], what: Action['kind'] | null): void {
    if (ids.length === 0) return;
    this.#forget(new Set(ids));
    if (what) this.#stack = [...this.#stack, { ids, what }].slice(-DEPTH);
    else ids.forEach((id) => this.#byItself.add(id));
    this.#seen = Math.max(this.#seen, ...ids);
  }

  /** Keeps what the agent has no entry of; the number by which it can be taken back. */
  add(back: () => Promise<string>): number {
    const id = this.#own;
    this.#own -= 1;
    this.#stack = [...this.#stack, { ids: [id], what: null, back }].slice(-DEPTH);
    return id;
  }

  #forget(ids: ReadonlySet<number>): void {
    this.#stack = this.#stack.filter((entry) => !entry.ids.some((id) => ids.has(id)));
  }

  hear(event: Event): void {
    if (event.kind !== 'undo_changed') return;
    const newest = event.undo;
    this.#newest = newest;
    if (newest === null) return;
    // The event comes before the answer that says what it was.
    if (newest > this.#seen) this.#stack = [...this.#stack, { ids: [newest], what: null }].slice(-DEPTH);
    else this.#stack = this.#stack.filter((entry) => entry.ids.every((id) => id <= newest));
    this.#seen = Math.max(this.#seen, newest);
  }

  /** Takes back one entry, or the newest; says what it was, that nothing is left, or why it could not be. */
  back(id: number | null = null): Promise<void> {
    this.#line = this.#line.then(() => this.#back(id));
    return this.#line;
  }

  #take(id: number | null): Entry | undefined {
    const entry = id === null ? this.#stack.at(-1) : this.#stack.find((each) => each.ids.includes(id));
    this.#stack = this.#stack.filter((each) => each !== entry);
    return entry;
  }

  async #back(id: number | null): Promise<void> {
    await Promise.allSettled([...this.#running]);
    // An entry may have lost its mails meanwhile; then it is the turn of the one before.
    for (let tries = 0; tries <= DEPTH; tries += 1) {
      const entry = this.#take(id);
      const ids = entry?.ids ?? [id];
      if (!entry && id === null && this.#leftOnlyByItself()) break;
      try {
        if (entry?.back) return toasts.show(await entry.back());
        let count = 0;
        for (const each of ids) count += (await host.call('undo', { undo: each })).count;
        return toasts.show(tn(entry?.what ? `undo.${entry.what}` : 'toast.undone', count));
      } catch (error) {
        const failure = asApiError(error);
        if (failure.code !== 'nothing_to_undo') {
          // It is still there: it can be tried again.
          if (entry) this.#stack = [...this.#stack, entry];
          return toasts.fail(explain(failure));
        }
        if (id !== null || (!entry && !this.#newest)) break;
      }
    }
    toasts.show(t('undo.nothing'));
  }

  #leftOnlyByItself(): boolean {
    return this.#newest === null || (this.#newest !== undefined && this.#byItself.has(this.#newest));
  }
}

export const undoing = new Undoing();
