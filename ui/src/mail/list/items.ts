//! What stands in the element that is scrolled: rows near the view, and the headings of their days.

import type { MailList } from './list.svelte';
import type { Ruler } from './ruler';
import type { Slot } from './rows';

/** Where rows stand that must exist although they are out of sight. */
const AWAY = -10_000;

export interface Item {
  key: string;
  index: number;
  row: Slot;
  /** Place in the element. */
  top: number;
}

export interface DaySpan {
  /** Unix milliseconds of one of its mails. */
  ms: number;
  top: number;
  height: number;
}

interface Place {
  range: { from: number; to: number };
  base: number;
  ruler: Ruler;
}

/**
 * The items of a range, and of mails that must exist wherever they are. An item that did not change is the one from
 * before, so that nothing of it is drawn anew.
 */
export function itemsOf(
  list: MailList,
  { range, base, ruler }: Place,
  kept: (number | null)[],
  before: Map<string, Item>,
) {
  const items = new Map<string, Item>();
  const put = (index: number, top: number) => {
    const row = list.at(index);
    // Bones are used again and again while the thumb flies.
    const key = row ? String(row.id) : `bones-${index % 128}`;
    const old = before.get(key);
    const same = old && old.index === index && old.row === row && old.top === top;
    items.set(key, same ? old : { key, index, row, top });
  };
  for (let index = range.from; index <= Math.min(range.to, list.length - 1); index += 1)
    put(index, ruler.top(index) - base);
  for (const id of kept) {
    const index = id === null ? -1 : list.index(id);
    if (index >= 0 && (index < range.from || index > range.to)) put(index, AWAY);
  }
  return items;
}

/** The stretches of one day among the items; each carries its heading along while it is in view. */
export function daySpans(items: Iterable<Item>, { base, ruler, range }: Place): DaySpan[] {
  const spans: DaySpan[] = [];
  let open: DaySpan | undefined;
  let previous: Item | undefined;
  for (const item of items) {
    if (item.top === AWAY) break;
    const bottom = item.top + ruler.row;
    const follows = previous?.row !== undefined && previous.index === item.index - 1;
    if (!item.row) open = undefined;
    else if (ruler.isMarked(item.index) || item.index === range.from) {
      open = { ms: item.row.date * 1000, top: ruler.start(item.index) - base, height: 0 };
      spans.push(open);
    } else if (!follows) open = undefined;
    if (open) open.height = bottom - open.top;
    previous = item;
  }
  return spans;
}
