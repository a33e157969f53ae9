//! Light or dark.

import type { Theme } from '../host';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

class Look {
  #system = $state<'light' | 'dark'>(dark.matches ? 'dark' : 'light');
  #choice = $state<Theme>('system');

  /** What is shown now. */
  readonly theme = $derived(this.#choice === 'system' ? this.#system : this.#choice);

  constructor() {
    dark.addEventListener('change', () => {
      this.#system = dark.matches ? 'dark' : 'light';
      this.#show();
    });
  }

  follow(choice: Theme): void {
    this.#choice = choice;
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset.theme = this.theme;
  }
}

export const look = new Look();
