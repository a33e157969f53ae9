//! The card of a person: one for the whole pane, put beside the name that was pressed. A mail may have 2,000 names.

import type { Address } from '../../host';

class Card {
  person = $state.raw<Address | null>(null);
  anchor = $state.raw<HTMLElement | null>(null);
  open = $state(false);

  /** Shows the card beside a name, or takes it away when it stands there already. */
  toggle(person: Address, anchor: HTMLElement): void {
    this.open = !(this.open && this.anchor === anchor);
    this.person = person;
    this.anchor = anchor;
  }

  close(): void {
    this.open = false;
  }
}

export const card = new Card();
