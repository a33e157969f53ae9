//! The way of the scroll thumb. A browser makes no element taller than about 33 million pixels of the screen, and counts
//! its scroll positions in 32-bit floats, which are whole pixels only up to 16 million. A list beyond that has a shorter
//! element, and the thumb's positions stand for more pixels than they are.

/** The tallest element, in CSS pixels, and in pixels of the screen. */
const TALLEST = 10_000_000;
const TALLEST_ON_SCREEN = 16_000_000;
/** So far from either end a position stands for itself, so that the ends are scrolled to like those of any list. */
const PLAIN = 50_000;

/** How tall an element may be where a CSS pixel is `scale` pixels of the screen. */
export function tallest(scale: number): number {
  return Math.floor(Math.min(TALLEST, TALLEST_ON_SCREEN / Math.max(scale, 0.1)));
}

export class Track {
  /** Height of the element that is scrolled. */
  readonly extent: number;
  /** The last scroll position of the list, and that of the element. */
  readonly last: number;
  readonly lastNative: number;
  readonly #plain: number;

  constructor(height: number, view: number, most: number) {
    this.extent = Math.min(height, most);
    this.last = Math.max(0, height - view);
    this.lastNative = Math.max(0, this.extent - view);
    this.#plain = Math.min(PLAIN, this.lastNative / 4);
  }

  get scaled(): boolean {
    return this.last > this.lastNative;
  }

  get #share(): number {
    return (this.last - 2 * this.#plain) / (this.lastNative - 2 * this.#plain);
  }

  /** The position in the list that a position of the element stands for. */
  real(native: number): number {
    if (!this.scaled || native <= this.#plain) return native;
    if (native >= this.lastNative - this.#plain) return this.last - (this.lastNative - native);
    return this.#plain + (native - this.#plain) * this.#share;
  }

  /** The position of the element that stands for a position in the list. */
  native(real: number): number {
    if (!this.scaled || real <= this.#plain) return real;
    if (real >= this.last - this.#plain) return this.lastNative - (this.last - real);
    return this.#plain + (real - this.#plain) / this.#share;
  }
}
