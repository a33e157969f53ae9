//! The order of the accounts, as wished until the agent has it.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain } from '../../words/words.svelte';

class Order {
  #wished = $state.raw<number[] | null>(null);

  readonly accounts = $derived.by(() => {
    const wished = this.#wished;
    if (!wished) return agent.accounts;
    const place = (id: number) => (wished.includes(id) ? wished.indexOf(id) : wished.length);
    return [...agent.accounts].sort((a, b) => place(a.id) - place(b.id));
  });

  /** Shows an order without asking for it. */
  try(ids: number[] | null): void {
    this.#wished = ids;
  }

  /** Asks for an order; a refusal is said, and the old one comes back. */
  async put(ids: number[]): Promise<void> {
    this.#wished = ids;
    try {
      await host.call('accounts.order', { accounts: ids });
      await agent.load();
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    } finally {
      if (this.#wished === ids) this.#wished = null;
    }
  }
}

export const order = new Order();
