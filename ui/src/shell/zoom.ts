//! Sizes of the page, in percent.

export const ZOOMS = [80, 90, 100, 110, 125, 150, 175, 200] as const;

/** The next larger or smaller size; 0 is the usual one. A size between two goes to its neighbour. */
export function nextZoom(now: number, by: 1 | -1 | 0): number {
  if (by === 0) return 100;
  if (by === 1) return ZOOMS.find((each) => each > now) ?? 200;
  return [...ZOOMS].reverse().find((each) => each < now) ?? 80;
}

/** How much larger than usual the page itself draws; 1 where the program does it for the whole page. */
export function pageScale(): number {
  return Number(document.documentElement.style.getPropertyValue('--page-zoom')) || 1;
}
