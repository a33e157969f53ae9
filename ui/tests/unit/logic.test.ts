import { describe, expect, it, vi } from 'vitest';
import type { CauseCode } from '../../src/host/api';
import type { Host } from '../../src/host/host';
import { calm, joined } from '../../src/host/queries';
import { connection } from '../../src/mail/tree/connection';
import { clock, day, dayAndClock, daysBetween, exact, rowTime } from '../../src/mail/days';
import { faceColor, initial } from '../../src/mail/people';
import { hoursOf, tomorrow } from '../../src/settings/quiet';
import { blank, helpKey, isLoopback, mayTryNext, usualPort, waysOut } from '../../src/welcome/ways';
import { account, causeOf } from '../agent';

const zh = { today: '今天', yesterday: '昨天' };
const en = { today: 'Today', yesterday: 'Yesterday' };
const at = (year: number, month: number, date: number, hour = 0, minute = 0) =>
  new Date(year, month - 1, date, hour, minute).getTime();
const now = at(2026, 11, 23, 10, 50);

describe('times', () => {
  it.each([
    [at(2026, 11, 23, 9, 5), '09:05', '09:05'],
    [at(2026, 11, 22, 23, 59), '昨天', 'Yesterday'],
    [at(2026, 11, 21, 12), '周六', 'Sat'],
    [at(2026, 11, 16, 12), '11月16日', '16 Nov'],
    [at(2025, 11, 3, 12), '2025/11/3', '3 Nov 2025'],
    [at(2026, 11, 25, 12), '11月25日', '25 Nov'],
  ])('are said as people say them', (ms, chinese, english) => {
    expect(rowTime(ms, now, 'zh-CN', zh)).toBe(chinese);
    expect(rowTime(ms, now, 'en', en)).toBe(english);
  });

  it('names days and clocks, and everything on the hover', () => {
    expect(day(now, now, 'zh-CN', zh)).toBe('今天');
    expect(dayAndClock(at(2026, 11, 23, 0, 7), now, 'zh-CN', zh)).toBe('今天 00:07');
    expect(clock(at(2026, 1, 1, 0, 0), 'en')).toBe('00:00');
    expect(exact(now, 'zh-CN')).toMatch(/2026年11月23日星期一.*10:50:00/);
    expect(exact(now, 'zh-TW')).toMatch(/2026年11月23日.*星期一.*10:50:00/);
    expect(rowTime(at(2026, 11, 21, 12), now, 'zh-TW', zh)).toBe('週六');
    expect(rowTime(at(2025, 11, 3, 12), now, 'zh-TW', zh)).toBe('2025/11/3');
  });

  it('counts local days, not hours', () => {
    expect(daysBetween(at(2026, 11, 22, 23, 59), at(2026, 11, 23, 0, 1))).toBe(1);
    expect(daysBetween(at(2026, 11, 23, 0, 1), at(2026, 11, 23, 23, 59))).toBe(0);
  });
});

describe('people', () => {
  it('have the first Han character or an initial', () => {
    const face = (name: string, address = 'x@y.example') => initial({ name, address });
    expect([
      face('李四'),
      face('财务共享中心'),
      face('Anna Kowalska'),
      face('', 'bob@x.example'),
      face('"王五"'),
      face('—', ''),
    ]).toEqual(['李', '财', 'A', 'B', '王', '?']);
  });
  it('keep their colour whatever their name', () => {
    expect(faceColor({ name: '李四', address: 'LiSi@x.example' })).toBe(
      faceColor({ name: '', address: 'lisi@x.example' }),
    );
  });
});

describe('the connection', () => {
  const one = account(1, 'a@b.example', 'A', '#000000');
  it('tells the worst, and first what needs the person', () => {
    expect(connection(true, [one]).key).toBe('state.connected');
    expect(connection(true, [{ ...one, state: { state: 'connected', watch: 'poll' } }]).key).toBe(
      'state.connected_poll',
    );
    const offline = { ...one, state: { state: 'offline' as const, cause: causeOf('dns'), retry_at: 0 } };
    const needed = { ...one, state: { state: 'sign_in_needed' as const, cause: causeOf('password') } };
    expect(connection(true, [one, offline]).key).toBe('state.offline');
    expect(connection(true, [offline, needed]).key).toBe('state.sign_in_needed');
    expect(connection(false, [one]).key).toBe('state.no_agent');
  });
});

describe('ways out', () => {
  it('every cause has at least one', () => {
    const all: CauseCode[] = [
      'dns',
      'tcp',
      'timeout',
      'proxy',
      'proxy_auth',
      'tls',
      'certificate_expired',
      'certificate_unknown',
      'certificate_name',
      'certificate_other',
      'plaintext_forbidden',
      'password',
      'authorization_code',
      'oauth_expired',
      'imap_disabled',
      'unsafe_login',
      'too_many_connections',
      'smtp_refused',
      'keychain',
      'secret_missing',
      'server_said',
      'disconnected',
    ];
    for (const code of all) expect(waysOut(code, false, 'password').length, code).toBeGreaterThan(0);
  });
  it('go to the browser where there is no password', () =>
    expect(waysOut('password', true, 'oauth2')[0]).toBe('browser'));
  it('never try another server after a refused password', () => {
    expect(mayTryNext('password')).toBe(false);
    expect(mayTryNext('authorization_code')).toBe(false);
    expect(mayTryNext('tcp')).toBe(true);
  });
  it('know ports, loopback and helpers', () => {
    expect([
      usualPort('imap', 'tls'),
      usualPort('imap', 'starttls'),
      usualPort('smtp', 'tls'),
      usualPort('smtp', 'starttls'),
    ]).toEqual([993, 143, 465, 587]);
    expect([
      isLoopback('127.0.0.1'),
      isLoopback('localhost'),
      isLoopback('127.example.com'),
      isLoopback('10.0.0.1'),
    ]).toEqual([true, true, false, false]);
    expect(blank('a@b.example').imap.host).toBe('imap.b.example');
    expect([helpKey('netease_qiye_hz'), helpKey('netease_163'), helpKey('tencent_exmail'), helpKey('custom')]).toEqual([
      'provider.help.netease_qiye',
      'provider.help.netease',
      'provider.help.exmail',
      'provider.help.general',
    ]);
  });
});

describe('quiet hours', () => {
  it.each([
    [0, '00:00'],
    [59, '00:59'],
    [1320, '22:00'],
    [1439, '23:59'],
  ])('%i minutes after midnight are %s', (minutes, words) => expect(hoursOf(minutes)).toBe(words));
  it('"tomorrow" is its morning', () => expect(tomorrow(now)).toBe(at(2026, 11, 24, 8) / 1000));
});

describe('manners towards the agent', () => {
  it('joins equal questions under way, and asks again afterwards', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const call = vi.fn(() => new Promise((resolve) => (answer = resolve)));
    const host = joined({ call } as unknown as Host);
    const both = [host.call('status', {}), host.call('status', {})];
    expect(call).toHaveBeenCalledTimes(1);
    answer(1);
    expect(await Promise.all(both)).toEqual([1, 1]);
    void host.call('status', {});
    expect(call).toHaveBeenCalledTimes(2);
    // What changes something is never joined.
    void host.call('mail.act', { mails: [1], action: { kind: 'star' } });
    void host.call('mail.act', { mails: [1], action: { kind: 'star' } });
    expect(call).toHaveBeenCalledTimes(4);
  });

  it('turns a storm of wishes into two runs', async () => {
    vi.useFakeTimers();
    const work = vi.fn(async () => undefined);
    const wish = calm(work, 400);
    for (let i = 0; i < 100; i += 1) wish();
    await vi.advanceTimersByTimeAsync(399);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(work).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });
});
