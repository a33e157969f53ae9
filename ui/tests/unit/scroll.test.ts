import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ruler } from '../../src/mail/list/ruler';
import { Scroll } from '../../src/mail/list/scroll.svelte';
import { tallest, Track } from '../../src/mail/list/track';

describe('a ruler', () => {
  const ruler = new Ruler(10, 78, [0, 3, 4], 30);
  it('knows where rows and headings stand', () => {
    expect(ruler.height).toBe(10 * 78 + 3 * 30);
    expect([0, 1, 3, 4, 9].map((index) => ruler.top(index))).toEqual([30, 108, 294, 402, 792]);
    expect([0, 1, 3, 4].map((index) => ruler.start(index))).toEqual([0, 108, 264, 372]);
    expect([0, 1, 3, 4, 5].map((index) => ruler.isMarked(index))).toEqual([true, false, true, true, false]);
  });
  it('finds the row at every pixel', () => {
    for (let index = 0; index < 10; index += 1) {
      expect(ruler.at(ruler.start(index))).toBe(index);
      expect(ruler.at(ruler.top(index) + 77)).toBe(index);
    }
    expect(ruler.at(-5)).toBe(0);
    expect(ruler.at(1e9)).toBe(9);
    expect(new Ruler(0, 78).at(10)).toBe(0);
  });
});

describe('a track', () => {
  it('is the list itself while a browser can make it so tall', () => {
    const track = new Track(9_000_000, 700, tallest(1));
    expect(track.scaled).toBe(false);
    expect(track.real(4_321)).toBe(4_321);
    expect(track.extent).toBe(9_000_000);
  });

  it.each([1, 1.25, 2, 2.5, 6.25])('reaches both ends and every place of 500,000 rows at a scale of %d', (scale) => {
    const track = new Track(500_000 * 78, 700, tallest(scale));
    expect(track.extent).toBeLessThanOrEqual(10_000_000);
    expect(track.extent * scale).toBeLessThan(2 ** 24);
    expect(track.real(0)).toBe(0);
    expect(track.real(track.lastNative)).toBe(track.last);
    expect(track.native(track.last)).toBe(track.lastNative);
    for (const share of [0.001, 0.2, 0.5, 0.999]) {
      const real = track.last * share;
      expect(track.real(track.native(real))).toBeCloseTo(real, 3);
    }
    // The ends are scrolled to like those of any list.
    expect(track.real(300)).toBe(300);
    expect(track.real(track.lastNative - 300)).toBe(track.last - 300);
  });
});

describe('scrolling', () => {
  const ROWS = 500_000;
  const VIEW = 700;
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What a browser does: the element takes the wished place, as far as it goes. */
  function settle(scroll: Scroll): number {
    const native = Math.max(0, Math.min(scroll.wish ?? 0, scroll.extent - VIEW));
    if (scroll.wish !== null) scroll.landed(native);
    return native;
  }
  function long(): Scroll {
    const scroll = new Scroll();
    scroll.lay(new Ruler(ROWS, 78), VIEW, tallest(1));
    return scroll;
  }

  it('moves by real pixels under the wheel, in the middle of any list', () => {
    const scroll = long();
    scroll.thumb(true);
    scroll.moved(5_000_000);
    scroll.thumb(false);
    const { top, base } = scroll;
    expect(top).toBeGreaterThan(15_000_000);
    for (let i = 1; i <= 50; i += 1) {
      scroll.rolled();
      scroll.moved(5_000_000 + i * 120);
    }
    expect(scroll.top - top).toBe(50 * 120);
    expect(scroll.base).toBe(base);
    // At rest the thumb goes to where it belongs, and no row moves.
    vi.advanceTimersByTime(1000);
    settle(scroll);
    expect(scroll.top - top).toBe(50 * 120);
  });

  it('comes to the last row by the thumb, by a jump to it, and by the wheel', () => {
    const scroll = long();
    scroll.thumb(true);
    scroll.moved(scroll.extent - VIEW);
    scroll.thumb(false);
    expect(scroll.seen.to).toBe(ROWS - 1);
    expect(scroll.top).toBe(ROWS * 78 - VIEW);

    scroll.reveal(0);
    settle(scroll);
    expect(scroll.top).toBe(0);
    scroll.reveal(ROWS - 1);
    let native = settle(scroll);
    expect(scroll.top).toBe(ROWS * 78 - VIEW);

    scroll.reveal(ROWS - 5000);
    native = settle(scroll);
    for (let i = 0; i < 10_000 && scroll.top < ROWS * 78 - VIEW; i += 1) {
      scroll.rolled();
      native = Math.min(scroll.extent - VIEW, native + 400);
      scroll.moved(native);
      if (scroll.wish !== null) native = settle(scroll);
    }
    expect(scroll.top).toBe(ROWS * 78 - VIEW);
    expect(scroll.range.to).toBe(ROWS - 1);
  });

  it('comes back to the first row by the wheel', () => {
    const scroll = long();
    scroll.reveal(5000);
    let native = settle(scroll);
    for (let i = 0; i < 10_000 && scroll.top > 0; i += 1) {
      scroll.rolled();
      native = Math.max(0, native - 400);
      scroll.moved(native);
      if (scroll.wish !== null) native = settle(scroll);
    }
    expect(scroll.top).toBe(0);
    expect(scroll.range.from).toBe(0);
  });

  it('keeps a row where it is when others come above it', () => {
    const scroll = new Scroll();
    scroll.lay(new Ruler(1000, 78), VIEW, tallest(1));
    scroll.moved(2000);
    const y = scroll.ruler.top(30) - scroll.top;
    scroll.lay(new Ruler(1003, 78), VIEW, tallest(1), { index: 33, y });
    expect(scroll.ruler.top(33) - scroll.top).toBe(y);
    // Nothing is scrolled for it while one may be scrolling.
    expect(scroll.wish).toBeNull();
    vi.advanceTimersByTime(1000);
    expect(scroll.wish).toBe(2000 + 3 * 78);
    settle(scroll);
    expect(scroll.ruler.top(33) - scroll.top).toBe(y);
  });

  it('lets rows come in at the top, unless something there must not move', () => {
    const scroll = new Scroll();
    scroll.lay(new Ruler(1000, 78), VIEW, tallest(1));
    scroll.lay(new Ruler(1001, 78), VIEW, tallest(1), { index: 1, y: 0 });
    expect(scroll.top).toBe(0);
    scroll.held = true;
    scroll.lay(new Ruler(1002, 78), VIEW, tallest(1), { index: 1, y: 0 });
    settle(scroll);
    expect(scroll.top).toBe(78);
  });

  it('keeps the row when the density changes', () => {
    const scroll = new Scroll();
    scroll.lay(new Ruler(1000, 78), VIEW, tallest(1));
    scroll.moved(500 * 78 + 10);
    scroll.lay(new Ruler(1000, 30), VIEW, tallest(1), { index: 501, y: 68 });
    settle(scroll);
    expect(scroll.ruler.top(501) - scroll.top).toBe(68);
  });

  it('does not ask for ever for a place that the browser does not give', () => {
    const scroll = long();
    scroll.reveal(250_000);
    let asked = 0;
    for (; scroll.wish !== null && asked < 10; asked += 1) {
      scroll.landed(1000);
      scroll.moved(1000);
      vi.advanceTimersByTime(1000);
    }
    expect(asked).toBeLessThan(4);
  });
});
