//! What WeCom's workbench opens: in WeCom's own browser, in the computer's, on a phone, before the real bridge.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { stage } from './stage';

const desk = stage(false);
const INSIDE =
  'Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 wxwork/4.1.36 (MicroMessenger/6.2) WindowsWechat';
const PHONE =
  'Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/7.0.1 wxwork/4.1.38';

describe('a page of the workbench', () => {
  let bridge = '';
  beforeAll(async () => {
    bridge = await desk.say('office');
  });

  const at = (path: string, userAgent?: string) => desk.visit(new URL(path, bridge).href, userAgent);
  const state = (page: Page) => page.evaluate(() => document.body.dataset.state);

  it('has WeCom open the browser of the computer', async () => {
    const page = await at('/open/compose', INSIDE);
    await page.getByRole('heading', { name: '已在电脑的浏览器中打开' }).waitFor();
    const opened = await page.evaluate(() => document.documentElement.dataset.opened);
    expect(opened).toBe(new URL('/open/compose', bridge).href);
    const there = await at(opened!);
    await there.getByRole('heading', { name: '正在打开企邮' }).waitFor();
  });

  it('offers what is left when no program takes the address', async () => {
    const page = await at('/open/app');
    await page.getByRole('heading', { name: '正在打开企邮' }).waitFor();
    await page.getByRole('heading', { name: '企邮没有打开' }).waitFor();
    expect(await state(page)).toBe('missing');
    expect(await page.getByRole('link', { name: '打开企邮' }).getAttribute('href')).toBe('qiyou://open');
  });

  it('says on a phone that the app is for computers', async () => {
    const page = await at('/open/inbox', PHONE);
    await page.getByRole('heading', { name: '企邮在电脑上使用' }).waitFor();
    expect(await page.locator('a[href^="qiyou:"]').count()).toBe(0);
  });
});
