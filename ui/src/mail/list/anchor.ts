//! What stays where it is when a list changes around it.

import type { Item } from './items';
import type { Scroll } from './scroll.svelte';

export interface Anchor {
  id: number;
  index: number;
  /** Pixels below the upper end of the view. */
  y: number;
}

/** The row of the keyboard if all of it is seen, or else the first one that is seen and still in the list. */
export function anchorOf(
  drawn: Iterable<Item>,
  scroll: Scroll,
  cursor: number | null,
  indexOf: (id: number) => number,
): Anchor | undefined {
  const seen = [...drawn].flatMap(({ index, row }) => {
    const y = scroll.ruler.top(index) - scroll.top;
    return row && y > -scroll.ruler.row && y < scroll.view ? [{ id: row.id, y, whole: y >= 0 }] : [];
  });
  const first = seen.find(({ id, whole }) => whole && id === cursor);
  for (const { id, y } of first ? [first, ...seen] : seen) {
    const index = indexOf(id);
    if (index >= 0) return { id, index, y };
  }
  return undefined;
}
