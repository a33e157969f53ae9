import { describe, expect, it } from 'vitest';
import type { Account, Folder } from '../../src/host/api';
import { verdict, type Carried } from '../../src/mail/tree/drops';
import { begins, fits, initials } from '../../src/mail/tree/initials';
import { holder, lines, move, typed, type Line, type View } from '../../src/mail/tree/lines';
import { alike, below, count, kept, shape } from '../../src/mail/tree/tree';
import { account } from '../agent';
import { folder } from '../mails';

const NONE: ReadonlySet<never> = new Set();
const ONE = account(1, 'zhangsan@huadong.example', '工作邮箱', '#0b746c');
const TWO = account(2, 'lisi@huadong.example', '客服共享', '#b06a3b');
const FOLDERS: Folder[] = [
  folder(5, 1, '甲', 'none', { parent: 4 }),
  folder(4, 1, '项目', 'none'),
  folder(3, 1, 'Trash', 'trash'),
  folder(2, 1, 'Drafts', 'drafts', { total: 2, unread: 0 }),
  folder(1, 1, 'INBOX', 'inbox'),
  folder(6, 1, '孤', 'none', { parent: 99 }),
  folder(7, 1, '环', 'none', { parent: 7 }),
  folder(8, 2, 'INBOX', 'inbox'),
  folder(9, 1, '公共', 'none', { owner: 'shared' }),
  folder(10, 1, '圈', 'none', { parent: 11 }),
  folder(11, 1, '套', 'none', { parent: 10 }),
];

function view(more: Partial<View> = {}, folders = FOLDERS, accounts: Account[] = [ONE, TWO]): View {
  return {
    accounts,
    byId: new Map(folders.map((each) => [each.id, each])),
    shape: shape(folders, 'zh-CN'),
    folded: { folders: NONE, accounts: NONE, groups: NONE },
    kept: null,
    making: null,
    ...more,
  };
}
const keys = (all: Line[]) => all.map((line) => line.key);
const line = (key: string, all = lines(view())): Line => {
  const found = all.find((each) => each.key === key);
  if (!found) throw new Error(key);
  return found;
};

describe('the lines of the rail', () => {
  it('nest, stand in the order of roles, and count their siblings', () => {
    const all = lines(view());
    expect(keys(all).slice(0, 4)).toEqual(['unified', 'a1', 'd1', 'd2']);
    expect(line('d4', all)).toMatchObject({ level: 2, depth: 0, expanded: true });
    expect(line('d5', all)).toMatchObject({ level: 3, depth: 1, at: 1, of: 1 });
    expect(line('d5', all).expanded).toBeUndefined();
    expect(keys(all).indexOf('d5')).toBe(keys(all).indexOf('d4') + 1);
    // Trash, then what is shared, under a heading of its own.
    expect(keys(all).slice(-5)).toEqual(['d3', 'o1-shared', 'd9', 'a2', 'd8']);
    expect(line('a2', all)).toMatchObject({ level: 1, at: 3, of: 3 });
  });

  it('lose no folder whose parent is missing or goes round in a circle', () => {
    const all = lines(view());
    for (const id of [6, 7, 10, 11]) expect(line(`d${id}`, all).level, String(id)).toBe(2);
  });

  it('leave out what is folded', () => {
    expect(keys(lines(view({ folded: { folders: new Set([4]), accounts: NONE, groups: NONE } })))).not.toContain('d5');
    const closed = lines(view({ folded: { folders: NONE, accounts: new Set([1]), groups: new Set(['1-shared']) } }));
    expect(keys(closed)).toEqual(['unified', 'a1', 'a2', 'd8']);
  });

  it('have favourites on top, in the order of accounts, and none for one account alone', () => {
    const folders = FOLDERS.map((each) => ([8, 5].includes(each.id) ? { ...each, favourite: true } : each));
    expect(keys(lines(view({}, folders))).slice(0, 5)).toEqual(['unified', 'favourites', 'v5', 'v8', 'a1']);
    expect(keys(lines(view({}, folders, [ONE]))).slice(0, 3)).toEqual(['favourites', 'v5', 'a1']);
  });

  it('show where a folder is being made, also in one that is folded', () => {
    const folded = { folders: new Set([4]), accounts: NONE, groups: NONE };
    const all = lines(view({ folded, making: { account: 1, parent: 4 } }));
    expect(keys(all)).toContain('d5');
    expect(keys(all).indexOf('new')).toBe(keys(all).indexOf('d4') + 1);
    const top = keys(lines(view({ making: { account: 1, parent: null } })));
    expect(top[top.indexOf('new') - 1]).toBe('d3');
  });

  it('are left by a filter with those that hold them, whatever is folded', () => {
    const left = kept(FOLDERS, (each) => each.name === '甲');
    expect([...left].sort()).toEqual([4, 5]);
    const folded = { folders: new Set([4]), accounts: new Set([1]), groups: NONE };
    expect(keys(lines(view({ kept: left, folded })))).toEqual(['a1', 'd4', 'd5']);
  });

  it('are not sorted anew because a count changed', () => {
    const changed = FOLDERS.map((each) => (each.id === 1 ? { ...each, unread: 7 } : each));
    expect(alike(FOLDERS, changed)).toBe(true);
    expect(
      alike(
        FOLDERS,
        FOLDERS.map((each) => (each.id === 1 ? { ...each, name: 'x' } : each)),
      ),
    ).toBe(false);
    expect(alike(FOLDERS, FOLDERS.slice(1))).toBe(false);
  });

  it('are many and quick', () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      folder(i + 1, 1, `项目 ${i}`, 'none', { parent: i % 10 === 0 ? null : i - (i % 10) + 1 }),
    );
    const before = performance.now();
    expect(lines(view({}, many, [ONE]))).toHaveLength(5001);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(below(1, shape(many, 'zh-CN'))).toHaveLength(9);
  });
});

describe('keys among the lines', () => {
  const all = lines(view());
  const at = (key: string) => keys(all).indexOf(key);
  it.each([
    ['ArrowDown', 'd1', 'd2'],
    ['ArrowUp', 'unified', 'unified'],
    ['ArrowUp', 'd1', 'a1'],
    ['ArrowRight', 'd4', 'd5'],
    ['ArrowRight', 'd5', 'd5'],
    ['ArrowLeft', 'd5', 'd4'],
    ['ArrowLeft', 'd1', 'a1'],
    ['ArrowLeft', 'unified', 'unified'],
    ['Home', 'd8', 'unified'],
    ['End', 'd1', 'd8'],
    ['PageDown', 'd1', 'd7'],
  ])('%s leads from %s to %s', (key, from, to) => {
    const index = move(all, at(from), key, 3);
    expect(typeof index === 'number' && all[index]?.key).toBe(to);
  });

  it('fold and unfold', () => {
    expect(move(all, at('d4'), 'ArrowLeft', 3)).toBe('fold');
    const folded = lines(view({ folded: { folders: new Set([4]), accounts: NONE, groups: NONE } }));
    expect(move(folded, keys(folded).indexOf('d4'), 'ArrowRight', 3)).toBe('fold');
    expect(holder(all, at('d5'))).toBe(at('d4'));
    expect(move(all, 0, 'x', 3)).toBeUndefined();
  });

  it('go to the next name that begins so, and around', () => {
    const fits = (each: Line) => each.kind === 'folder' && each.folder.name === 'INBOX';
    expect(all[typed(all, at('d1'), fits, true)]?.key).toBe('d8');
    expect(all[typed(all, at('d8'), fits, true)]?.key).toBe('d1');
    expect(all[typed(all, at('d1'), fits, false)]?.key).toBe('d1');
    expect(typed(all, 0, () => false, true)).toBe(-1);
  });
});

describe('names', () => {
  it('have the initials of their pinyin', () => {
    expect(initials('项目管理 2026')).toBe('xmgl 2026');
    expect(initials('那年阿里发财二零日报')).toBe('nnalfcelrb');
  });
  it('are found by a part, by initials, and in any width', () => {
    expect(fits('上海二期', '二期')).toBe(true);
    expect(fits('上海二期', 'shEQ')).toBe(true);
    expect(fits('Ｐｒｏｊｅｃｔ', 'project')).toBe(true);
    expect(fits('上海二期', 'bj')).toBe(false);
    expect(begins('数据中心', 'sj')).toBe(true);
    expect(begins('数据中心', 'zx')).toBe(false);
  });
});

describe('counts', () => {
  it('are of drafts, and elsewhere of what is unread', () => {
    expect(count(folder(2, 1, '', 'drafts', { total: 2 }))).toBe(2);
    expect(count(folder(2, 1, '', 'none', { total: 9, unread: 4 }))).toBe(4);
    expect(count(folder(2, 1, '', 'trash', { unread: 4 }))).toBe(0);
  });
});

describe('drops', () => {
  const nested = shape(FOLDERS, 'zh-CN');
  const mails = (accounts: number[], from: number | null = null): Carried => ({
    kind: 'mails',
    ids: [1, 2],
    accounts: new Set(accounts),
    from,
  });
  const on = (carried: Carried, key: string, lower = false) => verdict(carried, line(key), nested, lower);
  const dragged = (id: number): Carried => ({
    kind: 'folder',
    folder: FOLDERS.find((each) => each.id === id) ?? folder(0, 1, '', 'none'),
  });

  it('of mails move, delete, or do what the folder is for', () => {
    expect(on(mails([1]), 'd4')).toMatchObject({ kind: 'act', action: { kind: 'move', folder: 4 } });
    expect(on(mails([1]), 'd3')).toMatchObject({ kind: 'act', action: { kind: 'delete', confirmed: false } });
    const of = (role: Folder['role']) =>
      verdict(mails([1]), { ...line('d4'), folder: folder(30, 1, '', role) } as Line, nested, false);
    expect(of('junk')).toMatchObject({ action: { kind: 'junk' } });
    expect(of('archive')).toMatchObject({ action: { kind: 'archive' } });
    expect(of('flagged')).toMatchObject({ action: { kind: 'star' } });
  });

  it('of mails stay within an account; where it is not known, the agent decides', () => {
    expect(on(mails([1]), 'd8')).toEqual({ kind: 'no', words: 'other_account' });
    expect(on(mails([1, 2]), 'd4')).toEqual({ kind: 'no', words: 'other_account' });
    expect(on(mails([]), 'd8')).toMatchObject({ kind: 'act' });
    expect(on(mails([1], 4), 'd4')).toEqual({ kind: 'nothing' });
    expect(on(mails([1]), 'a1')).toEqual({ kind: 'nothing' });
  });

  it('of folders nest, but never into themselves', () => {
    expect(on(dragged(6), 'd4')).toEqual({ kind: 'nest', parent: 4, words: 'below' });
    expect(on(dragged(4), 'd5')).toEqual({ kind: 'no', words: 'itself' });
    expect(on(dragged(5), 'd4')).toEqual({ kind: 'nothing' });
    expect(on(dragged(5), 'a1')).toEqual({ kind: 'nest', parent: null, words: 'top' });
    expect(on(dragged(4), 'a1')).toEqual({ kind: 'nothing' });
    expect(on(dragged(5), 'a2')).toEqual({ kind: 'no', words: 'other_account' });
    expect(on(dragged(5), 'd8')).toEqual({ kind: 'no', words: 'other_account' });
    expect(on(dragged(6), 'd3')).toEqual({ kind: 'no', words: 'not_here' });
    expect(on(dragged(1), 'd4')).toEqual({ kind: 'no', words: 'not_here' });
    expect(on(dragged(6), 'd9')).toEqual({ kind: 'no', words: 'not_here' });
  });

  it('of accounts go before or after another one', () => {
    const carried: Carried = { kind: 'account', account: ONE };
    expect(on(carried, 'a2', true)).toEqual({ kind: 'order', after: true, words: 'after' });
    expect(on(carried, 'a2')).toEqual({ kind: 'order', after: false, words: 'before' });
    expect(on(carried, 'a1')).toEqual({ kind: 'nothing' });
    expect(on(carried, 'd8')).toEqual({ kind: 'nothing' });
  });
});
