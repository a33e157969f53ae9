//! Commands, keys and access, as a person with a keyboard meets them.

import { describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { FakeAgent, fault } from './agent';
import { acts, house, inbox, options, until, violations } from './house';

const window = house();
const start: typeof window.start = (agent, size, way) => window.start(agent, size, way);

const palette = (page: Page) => page.getByRole('combobox');
const choices = (page: Page) => page.locator('.palette [role=option]');
const toast = (page: Page, text: string | RegExp) => page.locator('.toast', { hasText: text }).waitFor();
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const opened = (page: Page, subject: string) => page.locator('.read h1', { hasText: subject }).waitFor();
const focused = (at: Locator) => at.evaluate((element) => element === document.activeElement);
const pane = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane ?? 'none');

async function ask(page: Page, typed: string): Promise<void> {
  await press(page, 'Control+k');
  await palette(page).fill(typed);
}

describe('the palette', () => {
  it.each(['归档', 'arch', 'gd'])('finds a command by %s and does it', async (typed) => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await ask(page, typed);
    await choices(page).first().getByText('归档', { exact: true }).waitFor();
    expect(await choices(page).first().locator('kbd').innerText()).toBe('E');
    await press(page, 'Enter');
    await toast(page, '已归档 1 封邮件');
    await palette(page).waitFor({ state: 'hidden' });
  });

  it('hears what is typed at once, walks by arrows, and gives the focus back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 'Control+k', 'm', 'a', 'r', 'k');
    await until(async () => (await palette(page).inputValue()) === 'mark');
    const active = () => palette(page).getAttribute('aria-activedescendant');
    const first = await active();
    await press(page, 'ArrowDown');
    expect(await active()).not.toBe(first);
    expect(await page.locator(`[id="${await active()}"]`).getAttribute('aria-selected')).toBe('true');
    await press(page, 'ArrowUp', 'ArrowUp');
    expect(await active()).toBe(await choices(page).last().getAttribute('id'));
    await press(page, 'Escape');
    await palette(page).waitFor({ state: 'hidden' });
    expect(await focused(page.getByRole('listbox'))).toBe(true);
    expect(acts(agent)).toEqual([]);
  });

  it('shows only what can be done now, and what is so already', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await page.locator('[data-folder="13"]').click();
    await ask(page, 'archive');
    // There is nothing to archive here, but one can go there.
    await page.locator('.palette').getByText('前往归档').waitFor();
    expect(await page.locator('.palette [id="choice-archive"]').count()).toBe(0);
    expect(await page.locator('.palette [id="choice-go_archive"]').getAttribute('aria-current')).toBe('true');
    // Nobody shows the source of a mail while none is open.
    await palette(page).fill('source');
    expect(await page.locator('.palette [id="choice-view_source"]').count()).toBe(0);
  });

  it('begins with what was used lately, and says when nothing fits', async () => {
    const page = await start(FakeAgent.full());
    await ask(page, 'theme dark');
    await press(page, 'Enter');
    await until(async () => (await page.locator('html').getAttribute('data-theme')) === 'dark');
    await press(page, 'Control+k');
    await page.locator('.palette').getByText('最近用过').waitFor();
    expect(await choices(page).first().getAttribute('id')).toBe('choice-theme_dark');
    await palette(page).fill('量子纠缠');
    await page.getByText('没有找到「量子纠缠」').waitFor();
    await press(page, 'Enter');
    expect(await palette(page).count()).toBe(1);
  });

  it('goes to a folder of another account', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await press(page, 'g', 'f');
    await palette(page).fill('kfgx 收件');
    await press(page, 'Enter');
    await page.getByText('41 封').waitFor();
    await until(async () => (await pane(page)) === 'list');
  });

  it('moves mails to the folder that is typed, and they come back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await press(page, 'Shift+ArrowDown', 'v');
    expect(await palette(page).getAttribute('placeholder')).toBe('把 2 封邮件移动到…');
    // Enter alone moves nothing to whatever stands first.
    await press(page, 'Enter');
    expect(await palette(page).getAttribute('aria-activedescendant')).toBeNull();
    // Not where they are, and not to the other account.
    expect(await page.locator('[id="choice-folder-10"], [id="choice-folder-20"]').count()).toBe(0);
    await palette(page).fill('sheq');
    await press(page, 'Enter');
    await toast(page, '已移动 2 封邮件');
    expect(acts(agent).at(-1)).toEqual({ mails: [10_008_204, 10_008_203], action: { kind: 'move', folder: 15 } });
    await press(page, 'Control+z');
    await toast(page, '已撤销：移动（2 封）');
    await page.getByText('8,204 封').waitFor();
  });

  it('says why mails of two accounts cannot be moved together', async () => {
    const page = await start(FakeAgent.full());
    await options(page).first().click();
    await press(page, 'Shift+ArrowDown', 'v');
    await toast(page, '属于不同的账号');
    expect(await palette(page).count()).toBe(0);
  });

  it('takes commands after > where folders are looked for', async () => {
    const page = await start(FakeAgent.full());
    await press(page, 'g', 'f');
    await palette(page).fill('>快捷键');
    await press(page, 'Enter');
    await page.getByRole('dialog', { name: '键盘快捷键' }).waitFor();
  });

  it('waits for the input method', async () => {
    const page = await start(FakeAgent.full());
    await press(page, 'Control+k');
    const client = await page.context().newCDPSession(page);
    await client.send('Input.imeSetComposition', { text: 'she zhi', selectionStart: 7, selectionEnd: 7 });
    const before = await choices(page).count();
    expect(before).toBeGreaterThan(10);
    await client.send('Input.insertText', { text: '设置' });
    await until(async () => (await choices(page).count()) < before);
    // The Enter that takes a candidate is the input method's.
    await palette(page).dispatchEvent('keydown', { key: 'Enter', code: 'Enter', keyCode: 229 });
    await palette(page).dispatchEvent('keydown', { key: 'Enter', code: 'Enter', isComposing: true });
    expect(await palette(page).count()).toBe(1);
    await press(page, 'Enter');
    await page.getByRole('dialog', { name: '设置' }).waitFor();
  });
});

describe('keys', () => {
  it('in two strokes go to folders, with a hint meanwhile', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await press(page, 'g');
    await page.locator('.hint', { hasText: '前往已发送' }).waitFor();
    await press(page, 'd');
    await page.locator('h1', { hasText: '草稿箱' }).waitFor();
    await press(page, 'g', 'u');
    await page.locator('h1', { hasText: '全部收件箱' }).waitFor();
    await press(page, 'g', 's');
    await page.getByText('2 封', { exact: true }).waitFor();
  });

  it('in two strokes wait one second, and do nothing else when the second is wrong', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 'g', 'e');
    await press(page, 'g');
    const hint = page.locator('.hint', { hasText: '前往收件箱' });
    await hint.waitFor();
    await hint.waitFor({ state: 'hidden' });
    await press(page, 'd');
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    expect(acts(agent)).toEqual([]);
  });

  it('like Outlook, chosen in the sheet, work and are shown at once', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await opened(page, '上海二期');
    await press(page, '?');
    const sheet = page.getByRole('dialog', { name: '键盘快捷键' });
    await sheet.getByText('Outlook 风格').click();
    await until(() => agent.settings.keys === 'outlook');
    await sheet.locator('.line', { hasText: '归档' }).first().getByText('Backspace').waitFor();
    await press(page, 'Escape');
    await until(
      async () => (await page.getByRole('button', { name: '归档' }).getAttribute('aria-keyshortcuts')) === 'Backspace',
    );
    await press(page, 'e');
    await press(page, 'Backspace');
    await toast(page, '已归档 1 封邮件');
    expect(await page.locator('.toast kbd').innerText()).toBe('Ctrl+Z');
    await press(page, 'Control+q');
    await until(() => acts(agent).some((each) => JSON.stringify(each).includes('mark_read')));
    await press(page, 'Insert');
    await until(() => acts(agent).some((each) => JSON.stringify(each).includes('star')));
    expect(acts(agent).filter((each) => JSON.stringify(each).includes('archive'))).toHaveLength(1);
  });

  it('of a Mac are cmd and are shown so', async () => {
    const page = await start(FakeAgent.full(), undefined, { platform: 'MacIntel' });
    await inbox(page);
    await press(page, 'Control+k');
    expect(await palette(page).count()).toBe(0);
    await press(page, 'Meta+k');
    await palette(page).fill('设置');
    await choices(page).filter({ hasText: '⌘,' }).waitFor();
  });

  it('mean nothing while an input method composes', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    const list = page.getByRole('listbox');
    await list.dispatchEvent('keydown', { key: 'e', code: 'KeyE', isComposing: true });
    await list.dispatchEvent('keydown', { key: 'Process', code: 'KeyE', keyCode: 229 });
    await press(page, 's');
    await until(() => acts(agent).length > 0);
    expect(acts(agent)).toEqual([{ mails: [10_008_202], action: { kind: 'star' } }]);
  });

  it('in a field write letters; only combinations are commands', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 'Control+Shift+e');
    const field = page.locator('.trees').getByRole('textbox');
    await field.focus();
    await press(page, 'e', 'j', '#', 'Shift+?', 'z');
    expect(await field.inputValue()).toBe('ej#?z');
    await press(page, 'Control+a', 'Control+z', 'Backspace');
    await press(page, 'Escape');
    await field.waitFor({ state: 'hidden' });
    expect(acts(agent)).toEqual([]);
    expect(agent.calls.some(({ method }) => method === 'undo')).toBe(false);
    // A field of the page itself, such as a search to come.
    await page.evaluate(() => {
      const input = document.createElement('input');
      document.querySelector('.pane header')?.append(input);
      input.focus();
    });
    await press(page, 'e', 'Delete');
    await press(page, 'Control+k');
    await palette(page).waitFor();
    expect(acts(agent)).toEqual([]);
  });

  it('that are held down archive one mail, not all', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    for (let i = 0; i < 4; i += 1) await page.keyboard.down('e');
    await page.keyboard.up('e');
    await press(page, 's');
    await until(() => acts(agent).some((each) => JSON.stringify(each).includes('star')));
    expect(acts(agent).filter((each) => JSON.stringify(each).includes('archive'))).toHaveLength(1);
    await page.keyboard.down('j');
    const before = await page.getByRole('listbox').getAttribute('aria-activedescendant');
    await page.keyboard.down('j');
    await until(async () => (await page.getByRole('listbox').getAttribute('aria-activedescendant')) !== before);
    await page.keyboard.up('j');
  });

  it('go to the next unread mail, near or far, and say when there is none', async () => {
    const agent = FakeAgent.full(3000, false);
    const rows = agent.mails.get(10) ?? [];
    agent.mails.set(
      10,
      rows.map((row, i) => ({ ...row, unread: i === 1 || i === 2500 })),
    );
    agent.recount(10);
    const page = await start(agent);
    await options(page).first().click();
    await press(page, 'n');
    await opened(page, '报销截止时间');
    await until(() => agent.mails.get(10)?.[1]?.unread === false);
    await press(page, 'n');
    await opened(page, '#2500');
    await page.locator('#mail-10000500').waitFor();
    await until(() => agent.mails.get(10)?.[2500]?.unread === false);
    await press(page, 'n');
    await toast(page, '没有未读邮件了');
  });

  it('filter, and mark all as read in all inboxes as one action', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await press(page, 'Alt+2');
    await page.getByText('6 封', { exact: true }).waitFor();
    await press(page, 'Alt+1');
    await page.getByText('8,245 封').waitFor();
    await press(page, 'Alt+r');
    await toast(page, '已将 6 封邮件标为已读');
    await until(() => agent.folders.every((folder) => folder.role !== 'inbox' || folder.unread === 0));
    await press(page, 'z');
    await toast(page, '已撤销：标为已读（6 封）');
    expect(agent.folders.filter((folder) => folder.role === 'inbox').map((folder) => folder.unread)).toEqual([3, 3]);
  });

  it('change theme, density, layout and language, pause bubbles, and look for mail', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await press(page, 'Alt+v');
    await page.locator('.hint', { hasText: '外观：深色' }).waitFor();
    await press(page, 'd', 'Alt+v', '3', 'Alt+v', 'c');
    await until(() => agent.settings.layout === 'classic');
    expect(agent.settings).toMatchObject({ theme: 'dark', density: 'line', layout: 'classic' });
    await press(page, 'Alt+p');
    await until(() => (agent.settings.paused_until ?? 0) > 0);
    await press(page, 'Alt+Shift+p');
    await until(() => agent.settings.paused_until === null);
    await press(page, 'F9');
    await until(() => agent.calls.some(({ method }) => method === 'sync'));
    await press(page, 'Alt+v', 'e');
    await until(async () => (await page.locator('html').getAttribute('lang')) === 'en');
  });
});

describe('undo', () => {
  it('takes back one action after the other and says which', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 's', 'e', 'e', '#');
    await until(() => acts(agent).filter((each) => JSON.stringify(each).includes('delete')).length === 1);
    expect(agent.mails.get(10)).toHaveLength(8201);
    await press(page, 'z');
    await toast(page, '已撤销：删除（1 封）');
    await press(page, 'Control+z', 'Control+z');
    await toast(page, '已撤销：归档（1 封）');
    await until(() => agent.mails.get(10)?.length === 8204);
    await press(page, 'z');
    await toast(page, '已撤销：加星标（1 封）');
    expect(agent.mails.get(10)?.[2]?.starred).toBe(false);
    await press(page, 'z');
    await toast(page, '没有可以撤销的操作');
  });

  it('waits for the action that is still under way', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    let go: () => void = () => undefined;
    const act = agent.answer.bind(agent);
    agent.overrides['mail.act'] = async (params) => {
      await new Promise<void>((resolve) => (go = resolve));
      delete agent.overrides['mail.act'];
      return (await act('mail.act', params)) as never;
    };
    await press(page, 'e', 'z');
    expect(agent.calls.some(({ method }) => method === 'undo')).toBe(false);
    go();
    await toast(page, '已撤销：归档（1 封）');
    expect(agent.mails.get(10)).toHaveLength(8204);
  });

  it('leaves what happened by itself', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 'e');
    await toast(page, '已归档 1 封邮件');
    await opened(page, '验证码');
    // The mail that is opened now counts as read, after the archiving.
    await until(() => acts(agent).some((each) => JSON.stringify(each).includes('mark_read')));
    await press(page, 'z');
    await toast(page, '已撤销：归档（1 封）');
    expect(agent.mails.get(10)?.[3]?.unread).toBe(false);
    await press(page, 'z');
    await toast(page, '没有可以撤销的操作');
    expect(agent.mails.get(10)?.[3]?.unread).toBe(false);
  });

  it('takes back what a bubble did', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await agent.answer('mail.act', { mails: [10_008_202], action: { kind: 'archive' } });
    await page.getByText('8,203 封').waitFor();
    await press(page, 'z');
    await toast(page, '已撤销');
    await page.getByText('8,204 封').waitFor();
  });

  it('that fails says why, and can be tried again', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 'e');
    await toast(page, '已归档 1 封邮件');
    agent.overrides.undo = () => {
      throw fault('disk_full');
    };
    await press(page, 'z');
    await toast(page, '磁盘满了');
    delete agent.overrides.undo;
    await press(page, 'z');
    await toast(page, '已撤销：归档（1 封）');
  });

  it('by the button takes back what the toast says, which stays while it has the focus', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await press(page, 's');
    await press(page, 'e');
    await toast(page, '已归档 1 封邮件');
    await page.clock.runFor(7500);
    await toast(page, '已归档 1 封邮件');
    await page.clock.runFor(1000);
    await page.locator('.toast').waitFor({ state: 'hidden' });
    await press(page, 'e');
    await toast(page, '已归档 1 封邮件');
    await page.locator('.toast button').focus();
    await page.clock.runFor(20_000);
    await press(page, 's');
    await until(() => acts(agent).filter((each) => JSON.stringify(each).includes('star')).length === 2);
    // The second star is newer, but the button speaks of the archiving.
    await press(page, 'Enter');
    await toast(page, '已撤销：归档（1 封）');
    expect(agent.mails.get(10)).toHaveLength(8203);
  });
});

describe('the focus', () => {
  it('goes round the panes and to each of them', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await options(page).first().click();
    await opened(page, '上海二期');
    await press(page, 'F6');
    expect(await pane(page)).toBe('mail');
    await press(page, 'F6');
    expect(await pane(page)).toBe('tree');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-folder'))).toBe('10');
    await press(page, 'Shift+F6', 'Shift+F6');
    expect(await focused(page.getByRole('listbox'))).toBe(true);
    for (const [key, name] of [
      ['Control+1', 'tree'],
      ['Control+2', 'list'],
      ['Control+3', 'mail'],
    ] as const) {
      await press(page, key);
      expect(await pane(page)).toBe(name);
    }
  });

  it('in the mail leaves the arrows to the text, and letters to the list', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await options(page).first().click();
    await opened(page, '上海二期');
    await press(page, 'Control+3', 'ArrowDown', 'End');
    await press(page, 'j');
    await opened(page, '报销截止时间');
  });

  it('stays in the list when the last mail is gone, also after the button of the toolbar', async () => {
    const agent = FakeAgent.full();
    agent.mails.set(17, [{ ...(agent.mails.get(10)?.[2] as never as object), id: 17_000_001, folder: 17 } as never]);
    agent.recount(17);
    const page = await start(agent);
    await page.locator('[data-folder="17"]').click();
    await options(page).first().click();
    await page.getByRole('button', { name: '归档' }).click();
    await until(async () => (await options(page).count()) === 0);
    await until(async () => (await pane(page)) === 'list');
    await press(page, 'z');
    await options(page).first().waitFor();
    await until(() => focused(page.getByRole('listbox')));
  });

  it('stays in the toolbar when its button becomes another one', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await page.getByRole('button', { name: '标为未读' }).focus();
    await press(page, 'Enter');
    await page.getByRole('button', { name: '标为已读' }).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.closest('[role=toolbar]') !== null));
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BUTTON');
  });

  it('stays in the list when it is filtered', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await options(page).first().click();
    await press(page, 'Alt+2');
    await page.getByText('3 封', { exact: true }).waitFor();
    await until(() => focused(page.getByRole('listbox')));
  });

  it('comes back from dialogs, and Escape closes the topmost thing only', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent, { width: 600, height: 700 });
    await page.getByRole('button', { name: '显示文件夹' }).click();
    await press(page, 'Control+,');
    await page.getByRole('dialog', { name: '设置' }).waitFor();
    await press(page, 'Escape');
    await page.getByRole('dialog', { name: '设置' }).waitFor({ state: 'hidden' });
    await page.locator('.drawer').waitFor();
    await press(page, 'Escape');
    await page.locator('.drawer').waitFor({ state: 'hidden' });
    await press(page, 'Control+b');
    await until(async () => (await pane(page)) === 'tree');
    await page.locator('[data-folder="10"]').click();
    await options(page).first().click();
    await page.locator('iframe.now').waitFor();
    await until(async () => (await pane(page)) === 'mail');
    await press(page, '?');
    await page.getByRole('searchbox').waitFor();
    await press(page, 'Escape');
    await page.getByRole('searchbox').waitFor({ state: 'hidden' });
    expect(await pane(page)).toBe('mail');
    await press(page, 'Escape');
    await until(async () => (await pane(page)) === 'list');
    await page.locator('iframe.now').waitFor({ state: 'hidden' });
  });

  it('has one stop in the chips and one in the toolbar', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await options(page).first().click();
    await opened(page, '上海二期');
    for (const bar of ['.chips', '.tools']) {
      const stops = () =>
        page
          .locator(`${bar} button`)
          .evaluateAll((all) => all.filter((each) => (each as HTMLElement).tabIndex === 0).length);
      expect(await stops()).toBe(1);
      await page.locator(`${bar} button`).first().focus();
      await press(page, 'ArrowRight');
      expect(await focused(page.locator(`${bar} button`).nth(1))).toBe(true);
      await press(page, 'ArrowLeft', 'ArrowLeft');
      expect(await focused(page.locator(`${bar} button`).last())).toBe(true);
      await press(page, 'Home');
      expect(await focused(page.locator(`${bar} button`).first())).toBe(true);
      expect(await stops()).toBe(1);
    }
    // Home in the toolbar was the toolbar's.
    expect(await page.getByRole('listbox').getAttribute('aria-activedescendant')).toBe('mail-10008204');
  });

  it('goes from folders to list to mail by Tab', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await options(page).first().click();
    await opened(page, '上海二期');
    await press(page, 'Control+1');
    const seen: string[] = [];
    for (let i = 0; i < 24; i += 1) {
      await press(page, 'Tab');
      const now = await pane(page);
      if (seen.at(-1) !== now) seen.push(now);
    }
    expect(seen.filter((each) => each !== 'none').slice(0, 3)).toEqual(['tree', 'list', 'mail']);
  });
});

describe('sizes', () => {
  it('go up and down by keys, are kept, and lose nothing', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    for (let i = 0; i < 6; i += 1) await press(page, 'Control+=');
    await until(() => agent.settings.zoom === 200);
    await toast(page, '显示大小：200%');
    // 640 of the page's own pixels: list and mail take turns.
    await page.locator('.app.single').waitFor();
    await press(page, 'Control+=');
    await press(page, 'Control+-');
    await until(() => agent.settings.zoom === 175);
    await press(page, 'Control+0');
    await until(() => agent.settings.zoom === 100);
    await page.locator('.app:not(.single)').waitFor();
  });

  it.each([80, 125, 200])('%i % is there from the start, and nothing is out of reach', async (zoom) => {
    const agent = FakeAgent.full();
    agent.settings.zoom = zoom;
    const page = await start(agent);
    await options(page).first().waitFor();
    for (const key of ['', '?', 'Control+k']) {
      if (key) await press(page, key);
      if (key) await page.locator('[role=dialog]').waitFor();
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll('button, [role=dialog], [role=listbox], input')]
          .filter((element) => {
            const box = element.getBoundingClientRect();
            const scrolled = element.closest('.trees, .list [role=listbox], .page, [role=listbox] *');
            return (
              box.width > 0 &&
              !scrolled &&
              (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1)
            );
          })
          .map((element) => element.outerHTML.slice(0, 120)),
      );
      expect(outside, key).toEqual([]);
      if (key) await press(page, 'Escape');
      if (key) await page.locator('[role=dialog]').waitFor({ state: 'hidden' });
    }
    await page.locator('[data-folder="14"]').click({ button: 'right' });
    const menu = await page.getByRole('menu').boundingBox();
    const folder = await page.locator('[data-folder="14"]').boundingBox();
    // The menu opens where the pointer is.
    expect(Math.abs((menu?.x ?? 0) - ((folder?.x ?? 0) + (folder?.width ?? 0) / 2))).toBeLessThan(24);
  });

  it('also in the welcome', async () => {
    const agent = new FakeAgent();
    const page = await start(agent);
    await page.getByLabel('邮箱地址').focus();
    await press(page, 'Control+=');
    await until(() => agent.settings.zoom === 110);
    await press(page, 'Control+k');
    expect(await palette(page).count()).toBe(0);
  });
});

describe('everybody', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can use palette, sheet and hint (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      const page = await start(agent);
      await inbox(page);
      await options(page).first().click();
      await press(page, 'Control+k');
      await choices(page).first().waitFor();
      expect(await violations(page)).toEqual([]);
      await palette(page).fill('a');
      expect(await violations(page)).toEqual([]);
      await palette(page).fill('量子纠缠');
      expect(await violations(page)).toEqual([]);
      await press(page, 'Escape');
      await palette(page).waitFor({ state: 'hidden' });
      await press(page, '?');
      await page.getByRole('searchbox').waitFor();
      expect(await violations(page)).toEqual([]);
      await press(page, 'Escape');
      await page.getByRole('searchbox').waitFor({ state: 'hidden' });
      await press(page, 'Alt+v');
      await page.locator('.hint').waitFor();
      expect(await violations(page)).toEqual([]);
    });
  }

  it('sees focus, choice and what is unread in high contrast', async () => {
    const page = await start(FakeAgent.full());
    await page.emulateMedia({ forcedColors: 'active' });
    await inbox(page);
    await options(page).first().click();
    await press(page, 'ArrowDown');
    const style = (selector: string, pseudo?: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element, of) => {
          const { backgroundColor, outlineStyle, outlineWidth, borderTopWidth } = getComputedStyle(element, of);
          return { backgroundColor, outlineStyle, outlineWidth, borderTopWidth };
        }, pseudo);
    const sheet = (await style('[role=option][aria-selected=false]')).backgroundColor;
    expect((await style('[role=option][aria-selected=true]')).backgroundColor).not.toBe(sheet);
    expect((await style('[role=option][aria-selected=true]')).outlineStyle).toBe('double');
    expect((await style('[role=treeitem][aria-selected=true]')).backgroundColor).not.toBe(sheet);
    expect((await style('.chip[aria-pressed=true]')).backgroundColor).not.toBe(
      (await style('.chip[aria-pressed=false]')).backgroundColor,
    );
    expect((await style('.new[aria-selected=false]', '::before')).backgroundColor).toBe('rgb(0, 0, 0)');
    expect((await style('.read .icon')).borderTopWidth).toBe('1px');
    await page.locator('.read .icon').first().focus();
    expect((await style('.read .icon')).outlineWidth).toBe('3px');
  });

  it('is spared motion who wants none', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await options(page).first().click();
    await press(page, 'Control+k');
    await choices(page).first().waitFor();
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationDuration, scrollBehavior } = getComputedStyle(element);
          const moves = (text: string) => text.split(',').some((each) => parseFloat(each) > 0);
          return moves(transitionDuration) || moves(animationDuration) || scrollBehavior === 'smooth';
        }).length,
    );
    expect(moving).toBe(0);
  });

  it('walks through the whole program by the keyboard alone', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await options(page).first().waitFor();
    // Into the inbox of the first account, and down the list.
    await press(page, 'g', 'i');
    await page.getByText('8,204 封').waitFor();
    await until(() => focused(page.getByRole('listbox')));
    await press(page, 'ArrowDown', 'ArrowDown', 'Enter');
    await opened(page, '报销截止时间');
    await until(() => agent.mails.get(10)?.[1]?.unread === false);
    // Read, archive, think again.
    await press(page, 'e');
    await toast(page, '已归档');
    await press(page, 'z');
    await toast(page, '已撤销：归档');
    await page.getByText('8,204 封').waitFor();
    // Several at once, to a folder.
    await press(page, 'Home', 'Shift+ArrowDown', 'Shift+ArrowDown');
    await page.getByText('已选 3 封邮件').waitFor();
    await press(page, 'v');
    await page.keyboard.type('kehu');
    await palette(page).fill('客户');
    await press(page, 'Enter');
    await toast(page, '已移动 3 封邮件');
    await page.getByText('8,201 封').waitFor();
    // Filter, and off again by the chips.
    await press(page, 'Alt+2');
    await page.locator('.chip[aria-pressed=true]', { hasText: '未读' }).waitFor();
    await until(() => focused(page.getByRole('listbox')));
    await press(page, 'Shift+Tab', 'Home', 'Enter');
    await page.locator('.chip[aria-pressed=true]', { hasText: '全部' }).waitFor();
    // To a folder of the other account, through the palette.
    await press(page, 'Control+k');
    await page.keyboard.type('khdz');
    await palette(page).fill('客服 收件箱');
    await press(page, 'Enter');
    await page.getByText('41 封').waitFor();
    // The folders by their arrows.
    await press(page, 'Control+1', 'Home', 'Enter');
    await until(async () => (await pane(page)) === 'tree');
    // Settings and back.
    await press(page, 'Control+,');
    await page.getByRole('dialog', { name: '设置' }).waitFor();
    await press(page, 'Escape');
    await page.getByRole('dialog', { name: '设置' }).waitFor({ state: 'hidden' });
    await until(async () => (await pane(page)) === 'tree');
    // And where one was.
    await press(page, 'Control+2');
    await until(() => focused(page.getByRole('listbox')));
    await press(page, 'g', 'u');
    await page.locator('h1', { hasText: '全部收件箱' }).waitFor();
    await press(page, 'j');
    await page.locator('iframe.now').waitFor();
    await press(page, 'Escape');
    await page.locator('iframe.now').waitFor({ state: 'hidden' });
  });
});
