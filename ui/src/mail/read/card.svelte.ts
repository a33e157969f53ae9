//! The card of a person: one for the whole pane, put beside the name that was pressed. A mail may have 2,000 names.

import { colleagueAt } from '../../contacts/colleague';
import type { Address, ColleagueCard } from '../../host';

class Card {
  person = $state.raw<Address | null>(null);
  anchor = $state.raw<HTMLElement | null>(null);
  open = $state(false);
  /** What the enterprise says of them; nothing until it is known, and where they are no colleague. */
  colleague = $state.raw<ColleagueCard | null>(null);
  /** Where the keys go when the card goes. */
  back: HTMLElement | null = null;

  /** Shows the card beside a name, or takes it away when it stands there already. */
  toggle(
    person: Address,
    anchor: HTMLElement,
    known: ColleagueCard | null = null,
    back = anchor as HTMLElement | null,
  ): void {
    this.open = !(this.open && this.anchor === anchor);
    this.person = person;
    this.anchor = anchor;
    this.back = back;
    this.colleague = known;
    if (this.open && !known) void this.#ask(person);
  }

  async #ask(person: Address): Promise<void> {
    const known = await colleagueAt(person.address);
    if (this.person === person) this.colleague = known;
  }

  close(): void {
    this.open = false;
  }
}

export const card = new Card();
