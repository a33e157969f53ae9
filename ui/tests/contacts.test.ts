//! The address book, in Chromium with an agent in memory.

import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { contact, FakeAgent } from './agent';
import { house, until, violations } from './house';
import { withPeople } from './states/contacts';

const home = house();

async function opened(agent = withPeople()): Promise<{ page: Page; agent: FakeAgent }> {
  const page = await home.start(agent);
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.locator('.dialog.book .search').waitFor();
  return { page, agent };
}

const rows = (page: Page) => page.locator('.dialog.book .contact');

describe('contacts', () => {
  it('are added, changed and removed by the keyboard, and a removal is taken back', async () => {
    const { page, agent } = await opened(FakeAgent.full());
    await page.getByText('通讯录还是空的').waitFor();
    await page.getByRole('button', { name: '新建联系人' }).click();
    await page.keyboard.type('赵六');
    await page.keyboard.press('Tab');
    await page.keyboard.type('not an address');
    await page.locator('form .bad').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('zhaoliu@kehu.example');
    expect(await page.locator('form .bad').count()).toBe(0);
    await page.keyboard.press('Enter');
    await until(() => agent.contacts.length === 1);
    expect(agent.contacts[0]?.content).toMatchObject({ name: '赵六', emails: ['zhaoliu@kehu.example'] });
    await page.locator('article h3').waitFor();
    await rows(page).first().click();
    await page.locator('.dialog.book .list').focus();
    await page.keyboard.press('Enter');
    await page.locator('form').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator('form').count()).toBe(0);
    await page.locator('.dialog.book .list').focus();
    await page.keyboard.press('Delete');
    await until(() => agent.contacts.length === 0);
    await page.locator('.toast').getByRole('button').first().click();
    await until(() => agent.contacts.length === 1);
    expect(await violations(page)).toEqual([]);
  });

  it('are searched, walked by arrows, and written to', async () => {
    const { page } = await opened();
    expect(await rows(page).count()).toBe(4);
    await page.keyboard.type('华东');
    await until(async () => (await rows(page).count()) === 1);
    await page.keyboard.press('ArrowDown');
    await page.locator('article').getByText('li.si@example.org').waitFor();
    expect(await page.locator('article .note').innerText()).toBe('周三下午不在。\n发票抬头见附件。');
    await page.getByRole('button', { name: '给 li.si@example.org 写信' }).click();
    await page.locator('.composer .who').waitFor();
    expect(await page.locator('.composer .who').allInnerTexts()).toEqual(['李四']);
    expect(await page.locator('.dialog.book').count()).toBe(0);
  });

  it('stand in groups, and a group is written to as all its people', async () => {
    const { page, agent } = await opened();
    await page.getByRole('button', { name: '新建分组' }).click();
    await page.keyboard.type('验收组');
    await page.keyboard.press('Enter');
    await page.locator('.toast').getByText('已有同名的分组').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('二组');
    await page.keyboard.press('Enter');
    await until(() => agent.groups.some(({ name }) => name === '二组'));
    await page.locator('nav .group .line').filter({ hasText: '验收组' }).click();
    await until(async () => (await rows(page).count()) === 2);
    await page.getByRole('button', { name: '删除分组“二组”' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').getByRole('button', { name: '删除分组' }).click();
    await until(() => !agent.groups.some(({ name }) => name === '二组'));
    expect(agent.contacts.length).toBe(4);
    await page.keyboard.press('Escape');
    await page.keyboard.press('c');
    await page.locator('.composer .words').waitFor();
    await page.keyboard.type('验收');
    await page.locator('.found .person').first().waitFor();
    expect(await page.locator('.found .person').first().innerText()).toContain('2 人');
    await page.keyboard.press('Enter');
    expect(await page.locator('.composer .who').allInnerTexts()).toEqual(['李四', '王五']);
  });

  it('that stand there twice become one, and two again', async () => {
    const { page, agent } = await opened();
    await page.getByRole('button', { name: '重复的联系人' }).click();
    await page.getByRole('button', { name: '合并' }).click();
    await until(() => agent.contacts.length === 3);
    await page.getByText('没有重复的联系人了').waitFor();
    await page.locator('.toast').getByRole('button').first().click();
    await until(() => agent.contacts.length === 4);
  });

  it('come from files and go into files, and it is said what came', async () => {
    const { page, agent } = await opened();
    page.on('dialog', (dialog) => void dialog.accept('/tmp/x.vcf'));
    const choose = async (name: string) => {
      await page.getByRole('button', { name: '导入与导出' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await choose('从文件导入');
    await page.getByText('已导入 1 位联系人，2 位已在通讯录里，1 条无法识别').waitFor();
    await until(async () => (await rows(page).count()) === 5);
    await page.locator('.toast').getByRole('button').first().click();
    await until(() => agent.contacts.length === 4);
    await choose('vCard 3.0');
    await page.getByText('已导出 4 位联系人').waitFor();
    expect(agent.calls.find(({ method }) => method === 'contacts.export')?.params).toEqual({
      path: '/tmp/x.vcf',
      format: 'vcard3',
      group: null,
    });
  });

  it('are twenty thousand and scroll', async () => {
    const agent = FakeAgent.full();
    agent.contacts = Array.from({ length: 20_000 }, (_, n) => contact(n + 1, `同事${n}`, `p${n}@huadong.example`));
    const { page } = await opened(agent);
    await until(async () => (await rows(page).count()) > 0);
    expect(await rows(page).count()).toBeLessThan(60);
    await page.locator('.dialog.book .list').focus();
    await page.keyboard.press('End');
    await page.getByText('同事19999').first().waitFor();
  });

  it('take in who wrote a mail', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.locator('[data-folder="10"]').click();
    await page.locator('[role=option].new').first().click();
    await page.locator('iframe.now').waitFor();
    await page.locator('.pane.mail .person, [data-pane=mail] .person, .from button, .people button').first().click();
    await page.getByText('添加到通讯录').click();
    await page.locator('.dialog.book form').waitFor();
    await page.getByRole('button', { name: '保存', exact: true }).click();
    await until(() => agent.contacts.length === 1);
    expect(agent.contacts[0]?.content.emails[0]).toContain('@');
  });

  it('take in whom a row of the list names', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.locator('[data-folder="10"]').click();
    await page.locator('[role=option].new').first().click({ button: 'right' });
    await page.getByRole('menuitem', { name: '添加到通讯录' }).click();
    await page.locator('.dialog.book form').waitFor();
    // The name has the focus, and the address stands there.
    await page.keyboard.press('Enter');
    await until(() => agent.contacts.length === 1);
    expect(agent.contacts[0]?.content.emails[0]).toContain('@');
  });
});
