//! How a list of any length is scrolled by the browser's own means.
//!
//! The browser scrolls an element that is at most so tall as it can be (`track.ts`). A row stands in it at its place in
//! the list less `base`. Wheel, touch and keys move the element by real pixels, and `base` stays; the thumb moves it by
//! shares of the whole, and `base` follows. What comes or goes above the view changes `base`, too, so that no pixel of
//! the view moves. The position of the element is then no longer what the track says; that is mended when the scrolling
//! rests, or when an end comes near: element and rows move by the same amount, and only the thumb is seen to move.

import { on } from 'svelte/events';
import { Ruler } from './ruler';
import { Track } from './track';

/** Scrolling rests when nothing came for so long. */
const REST_MS = 150;
/** A browser rounds positions to pixels of the screen. */
const ROUNDING = 1.5;
/** Pixels beyond either end of the view in which rows are kept ready. */
const READY = 400;

export class Scroll {
  /** Place of a row in the list less its place in the element. */
  base = $state(0);
  /** Height of the element. */
  extent = $state(0);
  /** Rows that stand in the view or near it. */
  range = $state.raw({ from: 0, to: -1 });
  /** The position that the element is to take. */
  wish = $state.raw<number | null>(null);
  /** What comes at the top must not push the rest away now. */
  held = false;

  ruler = new Ruler(0, 1);
  /** Height of the view; 0 until it is laid. */
  view = $state(0);
  /** Tells which rows are seen, and whether the list stands at its top. */
  onlook: (from: number, to: number, atTop: boolean) => void = () => undefined;

  #track = new Track(0, 0, 1);
  #native = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rolled = 0;
  #thumb = false;
  #unreached: number | null = null;

  /** Follows an element; `byHand` is told when the person scrolls it. Returns how to stop. */
  follow(element: HTMLElement, byHand: () => void): () => void {
    const rolled = () => {
      byHand();
      this.rolled();
    };
    // Passive, or the browser would wait for the page at every turn of the wheel.
    const off = [
      on(element, 'wheel', rolled, { passive: true }),
      on(element, 'touchmove', rolled, { passive: true }),
      on(element, 'scroll', () => this.moved(element.scrollTop), { passive: true }),
    ];
    return () => off.forEach((each) => each());
  }

  /** The position in the list. */
  get top(): number {
    return this.#native + this.base;
  }

  get atTop(): boolean {
    return this.top <= ROUNDING;
  }

  /** What is above the view's lower end and below its upper one. */
  get seen(): { from: number; to: number } {
    return { from: this.ruler.at(this.top), to: this.ruler.at(this.top + this.view) };
  }

  /** Goes to the top of the list. */
  toTop(): void {
    this.#stand(0);
  }

  /** Puts a row to a distance from the view's top. */
  put(index: number, y: number): void {
    this.#stand(this.ruler.top(index) - y);
  }

  /** Another list comes. */
  begin(): void {
    this.ruler = new Ruler(0, 1);
    this.#stand(0);
  }

  /**
   * The list, the rows' height or the view changed. `anchor`: a row that stays where it is, as its index now and its
   * distance from the view's top before. Without one the first row of the view stays.
   */
  lay(ruler: Ruler, view: number, most: number, anchor?: { index: number; y: number }): void {
    const { top } = this;
    const before = this.ruler;
    let next = 0;
    if (anchor) next = ruler.top(anchor.index) - anchor.y;
    else if (before.count > 0 && ruler.count > 0) {
      const index = Math.min(before.at(top), ruler.count - 1);
      next = ruler.top(index) + (top - before.top(index));
    }
    if (this.atTop && !this.held) next = 0;
    this.ruler = ruler;
    this.view = view;
    this.#track = new Track(ruler.height, view, most);
    this.extent = this.#track.extent;
    this.base = Math.round(this.#bounded(next) - this.#native);
    if (this.#isWrongAtEnd()) this.#settle();
    else if (this.#timer === undefined) this.#rest();
    this.#look();
  }

  /** The element moved. */
  moved(native: number): void {
    const by = Math.abs(native - this.#native);
    this.#native = native;
    const rolled = performance.now() - this.#rolled < 300;
    // Nothing but the thumb moves so far at once.
    if (this.#track.scaled && (this.#thumb || (!rolled && by > 2 * this.view)))
      this.base = Math.round(this.#track.real(native) - native);
    if (this.#isWrongAtEnd()) this.#settle();
    this.#rest();
    this.#look();
  }

  /** A wheel or a finger moves the element. */
  rolled(): void {
    this.#rolled = performance.now();
    this.#thumb = false;
  }

  /** The thumb is held, or not any more. */
  thumb(held: boolean): void {
    this.#thumb = held;
  }

  /** Where the element came to be after a wish. */
  landed(native: number): void {
    this.#unreached = this.wish !== null && Math.abs(native - this.wish) > ROUNDING ? this.wish : null;
    this.base = Math.round(this.top - native);
    this.#native = native;
    this.wish = null;
  }

  /** Brings a row into view: from nearby by the shortest way, from afar into the middle. */
  reveal(index: number): void {
    const { ruler, top, view } = this;
    const from = ruler.top(index) - ruler.heading;
    const to = ruler.top(index) + ruler.row;
    if (to < top - view || from > top + 2 * view) this.#stand(from - (view - ruler.row) / 2);
    else if (from < top) this.#stand(from);
    else if (to > top + view) this.#stand(to - view);
  }

  #stand(top: number): void {
    this.#settle(top);
    this.#look();
  }

  #bounded(top: number): number {
    return Math.max(0, Math.min(top, this.#track.last));
  }

  /** Whether the element is so near an end that it would stop before the list does, or the other way round. */
  #isWrongAtEnd(): boolean {
    const { top, view } = this;
    if (Math.abs(this.#native - this.#track.native(top)) <= ROUNDING) return false;
    if (top !== this.#bounded(top)) return true;
    return this.#native < view || this.#native > this.#track.lastNative - view;
  }

  /** Puts the element to where the track says. */
  #settle(to = this.top): void {
    const top = this.#bounded(to);
    // Whole pixels between the two: rows stay sharp.
    const base = Math.round(top - this.#track.native(top));
    const native = top - base;
    if (native === this.#unreached) return;
    this.base = base;
    if (Math.abs(native - this.#native) > ROUNDING) this.wish = native;
    this.#native = native;
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#thumb || Math.abs(this.#native - this.#track.native(this.top)) <= ROUNDING) return;
      this.#settle();
    }, REST_MS);
  }

  #look(): void {
    const { ruler, top, view } = this;
    const from = ruler.at(top - READY);
    const to = ruler.count === 0 ? -1 : ruler.at(top + view + READY);
    if (from !== this.range.from || to !== this.range.to) this.range = { from, to };
    const seen = this.seen;
    this.onlook(seen.from, seen.to, this.atTop);
  }
}
