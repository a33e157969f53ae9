//! Where a day begins in a list that is in the order of time.

import type { Stretch } from './rows';

/**
 * Indices of the known rows above which another day ends. A row whose neighbour above is not known has no heading.
 */
export function dayStarts(stretches: readonly Stretch[]): number[] {
  const marks: number[] = [];
  let from = NaN;
  let to = NaN;
  for (const { start, rows } of stretches) {
    rows.forEach((row, i) => {
      const ms = row.date * 1000;
      // Most rows are of the day of the one above: no calendar is asked for them.
      if (ms >= from && ms < to) return;
      const morning = new Date(ms);
      morning.setHours(0, 0, 0, 0);
      from = morning.getTime();
      to = morning.setDate(morning.getDate() + 1);
      if (i > 0 || start === 0) marks.push(start + i);
    });
    from = NaN;
  }
  return marks;
}
