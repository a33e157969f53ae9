//! Short messages at the foot of the window, at most one at a time.

const STAYS_MS = 8000;

export interface Toast {
  text: string;
  /** What can be taken back, if anything. */
  undo: number | null;
  bad: boolean;
  /** How long it stands, in milliseconds. */
  stays: number;
}

class Toasts {
  now = $state.raw<Toast | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string, undo: number | null = null, stays = STAYS_MS): void {
    this.#put({ text, undo, bad: false, stays });
  }

  fail(text: string): void {
    this.#put({ text, undo: null, bad: true, stays: STAYS_MS });
  }

  #put(toast: Toast): void {
    this.now = toast;
    this.rest();
  }

  /** Stays while it is pointed at or focused. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), this.now?.stays ?? STAYS_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.now = null;
  }
}

export const toasts = new Toasts();
