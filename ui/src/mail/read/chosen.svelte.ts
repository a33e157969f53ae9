//! What the chosen mails are, taken together: it decides which buttons make sense.

import { agent } from '../../agent/agent.svelte';
import type { Address, MailRow, Role } from '../../host';
import { mailbox } from '../mailbox.svelte';

/** Nothing to archive there: archived, or not sent yet. */
const NOT_ARCHIVABLE: Role[] = ['archive', 'drafts'];
/** What one wrote, or threw away, is no junk. */
const NOT_JUNKABLE: Role[] = ['junk', 'sent', 'drafts', 'trash'];

class Chosen {
  /** The chosen mails, as far as they are known here. */
  readonly rows = $derived.by((): MailRow[] => {
    const { selected, reading, list } = mailbox;
    if (selected.size > 1) return list.between(0, list.length).filter((row) => selected.has(row.id));
    const row = reading.id === null ? undefined : mailbox.row(reading.id);
    return row ? [row] : [];
  });

  readonly #roles = $derived(new Set(this.rows.map((row) => agent.byFolder.get(row.folder)?.role ?? 'none')));
  #all(roles: readonly Role[]): boolean {
    return this.#roles.size > 0 && [...this.#roles].every((role) => roles.includes(role));
  }

  readonly inTrash = $derived(this.#all(['trash']));
  readonly inJunk = $derived(this.#all(['junk']));
  readonly archivable = $derived(!this.#all(NOT_ARCHIVABLE));
  readonly junkable = $derived(!this.#all(NOT_JUNKABLE));
  readonly unread = $derived(this.rows.some((row) => row.unread));
  /** Bytes on the server. */
  readonly size = $derived(this.rows.reduce((sum, row) => sum + row.size, 0));
  /** The one account of all; nothing when they are of several. */
  readonly account = $derived.by((): number | undefined => {
    const accounts = new Set(this.rows.map((row) => row.account));
    return accounts.size === 1 ? [...accounts][0] : undefined;
  });
  /** Everybody who sent one of them. */
  readonly people = $derived.by((): Address[] => {
    const seen = new Map<string, Address>();
    for (const { from } of this.rows) {
      const key = (from.address || from.name).toLowerCase();
      if (!seen.has(key)) seen.set(key, from);
    }
    return [...seen.values()];
  });
}

export const chosen = new Chosen();
