import { describe, expect, it } from 'vitest';
import { best, score } from '../../src/commands/find';
import { nextZoom, ZOOMS } from '../../src/shell/zoom';

describe('finding', () => {
  const all = [
    ['全部标为已读', 'Mark all as read', 'mark all read'],
    ['标为已读', 'Mark as read', 'mark read'],
    ['归档', 'Archive', 'archive'],
    ['前往归档', 'Go to archive', 'go archive'],
    ['只看未读', 'Only unread', 'filter unread'],
  ];
  const first = (typed: string) => best(all, (texts) => score(typed, texts))[0]?.[0];
  it.each([
    ['归档', '归档'],
    ['archive', '归档'],
    ['arch', '归档'],
    ['gd', '归档'],
    ['qwgd', '前往归档'],
    ['go arch', '前往归档'],
    ['bwyd', '标为已读'],
    ['wd', '只看未读'],
    ['已读 全部', '全部标为已读'],
    ['ＡＲＣＨ', '归档'],
    ['mkread', '标为已读'],
  ])('%s finds %s', (typed, name) => expect(first(typed)).toBe(name));

  it('wants every word, and finds nothing for nonsense', () => {
    expect(first('归档 zzz')).toBeUndefined();
    expect(first('xyzzy')).toBeUndefined();
    expect(score('', ['x'])).toBeGreaterThan(0);
  });
  it('keeps equal ones in their order', () => expect(best(['a', 'b', 'c'], () => 1)).toEqual(['a', 'b', 'c']));
});

describe('sizes', () => {
  it('go step by step and stop at the ends', () => {
    let zoom = 80;
    for (const next of ZOOMS.slice(1)) expect((zoom = nextZoom(zoom, 1))).toBe(next);
    expect([nextZoom(200, 1), nextZoom(80, -1), nextZoom(173, -1), nextZoom(173, 1), nextZoom(175, 0)]).toEqual([
      200, 80, 150, 175, 100,
    ]);
  });
});
