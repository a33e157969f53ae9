import { describe, expect, it } from 'vitest';
import zh from '../../../crates/words/catalog/zh-CN/settings.json';
import type { Folder } from '../../src/host/api';
import { moved } from '../../src/settings/accounts/order';
import { entries, PAGES, SETTINGS } from '../../src/settings/entries';
import { pasted, wrongHost, wrongPort } from '../../src/settings/network/proxy';
import { find, marked, type Words } from '../../src/settings/search';
import { checkSender, withSender } from '../../src/settings/senders';
import { withOwn } from '../../src/settings/steps';
import { rules } from '../../src/settings/telling/rules';
import { account } from '../agent';
import { folder } from '../mails';

const words = (name: string, also = '', hint = '', around = ''): Words => ({
  name: name.split('|'),
  also: [also],
  hint: [hint],
  around: [around],
});

describe('every setting', () => {
  it('has a name, a sentence of what it does, and other names to be found by', () => {
    const all = PAGES.flatMap((page) => SETTINGS[page] as readonly string[]);
    expect(new Set(all).size).toBe(all.length);
    const wanted = all.flatMap((id) => [`setting.${id}`, `setting.${id}.hint`, `setting.${id}.also`]);
    const there = Object.keys(zh).filter((key) => key.startsWith('setting.'));
    expect(there.sort()).toEqual(wanted.sort());
    for (const [key, text] of Object.entries(zh))
      if (/^setting\..*\.hint$/.test(key)) expect(text, key).toMatch(/^[^。]+。$/);
  });

  it('of an account stands once for each account', () => {
    const both = [
      { id: 1, name: 'A' },
      { id: 2, name: 'B' },
    ];
    const passwords = entries(both).filter(({ setting }) => setting === 'account_password');
    expect(passwords.map(({ account: whose }) => whose?.id)).toEqual([1, 2]);
    expect(entries([]).some(({ setting }) => setting === 'account_password')).toBe(false);
    expect(entries(both).filter(({ setting }) => setting === 'proxy')).toHaveLength(1);
  });
});

describe('searching the settings', () => {
  const things = {
    proxy: words('代理|Proxy', '防火墙', '所有连接都走这里', '网络'),
    test: words('测试连接|Test the connection', '代理不通', '检查', '网络'),
    theme: words('主题|Theme', '深色 dark', '浅色或深色', '外观'),
  };
  const ids = (query: string) => find(query, Object.keys(things) as (keyof typeof things)[], (id) => things[id]);

  it('finds by name, synonym, sentence and page, the name first', () => {
    expect(ids('代理')).toEqual(['proxy', 'test']);
    expect(ids('防火墙')).toEqual(['proxy']);
    expect(ids('检查')).toEqual(['test']);
    expect(ids('网络')).toEqual(['proxy', 'test']);
  });
  it('finds in English too, whatever the case and width', () => {
    expect(ids('PROX')).toEqual(['proxy']);
    expect(ids('ｄａｒｋ')).toEqual(['theme']);
  });
  it('wants every word of the query', () => {
    expect(ids('网络 test')).toEqual(['test']);
    expect(ids('网络 theme')).toEqual([]);
    expect(ids('   ')).toEqual([]);
  });
  it('marks what was found', () => {
    expect(marked('Test the connection', 'CON test')).toEqual([
      { text: 'Test', hit: true },
      { text: ' the ', hit: false },
      { text: 'con', hit: true },
      { text: 'nection', hit: false },
    ]);
    expect(marked('İstanbul', 'i')).toEqual([{ text: 'İstanbul', hit: false }]);
    expect(marked('代理', '没有')).toEqual([{ text: '代理', hit: false }]);
  });
});

describe('a proxy', () => {
  it.each([
    ['proxy.company.example', null],
    ['10.0.0.1', null],
    ['::1', null],
    ['代理.公司', null],
    ['', 'empty'],
    ['pro xy', 'host'],
    ['-x.example', 'host'],
    ['a..b', 'host'],
    ['a'.repeat(300), 'host'],
  ])('host %j', (host, wrong) => expect(wrongHost(host)).toBe(wrong));
  it.each([
    ['8080', null],
    ['1', null],
    ['65535', null],
    ['0', 'port'],
    ['65536', 'port'],
    ['80a', 'port'],
    ['', 'empty'],
  ])('port %j', (port, wrong) => expect(wrongPort(port)).toBe(wrong));
  it('may be pasted whole', () => {
    expect(pasted(' http://proxy.example:3128/ ')).toEqual({ kind: 'http', host: 'proxy.example', port: '3128' });
    expect(pasted('socks5h://127.0.0.1:1080')).toEqual({ kind: 'socks5', host: '127.0.0.1', port: '1080' });
    expect(pasted('[::1]:1080')).toEqual({ host: '::1', port: '1080' });
    expect(pasted('proxy.example')).toEqual({ host: 'proxy.example' });
    expect(pasted('pro xy')).toEqual({ host: 'pro xy' });
  });
});

describe('senders', () => {
  it.each([
    ['李四 <LiSi@Huadong.example>', 'lisi@huadong.example'],
    ['wangwu＠huadong.example', 'wangwu@huadong.example'],
    ['@huadong.example', '@huadong.example'],
    ['huadong.example', '@huadong.example'],
    ['huadong', null],
    ['a b@c.example', null],
    ['', null],
  ])('%j is kept as %j', (text, kept) => expect(checkSender(text, true)).toBe(kept));
  it('are no domains where only people count', () => {
    expect(checkSender('@huadong.example', false)).toBeNull();
    expect(checkSender('huadong.example', false)).toBeNull();
  });
  it('are kept once', () => expect(withSender(['A@b.example'], 'a@b.example')).toEqual(['A@b.example']));
});

describe('the table of folders', () => {
  const folders: Folder[] = [
    folder(10, 1, 'INBOX', 'inbox'),
    folder(14, 1, '项目', 'none', { selectable: false }),
    folder(15, 1, '上海二期', 'none', { parent: 14, path: '项目 / 上海二期' }),
    folder(20, 2, 'INBOX', 'inbox'),
  ];
  const both = [account(1, 'zhangsan@huadong.example', 'A', '#000'), account(2, 'lisi@huadong.example', 'B', '#000')];
  const said = (query: string, accounts = both) =>
    rules(accounts, folders, query, ({ name }) => name, 'zh-CN').map((rule) =>
      rule.kind === 'account' ? rule.account.name : `${rule.level} ${rule.name}`,
    );

  it('has accounts and folders as the rail, without those that hold no mail', () => {
    expect(said('')).toEqual(['A', '1 INBOX', '2 上海二期', 'B', '1 INBOX']);
    expect(said('', both.slice(0, 1))).toEqual(['1 INBOX', '2 上海二期']);
  });
  it('is searched by whole paths', () => {
    expect(said('项目')).toEqual(['A', '1 项目 / 上海二期']);
    expect(said('nothing')).toEqual([]);
  });
});

describe('small things', () => {
  it('move one thing in a list', () => {
    expect(moved([1, 2, 3], 0, 2)).toEqual([2, 3, 1]);
    expect(moved([1, 2, 3], 2, 0)).toEqual([3, 1, 2]);
    expect(moved([1, 2, 3], 1, 9)).toEqual([1, 3, 2]);
    expect(moved([1, 2, 3], 9, 0)).toEqual([1, 2, 3]);
  });
  it('offer the usual steps and the own one', () => {
    expect(withOwn([0, 5], 3)).toEqual([0, 3, 5]);
    expect(withOwn([0, 5], 5)).toEqual([0, 5]);
  });
});
