import { describe, expect, it } from 'vitest';
import { KEPT, Rows } from '../../src/mail/list/rows';
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

describe('the known part of a list', () => {
  it('asks for the unknown stretch in view, and only for that', () => {
    const rows = new Rows('all');
    rows.reset(50_000);
    expect(rows.gap(40_000, 40_020)).toEqual({ offset: 40_000, limit: 21 });
    rows.fill(40_000, mails(21), 50_000);
    expect(rows.gap(40_000, 40_020)).toBeUndefined();
    expect(rows.gap(39_990, 40_030)).toEqual({ offset: 39_990, limit: 41 });
    expect(rows.gap(0, 49_999)?.limit).toBeLessThanOrEqual(200);
  });

  it('refuses an answer about a list of another length', () => {
    const rows = new Rows('all');
    rows.reset(10);
    expect(rows.fill(0, mails(5), 11)).toBe(false);
  });

  it('refuses an answer that contradicts what is known', () => {
    const { rows } = filled(10);
    expect(rows.fill(2, [{ ...row(5, 0, 1, 1), date: 1 }], 10)).toBe(false);
  });

  it('puts a new mail where its time says, once', () => {
    const { rows, all } = filled(3);
    const fresh = { ...row(20_000, 0, 1, 1), date: 2_000_000 };
    expect(rows.arrive([fresh])).toBe(1);
    expect(rows.arrive([fresh])).toBe(0);
    expect(rows.slots.map((each) => each?.id)).toEqual([20_000, ...all.map((each) => each.id)]);
    const old = { ...row(20_001, 0, 1, 1), date: 1_000_000 - 15 };
    rows.arrive([old]);
    expect(rows.index(20_001)).toBe(3);
  });

  it('admits that the place of a new mail is not known', () => {
    const rows = new Rows('all');
    rows.reset(100);
    expect(rows.arrive([row(20_000, 0, 1, 1)])).toBeUndefined();
  });

  it('keeps a read mail in "unread" where it is, and counts as the agent does', () => {
    const { rows, all } = filled(5, 'unread');
    const second = all[1];
    if (!second) throw new Error('no second mail');
    expect(rows.change([{ ...second, unread: false }])).toBe(true);
    expect(rows.slots.length).toBe(5);
    expect(rows.total).toBe(4);
    // The agent's list has four mails now; its third is the fourth here.
    rows.slots = rows.slots.map((each, index) => (index >= 3 ? undefined : each));
    expect(rows.gap(3, 4)).toEqual({ offset: 2, limit: 2 });
    expect(rows.fill(2, all.slice(3), 4)).toBe(true);
    expect(rows.slots.map((each) => each?.id)).toEqual(all.map((each) => each.id));
    rows.change([second]);
    expect(rows.total).toBe(5);
  });

  it('says when a change may have touched what is not known', () => {
    const { rows } = filled(5, 'unread');
    expect(rows.change([row(77, 0, 1, 1)])).toBe(false);
  });

  it('forgets what is far away, never what is near', () => {
    const { rows } = filled(KEPT + 1000);
    rows.trim(0);
    expect(rows.slots.length).toBe(KEPT + 1000);
    expect(rows.slots[0]).toBeDefined();
    expect(rows.slots[KEPT]).toBeUndefined();
  });
});
