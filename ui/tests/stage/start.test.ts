//! The first start against a real mail server, and an agent that dies while one reads.

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../house';
import { folder, rows, stage } from './stage';

const desk = stage(false);
const next = (page: Page) => page.getByRole('button', { name: '下一步' });

describe('the first start', () => {
  it('comes from an address to a filled inbox, over a wrong password', async () => {
    const [address = '', password = '', imap = '', smtp = ''] = (await desk.say('server')).split(' ');
    const page = await desk.open();
    await page.getByLabel('邮箱地址').fill(address);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '服务器设置' }).waitFor();
    for (const [protocol, port] of [
      ['imap', imap],
      ['smtp', smtp],
    ]) {
      await page.locator(`#${protocol}-host`).fill('127.0.0.1');
      await page.locator(`#${protocol}-port`).fill(port ?? '');
      await page.locator(`#${protocol}-security`).selectOption('none');
    }
    await next(page).click();
    await page.locator('#secret').fill('not this one');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '密码不对' }).waitFor();
    await page.getByRole('button', { name: '重新输入' }).click();
    await page.locator('#secret').fill(password);
    await page.keyboard.press('Enter');
    await page.getByText(/已添加/).waitFor();
    await page.getByRole('button', { name: '开始使用' }).click();
    await folder(page, '收件箱');
    await rows(page).first().waitFor();
    expect(await rows(page).count()).toBeGreaterThan(5);
  });
});

describe('an agent that dies', () => {
  it('is told of, and what comes after its return is there', async () => {
    const page = await desk.open();
    await folder(page, '收件箱');
    await rows(page).first().waitFor();
    const before = await rows(page).first().innerText();
    await desk.say('kill');
    await page.locator('.banner').first().waitFor();
    // What is there can still be read.
    expect(await rows(page).first().innerText()).toBe(before);
    await desk.say('agent');
    await until(async () => (await page.locator('.banner').count()) === 0);
    await desk.say('letter');
    await rows(page).first().filter({ hasText: '季度报告' }).waitFor();
    await rows(page).first().click();
    await page.frameLocator('iframe.now').getByText('报告见附件').waitFor();
  });
});
