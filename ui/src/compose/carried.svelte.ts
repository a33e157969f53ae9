//! A recipient that is dragged from one field to another.

import type { Address } from '../host';
import type { Field, Letter } from './letter.svelte';

interface Carried {
  letter: Letter;
  field: Field;
  person: Address;
}

class Carrying {
  #now: Carried | null = null;

  put(carried: Carried): void {
    this.#now = carried;
  }

  /** What is dragged, where it is of this letter. */
  of(letter: Letter): Carried | null {
    return this.#now?.letter === letter ? this.#now : null;
  }

  take(letter: Letter): Carried | null {
    const now = this.of(letter);
    this.#now = null;
    return now;
  }

  clear(): void {
    this.#now = null;
  }
}

export const carried = new Carrying();
