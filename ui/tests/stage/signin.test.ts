//! Signing in by WeCom: the app's page, the member's browser and a phone, before the real agent and the real bridge.

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../house';
import { stage } from './stage';

const desk = stage(false);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** The member's browser on WeCom's page, opened by the app, and what it becomes after the phone scanned and agreed. */
async function scanned(page: Page, who: string): Promise<Page> {
  const again = button(page, '重新打开页面');
  await until(() => again.isEnabled());
  const [member] = await Promise.all([desk.context.waitForEvent('page'), again.click()]);
  const [phone] = await Promise.all([
    desk.context.waitForEvent('page'),
    member.getByRole('link', { name: /演示用手机/ }).click(),
  ]);
  await phone.getByRole('button', { name: who }).click();
  await phone.getByRole('button', { name: /确认/ }).click();
  await member.waitForURL(/callback/);
  return member;
}

async function begin(page: Page, bridge: string): Promise<void> {
  await button(page, '使用企业微信登录').click();
  const field = page.getByLabel('服务器地址');
  await until(async () => (await field.count()) > 0 || (await button(page, '重新打开页面').count()) > 0);
  if ((await field.count()) > 0) {
    await field.fill(bridge);
    await button(page, '下一步').click();
  }
  await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
}

describe('signing in by WeCom', () => {
  let bridge = '';

  it('asks for the company once, and says what is wrong with an address', async () => {
    bridge = await desk.say('office');
    const page = await desk.open();
    await button(page, '使用企业微信登录').click();
    const field = page.getByLabel('服务器地址');
    await field.fill('http://mail.example.cn');
    await page.keyboard.press('Enter');
    await page.getByText('这不是企邮服务器的地址').waitFor();
    await field.fill(bridge);
    await page.keyboard.press('Enter');
    await page.getByText('浏览器已打开企业微信的登录页').waitFor();
    await button(page, '取消').click();
    await page.getByLabel('邮箱地址').waitFor();
  });

  it('goes from the scan over the digits to the mailbox', async () => {
    const page = await desk.open();
    await begin(page, bridge);
    const member = await scanned(page, '张三');
    await member.getByRole('heading', { name: /上登录企邮？/ }).waitFor();
    await page.locator('li[aria-current=step]', { hasText: '在浏览器页面上点“登录”' }).waitFor();
    await button(member, '登录').click();
    const spoken = (await member.locator('.code').getAttribute('aria-label')) ?? '';
    const digits = page.getByLabel(/六位数字/);
    await digits.fill(spoken.replaceAll(' ', '') === '000000' ? '000001' : '000000');
    await page.keyboard.press('Enter');
    await page.getByText('数字不对').waitFor();
    await digits.fill(spoken);
    await digits.fill(spoken.replaceAll(' ', ''));
    await page.keyboard.press('Enter');
    // Address and name are WeCom's; the servers are asked for, as the company named none.
    await page.locator('#imap-host').waitFor();
    expect(await page.locator('#imap-user').inputValue()).toBe('zhangsan@qiyou.example');
  });

  it('wakes the app by the link of the page', async () => {
    const page = await desk.open();
    await begin(page, bridge);
    const member = await scanned(page, '李四');
    await button(member, '登录').click();
    const link = (await member.getByRole('link', { name: '打开企邮' }).getAttribute('href')) ?? '';
    expect(link).toMatch(/^qiyou:\/\/signin\?c=\w+$/);
    await desk.say(`link ${link}`);
    await page.locator('#imap-host').waitFor();
    expect(await page.locator('#imap-user').inputValue()).toBe('lisi@qiyou.example');
  });

  it('hears that the person said no', async () => {
    const page = await desk.open();
    await begin(page, bridge);
    const member = await scanned(page, '张三');
    await button(member, '不是我').click();
    await member.getByText('没有任何设备登录').waitFor();
    await page.getByRole('heading', { name: '没有登录' }).waitFor();
    await button(page, '重新登录').click();
    await page.getByText('浏览器已打开企业微信的登录页').waitFor();
  });

  it('says so when WeCom knows no mailbox, and lets one type it', async () => {
    await desk.say('mailbox wangwu');
    const page = await desk.open();
    await begin(page, bridge);
    const member = await scanned(page, '王五');
    await button(member, '登录').click();
    const spoken = (await member.locator('.code').getAttribute('aria-label')) ?? '';
    await page.getByLabel(/六位数字/).fill(spoken.replaceAll(' ', ''));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '企业微信里没有您的邮箱' }).waitFor();
    await page.getByText('请管理员处理').waitFor();
    await page.getByLabel(/填写您的邮箱地址/).fill('wangwu@qiyou.example');
    await page.keyboard.press('Enter');
    // The bridge has no mailer, and its WeCom tells mailboxes by itself: the admin is left.
    await page.getByText('请管理员确认').click();
    await page.getByRole('heading', { name: '等待管理员确认' }).waitFor();
    await page.getByRole('button', { name: '先登录' }).click();
    await page.locator('#imap-host').waitFor();
  });
});
