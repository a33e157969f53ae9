//! The part of a list that is known here: stretches of rows in a list that may have half a million.
//!
//! What a change costs depends on what is known, never on the length of the list.
//!
//! Mails that no longer belong to the filter (read in "unread") stay where they are until the list is opened anew, so
//! that nothing moves under the reader; they are *ghosts*, and the agent's offsets do not count them.

import type { Filter, MailRow, Sort } from '../../host';
import { byDate, fits, standsBefore } from './order';

export type Slot = MailRow | undefined;

/** Rows that follow one another. */
export interface Stretch {
  start: number;
  rows: MailRow[];
}

/** A stretch that is to be asked for, in the agent's offsets. */
export interface Gap {
  offset: number;
  limit: number;
}

/** Most rows of one request. */
export const WINDOW = 200;
/** Rows kept; what lies farther from the eye gives way. */
export const KEPT = 4000;

const end = (stretch: Stretch) => stretch.start + stretch.rows.length;

export class Rows {
  /** Rows of the list, known or not. */
  length = 0;
  /** In order; between two of them lies at least one unknown row. */
  stretches: readonly Stretch[] = [];
  private ghosts = new Set<number>();
  private ids: Map<number, number> | undefined;

  constructor(
    private readonly filter: Filter,
    private readonly sort: Sort = 'newest',
  ) {}

  at(index: number): Slot {
    for (const stretch of this.stretches) {
      if (index < stretch.start) return undefined;
      if (index < end(stretch)) return stretch.rows[index - stretch.start];
    }
    return undefined;
  }

  /** Index of a mail that is known here, or -1. */
  index(id: number): number {
    if (!this.ids) {
      this.ids = new Map();
      for (const { start, rows } of this.stretches) rows.forEach((row, i) => this.ids?.set(row.id, start + i));
    }
    return this.ids.get(id) ?? -1;
  }

  /** The known rows among `from..=to`. */
  between(from: number, to: number): MailRow[] {
    return this.stretches.flatMap(({ start, rows }) =>
      rows.slice(Math.max(0, from - start), Math.max(0, to + 1 - start)),
    );
  }

  /** Forgets all rows, but not how many there are. */
  reset(total: number): void {
    this.ghosts.clear();
    this.length = total;
    this.put([]);
  }

  /** Mails of the list as the agent counts them. */
  get total(): number {
    return this.length - this.ghosts.size;
  }

  private put(stretches: Stretch[]): void {
    this.stretches = stretches;
    this.ids = undefined;
  }

  /** Where a row of the list here stands in the agent's list. */
  offset(index: number): number {
    if (this.ghosts.size === 0) return index;
    return index - this.between(0, index - 1).filter((row) => this.ghosts.has(row.id)).length;
  }

  private indexOfOffset(offset: number): number {
    let index = offset;
    if (this.ghosts.size === 0) return index;
    for (const { start, rows } of this.stretches)
      for (let i = 0; i < rows.length && start + i <= index; i += 1) if (this.isGhost(rows[i])) index += 1;
    return index;
  }

  private isGhost(row: Slot): boolean {
    return row !== undefined && this.ghosts.has(row.id);
  }

  /** The unknown stretch that begins in `from..=to`, at most {@link WINDOW} rows; nothing when all of it is known. */
  gap(from: number, to: number): Gap | undefined {
    const last = Math.min(to, this.length - 1);
    let first = Math.max(0, from);
    let after = last + 1;
    for (const stretch of this.stretches) {
      if (end(stretch) <= first) continue;
      if (stretch.start <= first) first = end(stretch);
      else {
        after = Math.min(after, stretch.start);
        break;
      }
    }
    if (first > last) return undefined;
    return { offset: this.offset(first), limit: Math.min(after - first, WINDOW) };
  }

  /** Takes in an answer. False when the list is another one than thought and must be asked for anew. */
  fill(offset: number, rows: MailRow[], total: number): boolean {
    if (total !== this.total) return false;
    const answered = new Set(rows.map((row) => row.id));
    if (answered.size < rows.length) return false;
    const start = this.indexOfOffset(offset);
    const whole: MailRow[] = [];
    for (const row of rows) {
      for (let there = this.at(start + whole.length); there && this.isGhost(there);) {
        whole.push(there);
        there = this.at(start + whole.length);
      }
      const index = start + whole.length;
      const there = this.at(index);
      if (index >= this.length || (there && there.id !== row.id)) return false;
      const known = this.index(row.id);
      if (known >= 0 && known !== index) return false;
      whole.push(row);
    }
    if (whole.length > 0) this.write({ start, rows: whole });
    return true;
  }

  private write(fresh: Stretch): void {
    const from = fresh.start;
    const to = end(fresh);
    let joined = fresh;
    const others: Stretch[] = [];
    for (const stretch of this.stretches) {
      if (end(stretch) < from || stretch.start > to) {
        others.push(stretch);
        continue;
      }
      // It touches the new rows: what lies beyond either end of them stays.
      const before = stretch.rows.slice(0, Math.max(0, from - stretch.start));
      const after = stretch.rows.slice(Math.max(0, to - stretch.start));
      joined = { start: Math.min(stretch.start, joined.start), rows: [...before, ...joined.rows, ...after] };
    }
    this.put([...others, joined].sort((a, b) => a.start - b.start));
  }

  /**
   * Puts new mails in, and gives the index at which each stands. Where their surroundings are not known, the unknown
   * part grows. Gives nothing when the order says no place: then the list must be asked for anew.
   */
  arrive(rows: MailRow[]): number[] | undefined {
    if (!byDate(this.sort)) return undefined;
    const places: number[] = [];
    for (const row of rows) {
      if (!fits(row, this.filter) || this.index(row.id) >= 0) continue;
      places.push(this.insert(row));
    }
    return places;
  }

  private insert(row: MailRow): number {
    const before = this.stretches.findIndex(({ rows }) => {
      const last = rows[rows.length - 1];
      return last !== undefined && standsBefore(row, last, this.sort);
    });
    const at = before < 0 ? this.stretches.length : before;
    const next = this.stretches[at];
    const previous = this.stretches[at - 1];
    const within = next?.rows.findIndex((other) => standsBefore(row, other, this.sort)) ?? -1;
    const moved = (from: number) =>
      this.stretches.map((each, i) => (i < from ? each : { ...each, start: each.start + 1 }));
    let place: number;
    let stretches: Stretch[];
    if (next && (within > 0 || next.start === 0)) {
      place = next.start + within;
      stretches = moved(at + 1);
      stretches[at] = { start: next.start, rows: [...next.rows.slice(0, within), row, ...next.rows.slice(within)] };
    } else if (!next && (previous ? end(previous) : 0) === this.length) {
      place = this.length;
      stretches = moved(at);
      if (previous) stretches[at - 1] = { start: previous.start, rows: [...previous.rows, row] };
      else stretches = [{ start: 0, rows: [row] }];
    } else {
      // Somewhere in what is not known: there is one row more in it.
      place = next ? next.start : this.length;
      stretches = moved(at);
    }
    this.length += 1;
    this.put(stretches);
    return place;
  }

  /** Shows rows as they are now. False when that may have changed the list in a place that is not known here. */
  change(rows: MailRow[]): boolean {
    const left = new Map(rows.map((row) => [row.id, row]));
    for (const row of rows) {
      const index = this.index(row.id);
      const stretch = this.stretches.find((each) => index >= each.start && index < end(each));
      if (index < 0 || !stretch) continue;
      stretch.rows[index - stretch.start] = row;
      left.delete(row.id);
      if (fits(row, this.filter)) this.ghosts.delete(row.id);
      else this.ghosts.add(row.id);
    }
    return this.filter === 'all' || left.size === 0;
  }

  /** Takes mails out. Gives how many of them were known here. */
  remove(ids: ReadonlySet<number>): number {
    const before = this.length;
    const left: Stretch[] = [];
    for (const { start, rows } of this.stretches) {
      const staying = rows.filter((row) => !ids.has(row.id));
      if (staying.length > 0) left.push({ start: start - (before - this.length), rows: staying });
      this.length -= rows.length - staying.length;
    }
    ids.forEach((id) => this.ghosts.delete(id));
    if (before > this.length) this.put(left);
    return before - this.length;
  }

  /** The mail that takes the place of those that go: the next one below the last of them, or else one above. */
  beside(going: ReadonlySet<number>): number | null {
    const all = this.stretches.flatMap(({ start, rows }) => rows.map((row, i) => ({ id: row.id, index: start + i })));
    const last = all.findLastIndex(({ id }) => going.has(id));
    const lost = all[last];
    if (!lost) return null;
    const next = all[last + 1];
    if (next && next.index === lost.index + 1) return next.id;
    return all.slice(0, last).findLast(({ id }) => !going.has(id))?.id ?? null;
  }

  /** Forgets rows far from `center` when too many are known, but for those that are needed. */
  trim(center: number, needed: ReadonlySet<number> = new Set()): void {
    const known = this.stretches.reduce((sum, { rows }) => sum + rows.length, 0);
    if (known <= KEPT) return;
    const left: Stretch[] = [];
    for (const { start, rows } of this.stretches)
      rows.forEach((row, i) => {
        const index = start + i;
        if (Math.abs(index - center) > KEPT / 4 && !this.isGhost(row) && !needed.has(row.id)) return;
        const previous = left[left.length - 1];
        if (previous && end(previous) === index) previous.rows.push(row);
        else left.push({ start: index, rows: [row] });
      });
    this.put(left);
  }
}
