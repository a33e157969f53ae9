//! Drafts that are being written, and mails on their way out.

import { agent } from '../agent/agent.svelte';
import { asApiError, host, type Decision, type DraftRow, type Event, type OutboxEntry } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, t } from '../words/words.svelte';
import { composing } from './composing.svelte';

/** Nobody wrote a receipt, and nobody waits for it. */
const isWritten = ({ receipt }: OutboxEntry): boolean => !receipt;

class Outbox {
  open = $state(false);
  entries = $state.raw<OutboxEntry[]>([]);
  drafts = $state.raw<DraftRow[]>([]);
  /** Bytes that went of the mails that are being sent. */
  progress = $state.raw<ReadonlyMap<number, number>>(new Map());

  /** Mails that did not go yet. */
  readonly waiting = $derived(this.entries.filter((entry) => entry.state !== 'sent'));
  /** Those that a person must do something about. */
  readonly stuck = $derived(this.entries.filter(({ state }) => state === 'refused' || state === 'needs_you'));

  show(): void {
    this.open = true;
  }

  /** Asks for all; from then on events tell. */
  async start(): Promise<void> {
    agent.on((event) => this.#hear(event));
    await this.#load();
  }

  async #load(): Promise<void> {
    try {
      const [entries, drafts] = await Promise.all([host.call('outbox.list', {}), host.call('draft.list', {})]);
      this.entries = entries.filter(isWritten);
      this.drafts = drafts;
    } catch {
      // An agent that cannot answer now tells when it can.
    }
  }

  #hear(event: Event): void {
    if (event.kind === 'overflow') void this.#load();
    else if (event.kind === 'outbox_changed') this.#entry(event.id, event.entry);
    else if (event.kind === 'outbox_progress') this.progress = new Map(this.progress).set(event.id, event.sent);
    else if (event.kind === 'draft_changed') {
      const others = this.drafts.filter(({ id }) => id !== event.id);
      this.drafts = event.draft ? [event.draft, ...others] : others;
      const open = composing.of(event.id);
      // Files come and the original's text comes; what is written is the window's own.
      if (open && !open.over) void open.refresh();
    }
  }

  #entry(id: number, entry: OutboxEntry | null): void {
    if (entry?.state !== 'sending' && this.progress.has(id))
      this.progress = new Map([...this.progress].filter(([each]) => each !== id));
    if (entry && !isWritten(entry)) return;
    const before = this.entries.find((each) => each.id === id);
    const others = this.entries.filter((each) => each.id !== id);
    this.entries = entry ? [entry, ...others].sort((a, b) => b.id - a.id) : others;
    if (entry && before?.state !== entry.state && (entry.state === 'refused' || entry.state === 'needs_you'))
      toasts.fail(t(entry.state === 'refused' ? 'outbox.was_refused' : 'outbox.asks', { subject: entry.subject }));
  }

  async decide(entry: OutboxEntry, decision: Decision): Promise<boolean> {
    try {
      await host.call('outbox.act', { id: entry.id, decision });
      return true;
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return false;
    }
  }

  /** Takes a mail back to be written on, with those marked whom the server refused. */
  async reopen(entry: OutboxEntry): Promise<void> {
    const { draft, refused } = entry;
    if (!(await this.decide(entry, 'withdraw')) || draft === null) return;
    this.open = false;
    await composing.open(draft);
    const letter = composing.of(draft);
    if (letter) letter.culprits = new Set(refused.map(({ address }) => address.toLowerCase()));
  }
}

export const outbox = new Outbox();
