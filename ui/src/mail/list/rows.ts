//! The window of a list that is known here: a long, sparse row of mails, filled where somebody looked.
//!
//! Mails that no longer belong to the filter (read in "unread") stay where they are until the list is opened anew, so
//! that nothing moves under the reader; they are *ghosts*, and the agent's offsets do not count them.

import type { Filter, MailRow } from '../../host';

export type Slot = MailRow | undefined;

/** A stretch that is to be asked for, in the agent's offsets. */
export interface Gap {
  offset: number;
  limit: number;
}

/** Most rows of one request. */
export const WINDOW = 200;
/** Rows kept; what lies farther from the eye gives way. */
export const KEPT = 4000;

/** Whether a mail belongs to a filtered list. */
export function fits(row: MailRow, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'unread':
      return row.unread;
    case 'starred':
      return row.starred;
    case 'attachments':
      return row.attachments;
  }
}

export class Rows {
  /** One slot per row of the list; replaced as a whole at each change. */
  slots: Slot[] = [];
  private ghosts = new Set<number>();

  constructor(private readonly filter: Filter) {}

  /** Index of a mail that is known here, or -1. */
  index(id: number): number {
    return this.slots.findIndex((row) => row?.id === id);
  }

  /** Forgets all rows, but not how many there are. */
  reset(total: number): void {
    this.ghosts.clear();
    this.slots = new Array<Slot>(total).fill(undefined);
  }

  /** Mails of the list as the agent counts them. */
  get total(): number {
    return this.slots.length - this.ghosts.size;
  }

  private ghostsBefore(index: number): number {
    if (this.ghosts.size === 0) return 0;
    let count = 0;
    for (let i = 0; i < index; i += 1) {
      const row = this.slots[i];
      if (row && this.ghosts.has(row.id)) count += 1;
    }
    return count;
  }

  /** The unknown stretch that holds `from..=to`, at most {@link WINDOW} rows; nothing when all of it is known. */
  gap(from: number, to: number): Gap | undefined {
    let first = Math.max(0, from);
    const end = Math.min(to, this.slots.length - 1);
    while (first <= end && this.slots[first]) first += 1;
    if (first > end) return undefined;
    let last = Math.min(end, first + WINDOW - 1);
    while (last > first && this.slots[last]) last -= 1;
    return { offset: first - this.ghostsBefore(first), limit: last - first + 1 };
  }

  /** Takes in an answer. False when the list is another one than thought and must be asked for anew. */
  fill(offset: number, rows: MailRow[], total: number): boolean {
    if (total !== this.total) return false;
    const next = this.slots.slice();
    const known = new Set(rows.map((row) => row.id));
    let index = this.indexOfOffset(offset);
    for (const row of rows) {
      while (index < next.length && this.isGhost(next[index])) index += 1;
      const there = next[index];
      if (there && there.id !== row.id && !known.has(there.id)) return false;
      next[index] = row;
      index += 1;
    }
    this.slots = next;
    return true;
  }

  private isGhost(row: Slot): boolean {
    return row !== undefined && this.ghosts.has(row.id);
  }

  private indexOfOffset(offset: number): number {
    if (this.ghosts.size === 0) return offset;
    let left = offset;
    for (let i = 0; i < this.slots.length; i += 1) {
      if (this.isGhost(this.slots[i])) continue;
      if (left === 0) return i;
      left -= 1;
    }
    return this.slots.length;
  }

  /**
   * Puts new mails in. Gives how many rows were added, or nothing when a place is unknown and the list must be asked
   * for anew.
   */
  arrive(rows: MailRow[]): number | undefined {
    const next = this.slots.slice();
    let added = 0;
    for (const row of rows) {
      if (!fits(row, this.filter)) continue;
      if (next.some((known) => known?.id === row.id)) continue;
      let place = 0;
      for (; place < next.length; place += 1) {
        const there = next[place];
        if (!there) return undefined;
        if (there.date < row.date || (there.date === row.date && there.id < row.id)) break;
      }
      next.splice(place, 0, row);
      added += 1;
    }
    this.slots = next;
    return added;
  }

  /** Shows rows as they are now. False when that may have changed the list in a place that is not known here. */
  change(rows: MailRow[]): boolean {
    const byId = new Map(rows.map((row) => [row.id, row]));
    const next = this.slots.slice();
    let changed = false;
    next.forEach((row, index) => {
      const fresh = row && byId.get(row.id);
      if (!fresh) return;
      byId.delete(fresh.id);
      next[index] = fresh;
      changed = true;
      if (fits(fresh, this.filter)) this.ghosts.delete(fresh.id);
      else this.ghosts.add(fresh.id);
    });
    if (changed) this.slots = next;
    return this.filter === 'all' || byId.size === 0;
  }

  /** Takes mails out. Gives how many of them were known here. */
  remove(ids: Set<number>): number {
    const next = this.slots.filter((row) => !row || !ids.has(row.id));
    const removed = this.slots.length - next.length;
    ids.forEach((id) => this.ghosts.delete(id));
    if (removed > 0) this.slots = next;
    return removed;
  }

  /** Forgets rows far from `center` when too many are known. */
  trim(center: number): void {
    let known = 0;
    for (const row of this.slots) if (row) known += 1;
    if (known <= KEPT) return;
    const from = center - KEPT / 4;
    const to = center + KEPT / 4;
    this.slots = this.slots.map((row, index) =>
      row && !this.isGhost(row) && (index < from || index > to) ? undefined : row,
    );
  }
}
