//! The list as a person uses it: the built page in Chromium, an agent in memory behind it.

import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { MailRow } from '../src/host/api';
import { FakeAgent, fault } from './agent';
import { acts, called, house, inbox, options, until, violations } from './house';
import { LongFolder } from './long';
import { browser, open as openWindow } from './window';

const window = house();
const start: typeof window.start = (agent, size, more) => window.start(agent, size, more);

const box = (page: Page) => page.getByRole('listbox', { name: '邮件列表' });
const chosen = (page: Page) => page.locator('[role=option][aria-selected=true]');
const menu = (page: Page) => page.getByRole('menu');
/** Where a row stands in the window. */
const y = async (row: Locator) => (await row.boundingBox())?.y ?? NaN;
const lists = (agent: FakeAgent) => called(agent, 'mail.list');
/** A row by its words. */
const saying = (page: Page, words: string) => page.locator('[role=option]', { hasText: words });

async function long(count: number, more?: Parameters<typeof start>[2]) {
  const agent = FakeAgent.full(0, false);
  const folder = new LongFolder(agent, 10, count);
  const page = await start(agent, undefined, more);
  await inbox(page);
  return { agent, folder, page };
}
/** A row in the middle of a long list, known by its mail. */
async function farRow(page: Page, number = /#\d{6}/): Promise<Locator> {
  const row = page.locator('[role=option]:not([aria-busy])', { hasText: number }).nth(6);
  await row.waitFor();
  return page.locator(`#${await row.getAttribute('id')}`);
}
/** Remembers which windows the page wants to open. */
const popups = (page: Page) =>
  page.evaluate(() => {
    const wanted: string[] = [];
    (globalThis as unknown as { wanted: string[] }).wanted = wanted;
    globalThis.open = (url) => {
      wanted.push(String(url));
      return null;
    };
  });
const wanted = (page: Page) => page.evaluate(() => (globalThis as unknown as { wanted: string[] }).wanted);
async function option(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: '列表选项' }).click();
  await menu(page).getByText(name, { exact: true }).click();
  await menu(page).waitFor({ state: 'hidden' });
}
async function rightClick(page: Page, row: Locator, item: string): Promise<void> {
  await row.click({ button: 'right' });
  await menu(page).getByRole('menuitem', { name: item }).click();
}

describe('half a million mails', () => {
  /** The last row stands whole at the end of the list, and nothing is below it. */
  async function atTheEnd(page: Page, last: string): Promise<void> {
    const row = saying(page, last);
    await row.waitFor();
    await until(async () => {
      const gap = await page.evaluate((words) => {
        const list = document.querySelector('[data-keys=list]') as HTMLElement;
        const found = [...list.querySelectorAll<HTMLElement>('[role=option]')].find((each) =>
          each.textContent?.includes(words),
        );
        return found ? list.scrollTop + list.clientHeight - (found.offsetTop + found.offsetHeight) : NaN;
      }, last);
      return Math.abs(gap) <= 1;
    });
  }
  const scrollTo = (page: Page, share: number) =>
    box(page).evaluate((list, part) => list.scrollTo(0, (list.scrollHeight - list.clientHeight) * part), share);

  for (const [name, scale, zoom] of [
    ['100 %', 1, 1],
    ['a screen of 250 %', 2.5, 1],
    ['a page of 250 %', 1, 2.5],
    ['a page of 200 % on a screen of 250 %', 2.5, 2],
  ] as const) {
    it(`are scrolled to the last by End, thumb and wheel (${name})`, async () => {
      const { page } = await long(500_000, { deviceScaleFactor: scale });
      if (zoom !== 1) await page.evaluate((factor) => (document.documentElement.style.zoom = String(factor)), zoom);
      const list = box(page);
      await list.focus();
      await page.keyboard.press('End');
      await atTheEnd(page, '#499999');
      await saying(page, '#499999').and(page.locator('[aria-selected=true]')).waitFor();
      await page.keyboard.press('Home');
      await saying(page, '#0').waitFor();
      await until(async () => (await list.evaluate((each) => each.scrollTop)) === 0);

      await scrollTo(page, 1);
      await atTheEnd(page, '#499999');

      await scrollTo(page, 0.5);
      await page
        .locator('[role=option]:not([aria-busy])', { hasText: /#2[45]\d{4}/ })
        .first()
        .waitFor();
      await list.evaluate((each) => each.scrollTo(0, each.scrollHeight - each.clientHeight - 3000));
      await list.hover();
      for (let i = 0; i < 40; i += 1) await page.mouse.wheel(0, 100 * zoom);
      await atTheEnd(page, '#499999');
    });
  }

  it('move by real pixels under the wheel wherever the thumb stands', async () => {
    const { page } = await long(500_000);
    await scrollTo(page, 0.4);
    const mark = await farRow(page);
    await box(page).hover();
    const before = await y(mark);
    await page.mouse.wheel(0, 150);
    await until(async () => Math.abs(before - (await y(mark)) - 150) <= 1);
    await page.mouse.wheel(0, -90);
    await until(async () => Math.abs(before - (await y(mark)) - 60) <= 1);
  });

  it('are dragged through by the real thumb of a browser that shows one', async () => {
    const shown = await browser({ ignoreDefaultArgs: ['--hide-scrollbars'] });
    try {
      const agent = FakeAgent.full(0, false);
      new LongFolder(agent, 10, 500_000);
      const { page } = await openWindow(shown, agent);
      await inbox(page);
      const place = await box(page).boundingBox();
      if (!place) throw new Error('no list');
      const x = place.x + place.width - 7;
      await page.mouse.move(x, place.y + 17);
      await page.mouse.down();
      await page.mouse.move(x, place.y + place.height / 2, { steps: 20 });
      await page
        .locator('[role=option]:not([aria-busy])', { hasText: /#2[3-6]\d{4}/ })
        .first()
        .waitFor();
      await page.mouse.move(x, place.y + place.height, { steps: 20 });
      await atTheEnd(page, '#499999');
      await page.mouse.move(x, place.y, { steps: 20 });
      await page.mouse.up();
      await saying(page, '#0').waitFor();
    } finally {
      await shown.close();
    }
  });

  it('keep every pixel of the view while mails arrive', async () => {
    const { folder, page } = await long(500_000);
    await scrollTo(page, 0.4);
    const mark = await farRow(page);
    const before = await y(mark);
    for (let i = 0; i < 40; i += 1) folder.arrive(`新到 ${i}`);
    await page.getByRole('button', { name: '40 封新邮件' }).waitFor();
    expect(await y(mark)).toBe(before);
    await page.getByRole('button', { name: '40 封新邮件' }).click();
    await saying(page, '新到 39').waitFor();
    await until(async () => (await page.locator('.pill').count()) === 0);
  });

  it('are asked for in few, small questions', async () => {
    const { agent, page } = await long(500_000);
    for (const share of [0.1, 0.3, 0.7, 0.2, 0.9, 1]) await scrollTo(page, share);
    await saying(page, '#499999').waitFor();
    const asked = lists(agent);
    expect(asked.length).toBeLessThan(10);
    expect(Math.max(...asked.map(({ limit }) => Number(limit)))).toBeLessThanOrEqual(200);
  });
});

describe('what arrives', () => {
  it('never moves what is read, not by a pixel, nor when the list comes to rest', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await box(page).evaluate((list) => list.scrollTo(0, 2613));
    const mark = saying(page, '#35');
    await mark.waitFor();
    const before = await y(mark);
    const top = await box(page).evaluate((list) => list.scrollTop);
    for (let i = 0; i < 3; i += 1) agent.arrive(10, `新到 ${i}`);
    await page.getByRole('button', { name: '3 封新邮件' }).waitFor();
    await page.getByRole('status').filter({ hasText: '3 封新邮件' }).waitFor({ state: 'attached' });
    expect(await y(mark)).toBe(before);
    // At rest the thumb is put to where it belongs: three rows further down.
    await until(async () => (await box(page).evaluate((list) => list.scrollTop)) === top + 3 * 78);
    expect(await y(mark)).toBe(before);
    agent.arrive(10, '第四封');
    await page.getByRole('button', { name: '4 封新邮件' }).waitFor();
    expect(await y(mark)).toBe(before);
  });

  it('stands at the top at once when one is there, and is told of', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    agent.arrive(10, '刚到');
    await until(async () => (await options(page).first().innerText()).includes('刚到'));
    await page.getByRole('status').filter({ hasText: '1 封新邮件' }).waitFor({ state: 'attached' });
    expect(await box(page).evaluate((list) => list.scrollTop)).toBe(0);
    expect(await page.locator('.pill').count()).toBe(0);
  });

  it('does not move the rows under an open menu', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    const row = saying(page, 'Anna');
    const before = await y(row.first());
    await row.first().click({ button: 'right' });
    await menu(page).waitFor();
    agent.arrive(10, '刚到');
    await page.getByText('8,205 封').waitFor();
    expect(await y(row.first())).toBe(before);
    await page.getByRole('button', { name: '1 封新邮件', includeHidden: true }).waitFor();
  });

  it('leaves the mail in place when others go above it', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await box(page).evaluate((list) => list.scrollTo(0, 2600));
    const mark = saying(page, '#35');
    await mark.waitFor();
    const before = await y(mark);
    const gone = (agent.mails.get(10) ?? []).slice(2, 6).map(({ id }) => id);
    await agent.answer('mail.act', { mails: gone, action: { kind: 'archive' } });
    await page.getByText('8,200 封').waitFor();
    expect(await y(mark)).toBe(before);
  });
});

describe('days', () => {
  it('have headings that stay at the top, and only where time is the order', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    const heading = page.locator('.day', { hasText: '今天' });
    const top = await y(heading);
    await box(page).evaluate((list) => list.scrollTo(0, 200));
    await until(async () => (await y(options(page).first())) < top);
    expect(await y(heading)).toBe(top);
    await box(page).evaluate((list) => list.scrollTo(0, 450));
    await until(async () => (await y(page.locator('.day', { hasText: '昨天' }))) === top);
    await option(page, '按主题');
    await until(async () => (await page.locator('.day').count()) === 0);
  });
});

describe('density', () => {
  it('changes at once, is kept by the agent, and leaves the row where it is', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await box(page).evaluate((list) => list.scrollTo(0, 4000));
    const row = page.locator('[role=option]:not([aria-busy])').nth(12);
    await row.click();
    const mark = page.locator('[role=option].cursor');
    const before = await y(mark);
    for (const [name, height, kept] of [
      ['紧凑', 52, 'compact'],
      ['单行', 30, 'line'],
      ['宽松', 78, 'comfortable'],
    ] as const) {
      await option(page, name);
      await until(async () => (await mark.boundingBox())?.height === height);
      expect(await y(mark)).toBe(before);
      expect(agent.settings.density).toBe(kept);
    }
  });
});

describe('order', () => {
  it('is chosen in the menu, remembered, and asked of the agent', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await option(page, '按大小');
    await page.getByText('按大小 · 8,204 封').waitFor();
    expect(lists(agent).at(-1)).toMatchObject({ sort: 'size', offset: 0 });
    await option(page, '最早的在前');
    await until(async () => (await options(page).first().innerText()).includes('#8203'));
    await page.reload();
    await inbox(page);
    expect(lists(agent).at(-1)).toMatchObject({ sort: 'oldest' });
    await until(async () => (await options(page).first().innerText()).includes('#8203'));
  });

  it('keeps the opened mail open and in view', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(1).click();
    await option(page, '最早的在前');
    await page.locator('#mail-10008203[aria-selected=true]').waitFor();
    await until(async () => {
      const [row, list] = [await page.locator('#mail-10008203').boundingBox(), await box(page).boundingBox()];
      return !!row && !!list && row.y >= list.y && row.y + row.height <= list.y + list.height;
    });
  });

  it('that no row tells is asked for anew when mail arrives, and the view stays', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await option(page, '按发件人');
    await page.getByText('按发件人 · 8,204 封').waitFor();
    await box(page).evaluate((list) => list.scrollTo(0, 80_000));
    const row = page.locator('[role=option]:not([aria-busy])[aria-posinset="1030"]');
    await row.waitFor();
    const mark = page.locator(`#${await row.getAttribute('id')}`);
    const before = await y(mark);
    const asked = lists(agent).length;
    agent.arrive(10, '刚到');
    await page.getByText('按发件人 · 8,205 封').waitFor();
    expect(lists(agent).length).toBeGreaterThan(asked);
    expect(await y(mark)).toBe(before);
  });
});

describe('choosing', () => {
  it('by boxes, by Ctrl and by Shift', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(1).hover();
    await options(page).nth(1).locator('.box').click();
    // Now every row offers its box.
    await options(page).nth(4).locator('.box').click();
    await page.getByText('已选 2 封邮件').waitFor();
    await options(page)
      .nth(2)
      .click({ modifiers: ['Control'] });
    await page.getByText('已选 3 封邮件').waitFor();
    await options(page)
      .nth(6)
      .click({ modifiers: ['Shift'] });
    await page.getByText('已选 5 封邮件').waitFor();
    expect(await chosen(page).count()).toBe(5);
    await page.keyboard.press('Escape');
    expect(await chosen(page).count()).toBe(1);
  });

  it('all of a list, also what was never loaded', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await option(page, '全选');
    await page.getByText('已选列表中的全部 8,204 封').waitFor();
    await page.getByText('已选 8,204 封邮件').waitFor();
    await page.keyboard.press('e');
    await page.getByText('已归档 8,204 封邮件').waitFor();
    expect(agent.mails.get(10)).toHaveLength(0);
    await page.getByText('收件箱是空的').waitFor();
  });

  it('says when a list has more than can be chosen at once', async () => {
    const { page } = await long(500_000);
    await box(page).focus();
    await page.keyboard.press('Control+a');
    await page.getByText('已选前 20,000 封，共 500,000 封').waitFor();
    await page.getByText('已选 20,000 封邮件').waitFor();
    await page.getByLabel('收件箱').getByRole('button', { name: '取消选择' }).click();
    await until(async () => (await chosen(page).count()) === 0);
  });

  it('a stretch with rows between that were never loaded', async () => {
    const { page } = await long(500_000);
    await options(page).nth(2).click();
    await box(page).evaluate((list) => list.scrollTo(0, 3000 * 78));
    const row = await farRow(page, /#\d{4}/);
    const place = Number(await row.getAttribute('aria-posinset'));
    await row.click({ modifiers: ['Shift'] });
    const count = place - 2;
    expect(count).toBeGreaterThan(2000);
    await page.getByText(`已选 ${count.toLocaleString('en')} 封`, { exact: true }).waitFor();
  });

  it('stops where one says so', async () => {
    const { agent, page } = await long(500_000);
    const answer = agent.overrides['mail.list'];
    agent.overrides['mail.list'] = (params) =>
      params.limit === 500 && params.offset >= 3000 ? new Promise(() => undefined) : answer!(params);
    await box(page).focus();
    await page.keyboard.press('Control+a');
    await page.getByText('正在选择：3,000 / 20,000').waitFor();
    await page.getByRole('button', { name: '停止' }).click();
    await until(async () => (await chosen(page).count()) === 0);
  });
});

describe('a row', () => {
  it('offers its actions to the mouse, and does not open for them', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await saying(page, 'Anna').first().hover();
    await page.locator('.actions[data-index]').getByTitle('加星标').click();
    await until(() => agent.mails.get(10)?.[2]?.starred === true);
    await page.locator('.actions[data-index]').getByTitle('标为未读').click();
    await until(() => agent.mails.get(10)?.[2]?.unread === true);
    expect(await chosen(page).count()).toBe(0);
    await page.locator('.actions[data-index]').getByTitle('归档').click();
    await page.getByText('已归档 1 封邮件').waitFor();
    expect(agent.mails.get(10)).toHaveLength(8203);
    // The time is not covered.
    const row = saying(page, '供应链周报 第 47 周').first();
    await row.hover();
    const [time, actions] = [
      await row.locator('.time').boundingBox(),
      await page.locator('.actions[data-index]').boundingBox(),
    ];
    expect((time?.y ?? 0) + (time?.height ?? 0)).toBeLessThanOrEqual(actions?.y ?? 0);
  });

  it('opens a window of its own by a double click', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await popups(page);
    await options(page).nth(1).dblclick();
    await until(async () => (await wanted(page)).length > 0);
    expect(await wanted(page)).toEqual(['/?mail=10008203&alone']);
  });

  it('has a menu that does not open it', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await rightClick(page, options(page).nth(1), '标为已读');
    await until(() => agent.mails.get(10)?.[1]?.unread === false);
    await rightClick(page, options(page).nth(1), '加星标');
    await until(() => agent.mails.get(10)?.[1]?.starred === true);
    expect(await chosen(page).count()).toBe(0);
    await rightClick(page, options(page).nth(1), '标为垃圾邮件');
    await page.getByText('已将 1 封邮件标为垃圾邮件').waitFor();
    await popups(page);
    await rightClick(page, options(page).nth(0), '在新窗口中打开');
    await until(async () => (await wanted(page)).length > 0);
    expect(await wanted(page)).toEqual(['/?mail=10008204&alone']);
  });

  it('has its menu on the keyboard, for all that is chosen', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+F10');
    await menu(page).getByText('已选 3 封邮件').waitFor();
    await menu(page).getByRole('menuitem', { name: '删除' }).click();
    await page.getByText('已删除 3 封邮件').waitFor();
    expect(agent.mails.get(10)).toHaveLength(8201);
  });

  it('moves to a folder that is found by its name', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await rightClick(page, options(page).nth(1), '移动到…');
    const field = page.getByRole('combobox', { name: '查找文件夹' });
    await until(() => field.evaluate((each) => each === document.activeElement));
    // Nothing is moved by Enter alone, and the other account's folders are not there.
    await page.keyboard.press('Enter');
    expect(acts(agent)).toEqual([]);
    expect(await page.locator('#move-folders [role=option]').count()).toBe(8);
    await field.fill('二期');
    await page.locator('#move-15[aria-selected=true]').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('已移动 1 封邮件').waitFor();
    expect(acts(agent).at(-1)).toEqual({ mails: [10_008_203], action: { kind: 'move', folder: 15 } });
    await until(() => box(page).evaluate((list) => list === document.activeElement));
    await rightClick(page, options(page).nth(1), '移动到…');
    // The folder from before is offered first.
    await page.locator('#move-15[aria-selected=true]').waitFor();
    await field.fill('没有这个');
    await page.getByText('没有这样的文件夹').waitFor();
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'hidden' });
  });

  it('comes back to where it was when list and mail take turns', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent, { width: 620, height: 700 });
    await page.getByRole('button', { name: '显示文件夹' }).click();
    await inbox(page);
    await box(page).evaluate((list) => list.scrollTo(0, 5017));
    const row = page.locator('[role=option]:not([aria-busy])', { hasText: '#66' });
    await row.scrollIntoViewIfNeeded();
    const before = await y(row);
    await row.click();
    await box(page).waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: '返回' }).click();
    await row.waitFor();
    expect(await y(row)).toBe(before);
  });

  it('does not move with mails of another account', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await options(page).nth(3).waitFor();
    await options(page).nth(0).click();
    await options(page)
      .nth(3)
      .click({ modifiers: ['Shift'] });
    await rightClick(page, options(page).nth(1), '移动到…');
    await page.locator('.menu.move').getByText('这些邮件属于不同的账号').waitFor();
  });

  it('is dragged with all that is chosen', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await page.evaluate(() => {
      const seen = globalThis as unknown as { carried: string[]; picture: string };
      seen.carried = [];
      new MutationObserver((all) =>
        all.forEach(({ addedNodes }) =>
          addedNodes.forEach((node) => {
            if (node instanceof Element && node.className === 'carried') seen.picture = node.textContent;
          }),
        ),
      ).observe(document.body, { childList: true });
      document.addEventListener('dragover', (event) => event.preventDefault());
      document.addEventListener('drop', (event) => {
        event.preventDefault();
        seen.carried.push(event.dataTransfer?.getData('application/x-qiyou-mails') ?? '');
      });
    });
    const carried = () =>
      page.evaluate(() => {
        const { carried: all, picture } = globalThis as unknown as { carried: string[]; picture: string };
        return { all, picture };
      });
    const target = page.locator('main');
    await options(page).nth(3).dragTo(target);
    await until(async () => (await carried()).all.length === 1);
    expect(await carried()).toEqual({ all: ['[10008201]'], picture: '1 封邮件' });
    await options(page).nth(0).click();
    await options(page)
      .nth(2)
      .click({ modifiers: ['Shift'] });
    await options(page).nth(1).dragTo(target);
    await until(async () => (await carried()).all.length === 2);
    expect(JSON.parse((await carried()).all[1] ?? '')).toEqual([10_008_204, 10_008_203, 10_008_202]);
    expect((await carried()).picture).toBe('3 封邮件');
    // Nothing of the drag is left: the row offers its actions again.
    await options(page).nth(4).hover();
    await page.locator('.actions[data-index]').waitFor();
  });

  it('stays one row whatever strangers write', async () => {
    const agent = FakeAgent.full();
    const words: Partial<MailRow>[] = [
      { subject: '关于'.repeat(5000), from: { name: '王'.repeat(30), address: 'w@huadong.example' } },
      { subject: '报价单\u202Excod.exe', from: { name: 'elpmaxe\u202E李四', address: 'x@y.example' } },
      { subject: '🎉👨‍👩‍👧‍👦 '.repeat(80), preview: '🎊'.repeat(500) },
      { subject: 'a\nb\r\nc\td', from: { name: '', address: 'a'.repeat(200) + '@y.example' } },
      { to: Array.from({ length: 40 }, (_, i) => ({ name: `收件人${i}`, address: `p${i}@y.example` })) },
    ];
    const rows = agent.mails.get(10) ?? [];
    agent.mails.set(
      10,
      rows.map((each, i) => ({ ...each, ...words[i] })),
    );
    agent.mails.set(
      12,
      words.map((each, i) => ({ ...(rows[i] as MailRow), id: 12_000_000 - i, folder: 12, ...words[4], ...each })),
    );
    agent.recount(12);
    const page = await start(agent);
    for (const [name, height] of [
      ['宽松', 78],
      ['紧凑', 52],
      ['单行', 30],
    ] as const) {
      await inbox(page);
      await option(page, name);
      for (const id of [10, 12]) {
        await page.locator(`[data-folder="${id}"]`).click();
        await page.locator(`#mail-${id === 10 ? '10008204' : '12000000'}`).waitFor();
        await until(async () => (await options(page).first().boundingBox())?.height === height);
        const over = await page.evaluate(() => {
          const list = document.querySelector('[data-keys=list]') as HTMLElement;
          const parts = [...list.querySelectorAll<HTMLElement>('.who, .text, .marks, .time')];
          const right = list.getBoundingClientRect().right;
          return {
            wide: list.scrollWidth > list.clientWidth,
            out: parts.filter((each) => each.getBoundingClientRect().right > right).length,
            turned: list.textContent?.includes('\u202E'),
            longest: Math.max(...parts.map((each) => each.textContent?.length ?? 0)),
          };
        });
        expect(over).toMatchObject({ wide: false, out: 0, turned: false });
        expect(over.longest).toBeLessThan(700);
      }
    }
  });
});

describe('the mails with a person', () => {
  it('are shown with their folders, and one comes back to where one was', async () => {
    const agent = FakeAgent.full();
    agent.mails.set(15, [{ ...(agent.mails.get(10)?.[0] as MailRow), id: 15_000_001, folder: 15, subject: '旧事' }]);
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await rightClick(page, options(page).first(), '与「李四」的往来邮件');
    await page.getByRole('heading', { level: 1, name: '李四' }).first().waitFor();
    await page.locator('.address', { hasText: 'lisi@huadong.example' }).waitFor();
    await saying(page, '旧事').locator('.place', { hasText: '上海二期' }).waitFor();
    expect(lists(agent).at(-1)).toMatchObject({ scope: { kind: 'person', address: 'lisi@huadong.example' } });
    await page.getByRole('button', { name: '返回刚才的列表' }).click();
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    await page.locator('#mail-10008204[aria-selected=true]').waitFor();
  });

  it('are left by Escape, also after a filter', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await page.getByRole('button', { name: '星标', exact: true }).click();
    await options(page).first().waitFor();
    await rightClick(page, options(page).first(), '与「李四」的往来邮件');
    await page.locator('.place').first().waitFor();
    await page.getByRole('button', { name: '未读', exact: true }).click();
    await page.getByText('2 封', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    await page.getByRole('button', { name: '星标', pressed: true }).waitFor();
  });

  it('follow what arrives from them, wherever it goes', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await rightClick(page, options(page).first(), '与「李四」的往来邮件');
    await page.locator('.place').first().waitFor();
    agent.arrive(17, '李四的新邮件');
    await until(async () => (await options(page).first().innerText()).includes('李四的新邮件'));
  });
});

describe('a list without mails', () => {
  it.each([
    [11, '没有草稿'],
    [12, '还没有发出的邮件'],
    [13, '没有归档的邮件'],
    [17, '这个文件夹是空的'],
    [18, '没有垃圾邮件'],
  ])('of folder %d says why', async (folder, words) => {
    const agent = FakeAgent.full();
    agent.folders = agent.folders.map((each) => (each.id === 11 ? { ...each, total: 0, synced: 0 } : each));
    const page = await start(agent);
    await page.locator(`[data-folder="${folder}"]`).click();
    await page.getByText(words).waitFor();
  });

  it('by its filter leads to all of it', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await page.locator('[data-folder="19"]').click();
    await page.getByText('3 封', { exact: true }).waitFor();
    agent.fill(19, 0);
    await page.getByRole('button', { name: '星标', exact: true }).click();
    await page.getByText('没有星标邮件').waitFor();
    await page.getByRole('button', { name: '显示全部' }).click();
    await page.getByText('没有已删除的邮件').waitFor();
  });

  it('that is not watched live can be, and one that is offline tries again', async () => {
    const agent = FakeAgent.full(0, false);
    agent.accounts = agent.accounts.map((each) => ({ ...each, state: { state: 'connected', watch: 'idle' } }));
    const page = await start(agent);
    await page.locator('[data-folder="17"]').click();
    await page.getByText('实时关注', { exact: true }).click();
    await until(() => agent.folders.some(({ id, followed }) => id === 17 && followed));
    await page.getByText('可以把邮件拖到左边').waitFor();
    agent.folders = agent.folders.map((each) => (each.id === 10 ? { ...each, total: 900 } : each));
    agent.send({ kind: 'folders_changed', account: 1, folders: agent.folders, removed: [] });
    const [one] = agent.accounts;
    if (!one) throw new Error('no account');
    const cause = { code: 'dns' as const, step: 'imap_connect' as const, host: 'h', port: 1, detail: '' };
    agent.send({ kind: 'account_changed', account: { ...one, state: { state: 'offline', cause, retry_at: 0 } } });
    await page.locator('[data-folder="10"]').click();
    await page.getByText('邮件还没有取到').waitFor();
    await page.locator('.body').getByRole('button', { name: '重试' }).click();
    await until(() => agent.calls.some(({ method }) => method === 'sync'));
  });

  it('that failed says why, and tries again', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.list'] = () => {
      throw fault('offline');
    };
    const page = await start(agent);
    await page.locator('[data-folder="10"]').click();
    await page.getByText('列表没有载入').waitFor();
    delete agent.overrides['mail.list'];
    await page.locator('.body').getByRole('button', { name: '重试' }).click();
    await page.getByText('8,204 封').waitFor();
  });

  it('shows bones only when the wait is long enough to be seen', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.list'] = () => new Promise(() => undefined);
    const page = await start(agent);
    await page.locator('[data-folder="10"]').click();
    const late = page.locator('.late');
    await late.waitFor();
    const delay = await late.evaluate((each) => getComputedStyle(each).animationDelay);
    expect(delay).toBe('0.15s');
  });

  it('in its first sync says how far it has come', async () => {
    const agent = FakeAgent.full(0, false);
    agent.folders = agent.folders.map((each) => (each.id === 10 ? { ...each, total: 8204, synced: 0 } : each));
    const page = await start(agent);
    await page.locator('[data-folder="10"]').click();
    for (const done of [0, 2461]) {
      agent.send({ kind: 'sync_progress', account: 1, folder: 10, done, total: 8204 });
      await page.getByText(`正在同步：${done.toLocaleString('en')} / 8,204`).waitFor();
      await page.locator(`[role=progressbar][aria-valuenow="${done}"]`).waitFor();
    }
    agent.send({ kind: 'sync_progress', account: 1, folder: 10, done: 8204, total: 8204 });
    await page.getByRole('progressbar').waitFor({ state: 'hidden' });
  });
});

describe('everybody', () => {
  it('hears where a row stands, also when it is scrolled out of sight', async () => {
    const { page } = await long(500_000);
    await options(page).nth(3).click();
    const list = box(page);
    const id = (await list.getAttribute('aria-activedescendant')) ?? '';
    expect(await page.locator(`#${id}`).getAttribute('aria-posinset')).toBe('4');
    expect(await page.locator(`#${id}`).getAttribute('aria-setsize')).toBe('500000');
    await list.evaluate((each) => each.scrollTo(0, each.scrollHeight * 0.7));
    await page
      .locator('[role=option]:not([aria-busy])', { hasText: /#3\d{5}/ })
      .first()
      .waitFor();
    expect(await list.getAttribute('aria-activedescendant')).toBe(id);
    expect(await page.locator(`#${id}`).count()).toBe(1);
    // The next key goes on from there, and the view follows.
    await page.keyboard.press('j');
    await saying(page, '#4').and(page.locator('[aria-selected=true][aria-posinset="5"]')).waitFor();
    await until(async () => (await list.evaluate((each) => each.scrollTop)) < 1000);
  });

  it('reaches menu, chips and list by Tab', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await page.getByRole('button', { name: '列表选项' }).focus();
    await page.keyboard.press('Enter');
    await menu(page).getByRole('menuitemradio', { name: '最新的在前' }).waitFor();
    await until(() => page.evaluate(`document.activeElement?.closest('[role="menu"]') !== null`));
    await page.keyboard.press('Escape');
    await menu(page).waitFor({ state: 'hidden' });
    // The chips are one stop; arrows go from one to the next.
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: '未读', pressed: true }).waitFor();
    await page.keyboard.press('Tab');
    await until(() => box(page).evaluate((list) => list === document.activeElement));
  });

  for (const theme of ['light', 'dark'] as const) {
    it(`can use rows, menus and the picker (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      const page = await start(agent);
      await inbox(page);
      await options(page).nth(1).hover();
      await page.locator('.actions[data-index]').waitFor();
      expect(await violations(page)).toEqual([]);
      for (const name of ['紧凑', '单行']) {
        await option(page, name);
        await options(page).nth(2).locator('.pick').click();
        expect(await violations(page), name).toEqual([]);
      }
      await page.getByRole('button', { name: '列表选项' }).click();
      await menu(page).waitFor();
      expect(await violations(page), 'options').toEqual([]);
      await page.keyboard.press('Escape');
      await menu(page).waitFor({ state: 'hidden' });
      await page.keyboard.press('Control+a');
      await page.getByText('已选列表中的全部').waitFor();
      expect(await violations(page), 'all').toEqual([]);
      await options(page).nth(1).click({ button: 'right' });
      await menu(page).waitFor();
      expect(await violations(page), 'menu').toEqual([]);
      await menu(page).getByRole('menuitem', { name: '移动到…' }).click();
      await page.getByRole('combobox', { name: '查找文件夹' }).waitFor();
      expect(await violations(page), 'move').toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('combobox', { name: '查找文件夹' }).waitFor({ state: 'hidden' });
      await rightClick(page, options(page).nth(1), '移动到…');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await rightClick(page, options(page).nth(4), '与「王五」的往来邮件');
      await page.locator('.place').first().waitFor();
      expect(await violations(page), 'person').toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('[data-folder="17"]').click();
      await page.getByText('这个文件夹是空的').waitFor();
      expect(await violations(page), 'empty').toEqual([]);
    });
  }
});
