//! The rail: accounts, folders, favourites, their menus, their keys, and what is dragged onto them.

import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Folder } from '../src/host/api';
import { causeOf, FakeAgent, fault } from './agent';
import { acts, called, carry, hold, house, inbox, options, until, violations } from './house';
import { folder } from './mails';

const window = house();
const start: typeof window.start = (agent, size) => window.start(agent, size);

const line = (page: Page, id: number) => page.locator(`[data-folder="${id}"]`);
const account = (page: Page, id: number) => page.locator(`[data-account="${id}"]`);
const favourite = (page: Page, id: number) => page.locator(`[data-favourite="${id}"]`);
const item = (page: Page, name: string | RegExp) =>
  page.getByRole('menu').getByRole('menuitem', { name, exact: typeof name === 'string' });
const names = (page: Page) => page.locator('[data-folder] .name').allInnerTexts();
const focused = (page: Page) => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.line);

async function menu(page: Page, of: Locator): Promise<void> {
  await of.click({ button: 'right' });
  await page.getByRole('menu').waitFor();
}
/** Brings the keyboard to a line, as Tab and arrows do. */
async function lead(page: Page, of: Locator): Promise<void> {
  await of.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await until(async () => (await focused(page)) === (await of.getAttribute('data-line')));
}
function many(count: number): Folder[] {
  return Array.from({ length: count }, (_, i) =>
    folder(1000 + i, 1, `文件夹 ${i}`, 'none', { parent: i % 20 === 0 ? null : 1000 + i - (i % 20) }),
  );
}

describe('favourites', () => {
  it('are made in the menu, open by a click, and go again', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await menu(page, line(page, 15));
    await item(page, '加入收藏').click();
    await favourite(page, 15).waitFor();
    expect(called(agent, 'folders.update').at(-1)).toMatchObject({ folder: 15, favourite: true, telling: null });
    await page.getByRole('treeitem', { name: '收藏' }).first().waitFor();
    agent.fill(15, 2);
    await favourite(page, 15).click();
    await page.locator('h1', { hasText: '上海二期' }).waitFor();
    // Whoever came by the favourites stays there.
    expect(await favourite(page, 15).getAttribute('aria-selected')).toBe('true');
    expect(await line(page, 15).getAttribute('aria-selected')).toBe('false');
    await menu(page, favourite(page, 15));
    await item(page, '移出收藏').click();
    await until(async () => (await favourite(page, 15).count()) === 0);
    expect(await line(page, 15).getAttribute('aria-selected')).toBe('true');
  });

  it('are made by dragging a folder, the first one to a place that shows itself', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await carry(page, line(page, 17), page.locator('.offer'));
    await page.mouse.up();
    await favourite(page, 17).waitFor();
    await until(async () => (await page.locator('.offer').count()) === 0);
    await carry(page, line(page, 15), page.getByRole('treeitem', { name: '收藏', exact: true }));
    await page.getByRole('status').getByText('加入收藏').waitFor();
    await page.mouse.up();
    await favourite(page, 15).waitFor();
  });
});

describe('an account', () => {
  it('folds, shows its unread mails then, and stays so', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await account(page, 1).click();
    await until(async () => (await line(page, 10).count()) === 0);
    expect(await account(page, 1).getAttribute('aria-expanded')).toBe('false');
    expect(await account(page, 1).innerText()).toContain('3');
    await line(page, 20).waitFor();
    await page.reload();
    await line(page, 20).waitFor();
    expect(await line(page, 10).count()).toBe(0);
  });

  it('says that it is offline or wants a password, and is signed in again from its menu', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 1
        ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } }
        : { ...each, state: { state: 'offline', cause: causeOf('dns'), retry_at: 0 } },
    );
    const page = await start(agent);
    await page.getByRole('treeitem', { name: /工作邮箱.*zhangsan@huadong.example.*需要重新登录/ }).waitFor();
    await page.getByRole('treeitem', { name: /客服共享.*离线/ }).waitFor();
    await menu(page, account(page, 1));
    await item(page, '重新登录').click();
    await page.getByRole('heading', { name: '重新登录' }).waitFor();
  });

  it('is told of, looked after, and put elsewhere from its menu', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await menu(page, account(page, 1));
    await item(page, /新邮件提醒/).hover();
    await page.getByRole('menuitemradio', { name: '整个账号不提醒' }).click();
    await until(() => agent.accounts[0]?.telling === 'silent');
    await account(page, 1).locator('[title="整个账号不提醒"]').waitFor();
    await menu(page, account(page, 1));
    await item(page, '立即收信').click();
    await page.getByText('正在收取「工作邮箱」').waitFor();
    expect(called(agent, 'sync')).toEqual([{ account: 1, wait: false }]);
    await menu(page, account(page, 1));
    await item(page, '下移').click();
    await until(async () => (await page.locator('[data-account]').first().getAttribute('data-account')) === '2');
    expect(called(agent, 'accounts.order')).toEqual([{ accounts: [2, 1] }]);
    await menu(page, account(page, 2));
    expect(await item(page, '上移').getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Escape');
    await menu(page, account(page, 1));
    await item(page, '收件箱全部标为已读').click();
    await page.getByText('已将 3 封邮件标为已读').waitFor();
  });

  it('changes places by dragging', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await carry(page, account(page, 2), account(page, 1));
    const box = await account(page, 1).boundingBox();
    for (let i = 0; i < 3; i += 1) await page.mouse.move((box?.x ?? 0) + 40, (box?.y ?? 0) + 3);
    await page.getByText('放在「工作邮箱」之前').waitFor();
    await page.mouse.up();
    await until(async () => (await page.locator('[data-account]').first().getAttribute('data-account')) === '2');
  });

  it('has its shared folders under headings of their own, which fold', async () => {
    const agent = FakeAgent.full();
    agent.folders.push(
      folder(40, 1, '部门公告', 'none', { owner: 'shared' }),
      folder(41, 1, '王五', 'none', { owner: 'other' }),
    );
    const page = await start(agent);
    await page.getByRole('treeitem', { name: '他人的文件夹' }).waitFor();
    await page.getByRole('treeitem', { name: '共享文件夹' }).click();
    await until(async () => (await line(page, 40).count()) === 0);
    await line(page, 41).waitFor();
    await page.reload();
    await line(page, 41).waitFor();
    expect(await line(page, 40).count()).toBe(0);
  });
});

describe('a folder', () => {
  it('is renamed in its place; an input method keeps its own keys', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await lead(page, line(page, 17));
    await page.keyboard.press('F2');
    const field = page.getByLabel('重命名');
    await field.waitFor();
    expect(await field.inputValue()).toBe('客户');
    await field.fill('重要客户');
    for (const key of ['Enter', 'Escape']) {
      await field.evaluate(
        (input, pressed) =>
          input.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, isComposing: true, bubbles: true })),
        key,
      );
    }
    await field.waitFor();
    await field.press('Enter');
    await line(page, 17).getByText('重要客户').waitFor();
    expect(called(agent, 'folders.rename')).toEqual([{ folder: 17, name: '重要客户', parent: null }]);
    await until(async () => (await focused(page)) === 'd17');

    // Moved as well, and both taken back long after the notes are gone, the later first.
    await page.getByText('已将「客户」改名为「重要客户」').waitFor();
    await menu(page, line(page, 17));
    await item(page, '移动到…').click();
    await page.getByRole('dialog').getByRole('combobox').fill('xm');
    await page.getByRole('dialog').getByRole('option', { name: '项目', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('已将「重要客户」移到「项目」').waitFor();
    await page.clock.runFor(10_000);
    await page.getByText('已将「重要客户」移到「项目」').waitFor({ state: 'detached' });
    const folder = () => agent.folders.find((each) => each.id === 17);
    expect(folder()).toMatchObject({ name: '重要客户', parent: 14 });
    await page.keyboard.press('Control+z');
    await until(() => folder()?.parent === null);
    expect(folder()?.name).toBe('重要客户');
    await page.keyboard.press('Control+z');
    await until(() => folder()?.name === '客户');
    await page.keyboard.press('Control+z');
    await page.getByText('没有可以撤销的操作').waitFor();
  });

  it('keeps its name after Escape, and after nothing was typed', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await menu(page, line(page, 17));
    await item(page, /重命名/).click();
    await page.getByLabel('重命名').fill('别的');
    await page.keyboard.press('Escape');
    await line(page, 17).getByText('客户').waitFor();
    await page.keyboard.press('F2');
    await page.getByLabel('重命名').press('Enter');
    await line(page, 17).getByText('客户').waitFor();
    expect(called(agent, 'folders.rename')).toEqual([]);
  });

  it('shows its new name while the server thinks, and asks again when it refuses', async () => {
    const agent = FakeAgent.full();
    let refuse: (error: unknown) => void = () => undefined;
    agent.overrides['folders.rename'] = () => new Promise((_, reject) => (refuse = reject));
    const page = await start(agent);
    await lead(page, line(page, 17));
    await page.keyboard.press('F2');
    await page.getByLabel('重命名').fill('a/b');
    await page.keyboard.press('Enter');
    await line(page, 17).getByText('a/b').waitFor();
    await line(page, 17).getByLabel('正在等待服务器').waitFor();
    // Meanwhile everything else goes on.
    await line(page, 12).click();
    await page.locator('h1', { hasText: '已发送' }).waitFor();
    refuse(fault('bad_folder_name'));
    await page.getByRole('alert').getByText('服务器不接受这个文件夹名称').waitFor();
    expect(await page.getByLabel('重命名').inputValue()).toBe('a/b');
    for (const [code, words] of [
      ['offline', '现在连不上服务器'],
      ['server_refused', '服务器拒绝了这个操作'],
    ] as const) {
      agent.overrides['folders.rename'] = () => {
        throw fault(code, { detail: 'NO' });
      };
      await page.getByLabel('重命名').press('Enter');
      await page.getByRole('alert').getByText(words).waitFor();
    }
  });

  it('with a name that is taken is not even sent', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await lead(page, line(page, 17));
    await page.keyboard.press('F2');
    await page.getByLabel('重命名').fill('项目');
    await page.keyboard.press('Enter');
    await page.getByText('已经有同名的文件夹').waitFor();
    expect(called(agent, 'folders.rename')).toEqual([]);
    await page.keyboard.press('Escape');
    await until(async () => (await page.getByText('已经有同名的文件夹').count()) === 0);
  });

  it('is made below another one, and at the top of its account', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await menu(page, line(page, 17));
    await item(page, /^新建子文件夹/).click();
    await page.getByLabel('新文件夹的名称').fill('华北');
    await page.keyboard.press('Enter');
    await page.getByRole('treeitem', { name: '华北' }).waitFor();
    expect(called(agent, 'folders.create')).toEqual([{ account: 1, parent: 17, name: '华北' }]);
    expect(await page.getByRole('treeitem', { name: '华北' }).getAttribute('aria-level')).toBe('3');
    await until(async () => (await focused(page)) === 'd17');
    await menu(page, account(page, 2));
    await item(page, '新建文件夹').click();
    await page.getByLabel('新文件夹的名称').fill('投诉');
    // A click elsewhere takes it, too.
    await line(page, 10).click();
    await page.getByRole('treeitem', { name: '投诉' }).waitFor();
    expect(called(agent, 'folders.create').at(-1)).toEqual({ account: 2, parent: null, name: '投诉' });
  });

  it('that cannot be made asks for another name', async () => {
    const agent = FakeAgent.full();
    agent.overrides['folders.create'] = () => {
      throw fault('folder_exists');
    };
    const page = await start(agent);
    await menu(page, line(page, 17));
    await item(page, /^新建子文件夹/).click();
    await page.getByLabel('新文件夹的名称').fill('华北');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('已经有同名的文件夹').waitFor();
    expect(await page.getByLabel('新文件夹的名称').inputValue()).toBe('华北');
    await page.keyboard.press('Escape');
    await until(async () => (await page.getByLabel('新文件夹的名称').count()) === 0);
  });

  it('is deleted by its key after a question that counts what is in it', async () => {
    const agent = FakeAgent.full();
    agent.fill(14, 12);
    agent.fill(15, 1);
    const page = await start(agent);
    await lead(page, line(page, 14));
    await page.keyboard.press('Delete');
    const question = page.getByRole('alertdialog');
    await question.getByText('其中的13 封邮件和2 个子文件夹会一起从服务器上删除').waitFor();
    await question.getByRole('button', { name: '取消' }).click();
    await until(async () => (await focused(page)) === 'd14');
    await page.keyboard.press('Delete');
    await question.getByRole('button', { name: '删除文件夹' }).click();
    await until(async () => (await line(page, 14).count()) === 0);
    // A server refuses to delete what still holds others.
    expect(called(agent, 'folders.delete').map((params) => (params as { folder: number }).folder)).toEqual([
      16, 15, 14,
    ]);
    // The keyboard goes on from the line above.
    await until(async () => (await focused(page)) === 'd17');
  });

  it('with a role is neither renamed, moved nor deleted', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await lead(page, line(page, 12));
    await page.keyboard.press('Delete');
    await page.keyboard.press('F2');
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    expect(await page.getByLabel('重命名').count()).toBe(0);
    await menu(page, line(page, 12));
    await item(page, /^全部标为已读/).waitFor();
    for (const name of [/重命名/, /移动到/, /删除文件夹/]) expect(await item(page, name).count()).toBe(0);
  });

  it('is moved to a place that is looked for, and back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await menu(page, line(page, 15));
    await item(page, '移动到…').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('option', { name: '最上层', selected: true }).waitFor();
    await until(() => dialog.getByRole('combobox').evaluate((field) => field === document.activeElement));
    // Neither where it is, nor where no folders are kept; and never below itself.
    for (const name of ['项目', '已删除'])
      expect(await dialog.getByRole('option', { name, exact: true }).getAttribute('aria-disabled'), name).toBe('true');
    expect(await dialog.getByRole('option', { name: '上海二期' }).count()).toBe(0);
    for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowDown');
    await dialog.getByRole('option', { name: '数据中心', selected: true }).waitFor();
    await dialog.getByRole('combobox').fill('kh');
    await until(async () => (await dialog.getByRole('option').count()) === 1);
    await page.keyboard.press('Enter');
    await page.getByText('已将「上海二期」移到「客户」').waitFor();
    expect(called(agent, 'folders.rename')).toEqual([{ folder: 15, name: '上海二期', parent: 17 }]);
    await until(() => agent.folders.find((each) => each.id === 15)?.parent === 17);
    await page.getByRole('button', { name: /撤销/ }).click();
    await page.getByText('已撤销').waitFor();
    expect(agent.folders.find((each) => each.id === 15)?.parent).toBe(14);
  });

  it('is marked read as a whole, and back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await menu(page, line(page, 10));
    await item(page, /^全部标为已读/).click();
    await page.getByText('已将 3 封邮件标为已读').waitFor();
    await page.getByRole('treeitem', { name: '收件箱', exact: true }).waitFor();
    await page.getByRole('button', { name: /撤销/ }).click();
    await line(page, 10).getByText('3 封未读').waitFor();
  });

  it('is told of and watched as its bell says', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await line(page, 14).getByRole('button', { name: '实时关注' }).click();
    await page.getByRole('menuitemradio', { name: '不提醒' }).click();
    await until(() => agent.folders.find((each) => each.id === 14)?.telling === 'silent');
    await line(page, 14).getByRole('button', { name: '实时关注' }).click();
    await page.getByText('这台服务器的所有文件夹本来就是实时的。').waitFor();
    await page.getByRole('menuitemcheckbox', { name: '实时关注' }).click();
    await until(() => agent.folders.find((each) => each.id === 14)?.followed === false);
    await line(page, 14).getByRole('button', { name: '不提醒' }).waitFor();
    await menu(page, line(page, 17));
    await item(page, /新邮件提醒/).hover();
    await page.getByRole('menuitemradio', { name: '只计数' }).click();
    await until(() => agent.folders.find((each) => each.id === 17)?.telling === 'count');
    await menu(page, line(page, 17));
    await page.getByRole('menuitemcheckbox', { name: '已订阅' }).click();
    await until(() => agent.folders.find((each) => each.id === 17)?.subscribed === false);
  });

  it('says when its account tells less than it would', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) => ({ ...each, telling: 'count' }));
    const page = await start(agent);
    await line(page, 14).getByRole('button', { name: '实时关注' }).click();
    await page.getByText('账号设为只计数，所以不会弹出通知。').waitFor();
  });
});

describe('emptying', () => {
  it('deletes the trash for ever, after a question, in large steps', async () => {
    const agent = FakeAgent.full();
    agent.fill(19, 21_000);
    // The agent gives 500 rows at most.
    const page = await start(agent);
    await menu(page, line(page, 19));
    await item(page, '清空已删除…').click();
    await page.getByRole('alertdialog').getByText('21,000 封邮件会从服务器上永久消失').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: '清空' }).click();
    await page.getByText('正在清空「已删除」').first().waitFor();
    await page.getByText('已彻底删除 21,000 封邮件').waitFor({ timeout: 50_000 });
    const steps = acts(agent) as { mails: number[]; action: unknown }[];
    expect(steps.map((step) => step.mails.length)).toEqual([20_000, 1000]);
    expect(steps[0]?.action).toEqual({ kind: 'delete', confirmed: true });
    expect(agent.mails.get(19)).toEqual([]);
    const limits = called(agent, 'mail.list').map((params) => (params as { limit: number }).limit);
    expect(Math.max(...limits)).toBeLessThanOrEqual(500);
  });

  it('puts junk into the trash, from where it can be taken back', async () => {
    const agent = FakeAgent.full();
    agent.fill(18, 4);
    const page = await start(agent);
    await menu(page, line(page, 18));
    await item(page, '清空垃圾邮件…').click();
    await page.getByText('4 封邮件会移到「已删除」').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: '清空' }).click();
    await page.getByText('已删除 4 封邮件').waitFor();
    await page.getByRole('button', { name: /撤销/ }).click();
    await until(() => agent.mails.get(18)?.length === 4);
  });
});

describe('dragged mails', () => {
  it('move to a folder of their account, and back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(0).click();
    await options(page)
      .nth(1)
      .click({ modifiers: ['Control'] });
    await carry(page, options(page).nth(1), line(page, 17));
    await page.getByRole('status').getByText('移到「客户」').waitFor();
    await page.mouse.up();
    await page.getByText('已移动 2 封邮件').waitFor();
    expect(acts(agent).at(-1)).toEqual({
      mails: [10_008_204, 10_008_203],
      action: { kind: 'move', folder: 17 },
    });
    await page.getByRole('button', { name: /撤销/ }).click();
    await until(() => agent.mails.get(10)?.length === 8204);
  });

  it('are deleted, archived or called junk where the folder is for that', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    for (const [id, words, action] of [
      [19, '已删除 1 封邮件', { kind: 'delete', confirmed: false }],
      [18, '已将 1 封邮件标为垃圾邮件', { kind: 'junk' }],
      [13, '已归档 1 封邮件', { kind: 'archive' }],
    ] as const) {
      await carry(page, options(page).nth(4), line(page, id));
      await page.mouse.up();
      await page.getByText(words).waitFor();
      expect(acts(agent).at(-1)).toMatchObject({ action });
    }
  });

  it('do not go to another account, and say why', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await carry(page, options(page).nth(0), line(page, 20));
    await page.getByText('只能移到同一个账号的文件夹').waitFor();
    await page.mouse.up();
    await carry(page, options(page).nth(0), line(page, 17));
    await page.mouse.up();
    await page.getByText('已移动 1 封邮件').waitFor();
    expect(acts(agent)).toHaveLength(1);
    agent.overrides['mail.act'] = () => {
      throw fault('bad_request');
    };
    await carry(page, options(page).nth(0), line(page, 17));
    await page.mouse.up();
    await page.locator('.toast').getByText('只能移到同一个账号的文件夹').waitFor();
  });

  it('open a folded folder by waiting over it', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await line(page, 14).focus();
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await line(page, 15).count()) === 0);
    await carry(page, options(page).nth(0), line(page, 14));
    await line(page, 15).waitFor();
    await hold(line(page, 15));
    await page.mouse.up();
    await until(() => acts(agent).length === 1);
    expect(acts(agent)[0]).toMatchObject({ action: { kind: 'move', folder: 15 } });
  });

  it('fall on favourites, too', async () => {
    const agent = FakeAgent.full();
    agent.folders = agent.folders.map((each) => (each.id === 16 ? { ...each, favourite: true } : each));
    const page = await start(agent);
    await inbox(page);
    await carry(page, options(page).nth(0), favourite(page, 16));
    await page.mouse.up();
    await until(() => acts(agent).length === 1);
    expect(acts(agent)[0]).toMatchObject({ action: { kind: 'move', folder: 16 } });
  });
});

describe('a dragged folder', () => {
  it('goes below another one, or to the top, and back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await carry(page, line(page, 17), line(page, 14));
    await page.getByText('移到「项目」之下').waitFor();
    await page.mouse.up();
    await page.getByText('已将「客户」移到「项目」').waitFor();
    expect(agent.folders.find((each) => each.id === 17)?.parent).toBe(14);
    await page.keyboard.press('z');
    await page.getByText('已撤销').waitFor();
    expect(agent.folders.find((each) => each.id === 17)?.parent).toBe(null);
    await carry(page, line(page, 15), account(page, 1));
    await page.getByText('移到最上层').waitFor();
    await page.mouse.up();
    await until(() => agent.folders.find((each) => each.id === 15)?.parent === null);
  });

  it('never goes into itself, nor to another account', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await carry(page, line(page, 14), line(page, 15));
    await page.getByText('不能移到自己的子文件夹里').waitFor();
    await hold(line(page, 20));
    await page.getByText('只能移到同一个账号的文件夹').waitFor();
    await page.mouse.up();
    expect(called(agent, 'folders.rename')).toEqual([]);
  });
});

describe('many folders', () => {
  it('are found by typing in the tree, by pinyin as well, and cost little', async () => {
    const agent = FakeAgent.full(100, false);
    agent.folders.push(...many(5000), folder(9000, 1, '总部财务', 'none'));
    const page = await start(agent);
    await line(page, 10).waitFor();
    expect(await page.getByRole('treeitem').count()).toBeLessThan(80);
    await lead(page, line(page, 10));
    await page.keyboard.type('zbcw');
    await until(async () => (await focused(page)) === 'd9000');
    await page.keyboard.press('Home');
    await until(async () => (await focused(page)) === 'a1');
    await page.keyboard.press('End');
    await until(async () => (await focused(page)) === 'd19');
    expect(await page.getByRole('treeitem').count()).toBeLessThan(80);
    // A changed count is shown at once, and nothing is sorted for it.
    const before = Date.now();
    agent.send({
      kind: 'folders_changed',
      account: 1,
      folders: [folder(19, 1, '已删除', 'trash', { total: 7 }), folder(18, 1, '垃圾邮件', 'junk', { unread: 9 })],
      removed: [],
    });
    await line(page, 18).getByText('9 封未读').waitFor();
    expect(Date.now() - before).toBeLessThan(2000);
  });

  it('have a field that finds them with those that hold them', async () => {
    const agent = FakeAgent.full(100, false);
    expect(agent.folders.length).toBeLessThan(40);
    agent.folders.push(...many(100), folder(9000, 1, '总部财务', 'none', { parent: 1060 }));
    const page = await start(agent);
    const field = page.getByLabel('查找文件夹');
    await field.fill('cw');
    await until(async () => JSON.stringify(await names(page)) === JSON.stringify(['文件夹 60', '总部财务']));
    await page.getByRole('status').getByText('找到 1 个文件夹').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '总部财务' }).waitFor();
    expect(await field.inputValue()).toBe('');
    await until(async () => (await focused(page)) === 'd9000');
    await field.fill('没有这个');
    await page.getByText('没有名称含「没有这个」的文件夹').waitFor();
    await field.press('Escape');
    await line(page, 9000).waitFor();
  });

  it('are not looked for before an input method is done', async () => {
    const agent = FakeAgent.full(100, false);
    agent.folders.push(...many(60));
    const page = await start(agent);
    const field = page.getByLabel('查找文件夹');
    await field.evaluate((input: HTMLInputElement) => {
      input.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
      input.value = 'xiang mu';
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    });
    await line(page, 10).waitFor();
    await field.evaluate((input: HTMLInputElement) => {
      input.value = '项目';
      input.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    });
    await until(async () => JSON.stringify(await names(page)) === JSON.stringify(['项目']));
  });

  it('bring the field for a new name into view, wherever it is', async () => {
    const agent = FakeAgent.full(100, false);
    agent.folders.push(...many(5000));
    const page = await start(agent);
    await account(page, 1).click();
    await until(async () => (await line(page, 10).count()) === 0);
    await menu(page, account(page, 1));
    await item(page, '新建文件夹').click();
    const field = page.getByLabel('新文件夹的名称');
    await until(() => field.evaluate((element) => element === document.activeElement));
    expect((await field.boundingBox())?.y).toBeGreaterThan(400);
    await page.keyboard.type('最后');
    await page.keyboard.press('Enter');
    await until(() => called(agent, 'folders.create').length === 1);
    expect(called(agent, 'folders.create')).toEqual([{ account: 1, parent: null, name: '最后' }]);
  });

  it('ten deep, or with names of 200 characters, can still be read', async () => {
    const agent = FakeAgent.full(100, false);
    for (let depth = 0; depth < 10; depth += 1)
      agent.folders.push(folder(300 + depth, 1, `第 ${depth} 层`, 'none', { parent: depth ? 299 + depth : null }));
    agent.folders.push(
      folder(400, 1, '长'.repeat(200), 'none', { unread: 3 }),
      folder(401, 1, 'مشروع شنغهاي', 'none', { unread: 2 }),
    );
    const page = await start(agent, { width: 1280, height: 1000 });
    const name = line(page, 309).locator('.name');
    expect(await name.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    const long = await line(page, 400).boundingBox();
    const count = await line(page, 400).locator('b').boundingBox();
    expect((count?.x ?? 999) + (count?.width ?? 0)).toBeLessThanOrEqual((long?.x ?? 0) + (long?.width ?? 0));
    const here = await line(page, 401).locator('.name').boundingBox();
    const other = await line(page, 17).locator('.name').boundingBox();
    expect(here?.x).toBe(other?.x);
  });
});

describe('the keyboard', () => {
  it('has the menu by its key and by Shift+F10, and comes back to the folder', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await lead(page, line(page, 17));
    for (const key of ['ContextMenu', 'Shift+F10']) {
      await page.keyboard.press(key);
      await page.getByRole('menu').waitFor();
      await until(() => page.evaluate(`document.activeElement?.closest('[role="menu"]') !== null`));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Escape');
      await until(async () => (await page.getByRole('menu').count()) === 0);
      await until(async () => (await focused(page)) === 'd17');
    }
  });

  it('walks through everything, folds, and unfolds all at once', async () => {
    const agent = FakeAgent.full();
    agent.folders.push(folder(30, 1, '华东', 'none', { parent: 17 }));
    const page = await start(agent);
    await lead(page, page.locator('[data-line=unified]'));
    await page.keyboard.press('ArrowDown');
    await until(async () => (await focused(page)) === 'a1');
    await page.keyboard.press('ArrowLeft');
    await until(async () => (await line(page, 10).count()) === 0);
    await page.keyboard.press('ArrowRight');
    await line(page, 10).waitFor();
    for (const id of [14, 17]) {
      await line(page, id).focus();
      await page.keyboard.press('ArrowLeft');
    }
    await until(async () => (await line(page, 15).count()) + (await line(page, 30).count()) === 0);
    await lead(page, line(page, 14));
    await page.keyboard.press('*');
    await line(page, 15).waitFor();
    await line(page, 30).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '上海二期' }).waitFor();
  });

  it('leaves letters to the commands after a mere click', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await page.keyboard.press('j');
    await page.locator('[role=option][aria-selected=true]').first().waitFor();
    await page.keyboard.press('Delete');
    expect(await page.getByRole('alertdialog').count()).toBe(0);
  });

  it('goes up when the folder that it is on goes', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await lead(page, line(page, 16));
    agent.folders = agent.folders.filter((each) => each.id !== 16);
    agent.send({ kind: 'folders_changed', account: 1, folders: [], removed: [16] });
    await until(async () => (await focused(page)) === 'd15');
    await line(page, 14).locator('.fold').click({ force: true });
    await until(async () => (await focused(page)) === 'd14');
  });
});

describe('the foot', () => {
  it('tells how each account stands, what helps, and looks for mail', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 2 ? { ...each, state: { state: 'offline', cause: causeOf('proxy'), retry_at: 1_795_402_500 } } : each,
    );
    const status = agent.status.bind(agent);
    agent.status = () => ({ ...status(), pending_operations: 3 });
    const page = await start(agent);
    await page.getByRole('button', { name: '查看连接详情' }).click();
    const list = page.getByRole('dialog', { name: '连接状态' });
    await list.getByText('已连接，所有文件夹实时接收').waitFor();
    await list.getByText('代理不通').waitFor();
    await list.getByText('经过代理连不上 imaphz.qiye.163.com').waitFor();
    await list.getByText(/自动重试/).waitFor();
    await list.getByText('3 个操作等待同步到服务器').waitFor();
    await list.getByRole('button', { name: '立即收信' }).click();
    await until(() => called(agent, 'sync').length === 1);
    expect(called(agent, 'sync')).toEqual([{ account: null, wait: false }]);
    expect(await violations(page)).toEqual([]);
    await list.getByRole('button', { name: '代理设置' }).click();
    await page.getByRole('heading', { name: '设置' }).waitFor();
  });

  it('leads a refused account back to its password', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 2 ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } } : each,
    );
    const page = await start(agent);
    await page.getByRole('button', { name: '查看连接详情' }).click();
    await page.getByRole('dialog', { name: '连接状态' }).getByRole('button', { name: '重新登录' }).click();
    await page.getByRole('heading', { name: '重新登录' }).waitFor();
  });
});

describe('everybody', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can use the tree (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      agent.folders.push(...many(40), folder(400, 1, '共享', 'none', { owner: 'shared' }));
      agent.folders = agent.folders.map((each) => (each.id === 15 ? { ...each, favourite: true } : each));
      const page = await start(agent);
      await line(page, 10).waitFor();
      await line(page, 17).hover();
      expect(await violations(page), 'tree').toEqual([]);
      await menu(page, line(page, 17));
      await item(page, /新邮件提醒/).hover();
      await page.getByRole('menuitemradio').first().waitFor();
      expect(await violations(page), 'menu').toEqual([]);
      await page.keyboard.press('Escape');
      await until(async () => (await page.getByRole('menu').count()) === 0);
      await lead(page, line(page, 17));
      await page.keyboard.press('F2');
      await page.getByLabel('重命名').fill('项目');
      await page.keyboard.press('Enter');
      await page.getByText('已经有同名的文件夹').waitFor();
      expect(await violations(page), 'field').toEqual([]);
      await page.keyboard.press('Escape');
      await menu(page, line(page, 17));
      await item(page, '移动到…').click();
      await page.getByRole('option').first().waitFor();
      expect(await violations(page), 'picker').toEqual([]);
    });
  }
});
