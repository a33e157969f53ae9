import { describe, expect, it } from 'vitest';
import { dayStarts } from '../../src/mail/list/headings';
import { standsBefore } from '../../src/mail/list/order';
import { KEPT, Rows, WINDOW } from '../../src/mail/list/rows';
import { oneLine } from '../../src/mail/list/shown';
import { row } from '../mails';

/** `count` mails, newest first, ids falling. */
function mails(count: number, unread = false) {
  return Array.from({ length: count }, (_, i) => ({ ...row(10_000 - i, 0, 1, 1), date: 1_000_000 - i * 10, unread }));
}
function filled(count: number, filter: 'all' | 'unread' = 'all') {
  const rows = new Rows(filter);
  rows.reset(count);
  const all = mails(count, filter === 'unread');
  expect(rows.fill(0, all, count)).toBe(true);
  return { rows, all };
}
const ids = (rows: Rows) => Array.from({ length: rows.length }, (_, i) => rows.at(i)?.id);
const second = <T>(all: T[]): T => all[1] as T;

describe('the known part of a list', () => {
  it('asks for the unknown stretch in view, and only for that', () => {
    const rows = new Rows('all');
    rows.reset(50_000);
    expect(rows.gap(40_000, 40_020)).toEqual({ offset: 40_000, limit: 21 });
    rows.fill(40_000, mails(21), 50_000);
    expect(rows.gap(40_000, 40_020)).toBeUndefined();
    expect(rows.gap(39_990, 40_030)).toEqual({ offset: 39_990, limit: 10 });
    expect(rows.gap(40_005, 40_030)).toEqual({ offset: 40_021, limit: 10 });
    expect(rows.gap(0, 49_999)?.limit).toBe(WINDOW);
  });

  it('puts what it is told piece by piece together', () => {
    const rows = new Rows('all');
    const all = mails(30);
    rows.reset(30);
    for (const [from, to] of [
      [20, 30],
      [0, 5],
      [10, 12],
      [4, 15],
      [15, 20],
    ])
      expect(rows.fill(from ?? 0, all.slice(from, to), 30)).toBe(true);
    expect(ids(rows)).toEqual(all.map(({ id }) => id));
    expect(rows.stretches).toHaveLength(1);
    expect(rows.between(3, 5).map(({ id }) => id)).toEqual(all.slice(3, 6).map(({ id }) => id));
  });

  it('refuses an answer about a list of another length', () => {
    const rows = new Rows('all');
    rows.reset(10);
    expect(rows.fill(0, mails(5), 11)).toBe(false);
  });

  it('refuses an answer that contradicts what is known', () => {
    const { rows, all } = filled(10);
    expect(rows.fill(2, [{ ...row(5, 0, 1, 1), date: 1 }], 10)).toBe(false);
    expect(rows.fill(4, all.slice(5, 7), 10)).toBe(false);
    const far = new Rows('all');
    far.reset(100);
    far.fill(0, all, 100);
    // A mail that stands elsewhere already would stand there twice.
    expect(far.fill(50, all.slice(2, 3), 100)).toBe(false);
  });

  it('puts a new mail where its time says, once', () => {
    const { rows, all } = filled(3);
    const fresh = { ...row(20_000, 0, 1, 1), date: 2_000_000 };
    expect(rows.arrive([fresh])).toEqual([0]);
    expect(rows.arrive([fresh])).toEqual([]);
    expect(ids(rows)).toEqual([20_000, ...all.map((each) => each.id)]);
    const old = { ...row(20_001, 0, 1, 1), date: 1_000_000 - 15 };
    rows.arrive([old]);
    expect(rows.index(20_001)).toBe(3);
    rows.arrive([{ ...row(20_002, 0, 1, 1), date: 1 }]);
    expect(rows.index(20_002)).toBe(5);
  });

  it('moves what is known when a new mail stands in what is not', () => {
    const rows = new Rows('all');
    const all = mails(100);
    rows.reset(100);
    rows.fill(40, all.slice(40, 50), 100);
    expect(rows.arrive([{ ...row(20_000, 0, 1, 1), date: 2_000_000 }])).toEqual([40]);
    expect(rows.length).toBe(101);
    expect(rows.at(41)?.id).toBe(all[40]?.id);
    expect(rows.arrive([{ ...row(20_001, 0, 1, 1), date: 1 }])).toEqual([101]);
    expect(rows.at(41)?.id).toBe(all[40]?.id);
    expect(rows.index(20_000)).toBe(-1);
  });

  it('stands in the order that was asked for, and admits where a row says no order', () => {
    const rows = new Rows('all', 'oldest');
    rows.reset(0);
    rows.arrive([
      { ...row(2, 0, 1, 1), date: 20 },
      { ...row(1, 0, 1, 1), date: 10 },
      { ...row(3, 0, 1, 1), date: 20 },
    ]);
    expect(ids(rows)).toEqual([1, 2, 3]);
    expect(standsBefore(row(1, 0, 1, 1), row(1, 0, 1, 1), 'oldest')).toBe(false);
    const sorted = new Rows('all', 'sender');
    sorted.reset(5);
    expect(sorted.arrive([row(9, 0, 1, 1)])).toBeUndefined();
  });

  it('keeps a read mail in "unread" where it is, and counts as the agent does', () => {
    const { rows, all } = filled(5, 'unread');
    const read = { ...second(all), unread: false };
    expect(rows.change([read])).toBe(true);
    expect(rows.length).toBe(5);
    expect(rows.total).toBe(4);
    expect(rows.offset(3)).toBe(2);
    // The agent's list has four mails now; its second is the third here.
    expect(rows.fill(1, all.slice(2), 4)).toBe(true);
    expect(ids(rows)).toEqual(all.map((each) => each.id));
    expect(rows.change([second(all)])).toBe(true);
    expect(rows.total).toBe(5);
  });

  it('fills around the mails that only stay in sight', () => {
    const rows = new Rows('unread');
    const all = mails(5, true);
    rows.reset(5);
    rows.fill(0, all.slice(0, 2), 5);
    rows.change([{ ...second(all), unread: false }]);
    expect(rows.gap(0, 4)).toEqual({ offset: 1, limit: 3 });
    expect(rows.fill(0, [all[0], ...all.slice(2)] as typeof all, 4)).toBe(true);
    expect(ids(rows)).toEqual(all.map((each) => each.id));
  });

  it('says when a change may have touched what is not known', () => {
    const { rows } = filled(5, 'unread');
    expect(rows.change([row(77, 0, 1, 1)])).toBe(false);
  });

  it('takes mails out, and says which one takes their place', () => {
    const rows = new Rows('all');
    const all = mails(20);
    rows.reset(20);
    rows.fill(0, all.slice(0, 5), 20);
    rows.fill(10, all.slice(10, 15), 20);
    const going = new Set([all[1], all[3], all[12]].map((each) => each?.id ?? 0));
    expect(rows.beside(going)).toBe(all[13]?.id);
    expect(rows.beside(new Set([all[4]?.id ?? 0]))).toBe(all[3]?.id);
    expect(rows.remove(going)).toBe(3);
    expect(rows.length).toBe(17);
    expect(rows.at(2)?.id).toBe(all[4]?.id);
    expect(rows.index(all[10]?.id ?? 0)).toBe(8);
    expect(rows.index(all[13]?.id ?? 0)).toBe(10);
    expect(rows.remove(new Set([1]))).toBe(0);
  });

  it('forgets what is far away, never what is near or needed', () => {
    const { rows, all } = filled(KEPT + 1000);
    const needed = all[KEPT + 500]?.id ?? 0;
    rows.trim(0, new Set([needed]));
    expect(rows.length).toBe(KEPT + 1000);
    expect(rows.at(0)).toBeDefined();
    expect(rows.at(KEPT)).toBeUndefined();
    expect(rows.index(needed)).toBe(KEPT + 500);
  });

  it('costs what is known, not what the list is long', () => {
    const rows = new Rows('all');
    rows.reset(500_000);
    rows.fill(499_900, mails(100), 500_000);
    expect(rows.stretches.flatMap((each) => each.rows)).toHaveLength(100);
    expect(rows.at(499_999)?.id).toBe(9901);
    rows.arrive([{ ...row(20_000, 0, 1, 1), date: 2_000_000 }]);
    expect(rows.at(500_000)?.id).toBe(9901);
  });
});

describe('days', () => {
  const at = (date: number, hour: number) => new Date(2026, 10, date, hour).getTime() / 1000;
  const day = (id: number, date: number, hour: number) => ({ ...row(id, 0, 1, 1), date: at(date, hour) });

  it('begin above the first mail of each, where the mail above is known', () => {
    const rows = [day(9, 23, 10), day(8, 23, 0), day(7, 22, 23), day(6, 20, 12), day(5, 20, 11)];
    expect(dayStarts([{ start: 0, rows }])).toEqual([0, 2, 3]);
    expect(dayStarts([{ start: 40, rows }])).toEqual([42, 43]);
    expect(
      dayStarts([
        { start: 0, rows: rows.slice(0, 2) },
        { start: 7, rows: rows.slice(1) },
      ]),
    ).toEqual([0, 8, 9]);
  });
});

describe("strangers' words", () => {
  it('become one line that hides nothing', () => {
    expect(oneLine('a\r\n\tb')).toBe('a b');
    expect(oneLine('报价单\u202Excod.exe')).toBe('报价单 xcod.exe');
    expect(oneLine(`${'长'.repeat(299)}🎉🎉`)).toBe('长'.repeat(299));
    expect(oneLine('题'.repeat(10_000))).toHaveLength(300);
    expect(oneLine('👨‍👩‍👧 مرحبا')).toBe('👨‍👩‍👧 مرحبا');
  });
});
