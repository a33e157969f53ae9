//! A day at the desk: the page on a real agent and a real mail server, with three thousand mails of 张三's.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { carry, until, violations } from '../house';
import { folder, line, rows, stage } from './stage';

const desk = stage(true);
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

/** A letter that nobody has read yet, at the top of the inbox of 张三. */
async function letter(): Promise<Page> {
  await desk.say('letter');
  const page = await desk.open();
  await folder(page, '收件箱');
  await rows(page).first().filter({ hasText: '季度报告' }).filter({ hasText: '未读' }).waitFor();
  return page;
}
/** How many mails the list says it holds. */
async function total(page: Page): Promise<number> {
  return Number((await page.locator('.count').first().innerText()).replace(/\D/g, ''));
}

describe('a letter', () => {
  it('is read, its link opens outside once, its pictures come when asked, and it counts as read everywhere', async () => {
    const page = await letter();
    const before = await line(page, '收件箱').innerText();
    await rows(page).first().click();
    const text = page.frameLocator('iframe.now');
    await text.getByText('报告见附件').waitFor();
    await page.getByText('发给').first().waitFor();
    await page.getByText('2 个附件').waitFor();
    await until(async () => (await line(page, '收件箱').innerText()) !== before);
    const followed = await desk.say('followed');
    await text.getByText('在线查看').click();
    await until(async () => (await desk.say('followed')) !== followed);
    expect((await desk.say('followed')).slice(followed.length).trim()).toBe('https://example.com/report?q=3');
    await button(page, '显示图片').click();
    await until(async () => (await button(page, '显示图片').count()) === 0);
    await page.reload();
    await text.getByText('报告见附件').waitFor();
    expect(await rows(page).first().innerText()).not.toContain('未读');
    await page.getByRole('tab').or(button(page, '未读')).first().click();
    await rows(page).first().waitFor();
    expect(await rows(page).first().innerText()).not.toContain('季度报告');
  });

  it('shows its source, and stands in a window of its own after a double click', async () => {
    const page = await letter();
    await rows(page).first().click();
    await page.frameLocator('iframe.now').getByText('报告见附件').waitFor();
    await page.getByRole('button', { name: '更多', exact: true }).click();
    await page.getByRole('menuitem', { name: '查看邮件源码' }).click();
    await page.getByRole('dialog', { name: '邮件源码' }).getByText('Message-ID: <letter@example.com>').waitFor();
    await page.keyboard.press('Escape');
    const opening = desk.context.waitForEvent('page');
    await rows(page).first().dblclick();
    const alone = await opening;
    await alone.frameLocator('iframe.now').getByText('报告见附件').waitFor();
    expect(await rows(alone).count()).toBe(0);
  });

  it('has attachments that are saved together where the person wants them', async () => {
    const place = await mkdtemp(join(tmpdir(), 'qiyou-saved-'));
    try {
      const page = await letter();
      page.on('dialog', (asked) => void asked.accept(place));
      await rows(page).first().click();
      await page.getByText('2 个附件').waitFor();
      await button(page, '全部保存').click();
      await page.getByText(/已将 2 个附件保存到/).waitFor();
      expect((await readdir(place)).sort()).toEqual(['notes.txt', '报告.pdf']);
      expect(await readFile(join(place, 'notes.txt'), 'utf8')).toContain('three lines');
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('is archived by a key and comes back by another; a star stays over a reload', async () => {
    const page = await letter();
    const all = await total(page);
    await rows(page).first().click();
    await page.frameLocator('iframe.now').getByText('报告见附件').waitFor();
    await page.keyboard.press('e');
    await page.getByText('已归档 1 封邮件').waitFor();
    await until(async () => (await total(page)) === all - 1);
    await page.keyboard.press('z');
    await until(async () => (await total(page)) === all);
    await rows(page).first().filter({ hasText: '季度报告' }).click();
    await page.keyboard.press('s');
    await page.reload();
    await button(page, '星标').first().click();
    await rows(page).first().filter({ hasText: '季度报告' }).waitFor();
  });

  it('is dragged into a folder, found there, and brought back', async () => {
    const page = await letter();
    await carry(page, rows(page).first(), line(page, '空文件夹'));
    await page.mouse.up();
    await page
      .getByText(/移到|已移动/)
      .first()
      .waitFor();
    await folder(page, '空文件夹');
    await rows(page).first().filter({ hasText: '季度报告' }).waitFor();
    await page.keyboard.press('Control+z');
    await until(async () => (await rows(page).count()) === 0);
    await folder(page, '收件箱');
    await rows(page).first().filter({ hasText: '季度报告' }).waitFor();
  });
});

describe('the list', () => {
  it('reaches its last mail by End, and its first by Home', async () => {
    const page = await desk.open();
    await folder(page, '收件箱');
    const all = await total(page);
    expect(all).toBeGreaterThan(1000);
    await rows(page).first().click();
    await page.keyboard.press('End');
    await page.locator(`[role=option][aria-posinset="${all}"]`).waitFor();
    await page.keyboard.press('Home');
    await page.locator('[role=option][aria-posinset="1"]').waitFor();
  });

  it('says what came while one reads further down, and moves nothing', async () => {
    const page = await desk.open();
    await folder(page, '收件箱');
    await rows(page).first().waitFor();
    await page.mouse.move(400, 400);
    await page.mouse.wheel(0, 3000);
    await until(async () => (await page.locator('[data-keys=list]').evaluate((list) => list.scrollTop)) === 3000);
    const place = () =>
      rows(page)
        .nth(4)
        .evaluate((row) => [row.id, Math.round(row.getBoundingClientRect().top)].join(' '));
    const before = await place();
    await desk.say('letter');
    await button(page, /1 封新邮件/).waitFor();
    expect(await place()).toBe(before);
    await button(page, /1 封新邮件/).click();
    await rows(page).first().filter({ hasText: '季度报告' }).waitFor();
  });

  it('stands in another order, and takes several mails at once', async () => {
    const page = await desk.open();
    await folder(page, '收件箱');
    await rows(page).first().waitFor();
    await button(page, '列表选项').click();
    await page.getByRole('menuitemradio', { name: '按发件人' }).click();
    await page.getByText('按发件人').first().waitFor();
    await rows(page).nth(1).click();
    await rows(page)
      .nth(4)
      .click({ modifiers: ['Shift'] });
    await until(async () => (await page.locator('[role=option][aria-selected=true]').count()) === 4);
    await page.keyboard.press('Shift+U');
    await until(
      async () => (await page.locator('[role=option][aria-selected=true]').filter({ hasText: '未读' }).count()) === 4,
    );
    await page.keyboard.press('z');
    await button(page, '列表选项').click();
    await page.getByRole('menuitemradio', { name: '最新的在前' }).click();
  });
});

describe('folders', () => {
  it('are made, renamed, and deleted, on the server too', async () => {
    const page = await desk.open();
    await line(page, '人事通知').click({ button: 'right' });
    await page.getByRole('menuitem', { name: '新建子文件夹' }).click();
    await page.keyboard.type('招聘');
    await page.keyboard.press('Enter');
    await line(page, '招聘').click({ button: 'right' });
    await page.getByRole('menuitem', { name: '重命名' }).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('招聘 2026');
    await page.keyboard.press('Enter');
    await line(page, '招聘 2026').waitFor();
    await page.reload();
    await line(page, '招聘 2026').click({ button: 'right' });
    await page.getByRole('menuitem', { name: '删除文件夹' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: '删除文件夹' }).click();
    await until(async () => (await page.getByRole('treeitem', { name: '招聘 2026' }).count()) === 0);
    await page.reload();
    await line(page, '人事通知').waitFor();
    expect(await page.getByRole('treeitem', { name: '招聘 2026' }).count()).toBe(0);
  });
});

describe('keyboard and settings', () => {
  it('goes anywhere by the palette, by pinyin too, and `?` shows all keys', async () => {
    const page = await desk.open();
    await rows(page).first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('sjzx');
    await page
      .getByRole('option', { name: /数据中心/ })
      .first()
      .waitFor();
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '数据中心' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: '键盘快捷键' }).waitFor();
  });

  it('speaks another language at once, and still does after a reload', async () => {
    const page = await desk.open();
    await rows(page).first().waitFor();
    await button(page, '设置').first().click();
    await page.getByRole('dialog').getByRole('combobox').first().selectOption('en');
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    await page.reload();
    await page.getByRole('treeitem', { name: 'Inbox' }).first().waitFor();
    await button(page, 'Settings').first().click();
    await page.getByRole('dialog').getByRole('combobox').first().selectOption('zh-CN');
    await page.getByRole('dialog', { name: '设置' }).waitFor();
  });

  it('tests an account on its servers', async () => {
    const page = await desk.open();
    await rows(page).first().waitFor();
    await button(page, '设置').first().click();
    await page.getByRole('tab', { name: '账号' }).click();
    await page.getByRole('dialog').getByText('zhangsan@qiyou.example').first().click();
    await button(page, /^测试$/)
      .first()
      .click();
    await page.getByText(/一切正常，收件箱里有 [\d,]+ 封邮件/).waitFor();
  });

  it('can be used by everybody', async () => {
    const page = await letter();
    await rows(page).first().click();
    await page.frameLocator('iframe.now').getByText('报告见附件').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
