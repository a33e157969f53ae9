//! The reading pane as a person uses it: head, pictures, warnings, attachments, source, paper, its own window, layouts.

import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { Mail } from '../src/host/api';
import { FakeAgent, fault } from './agent';
import { acts, askedLast, called, house, inbox, options, texts, until, violations } from './house';
import { ME, NOW, READY, WANGWU } from './mails';
import { attachment, crowd, heads } from './states/reading';

const window = house();
const FIRST = 10_008_204;
/** The texts that were asked for. */
let asked: string[] = [];

/** Opens the newest mail of the inbox. */
async function read(agent: FakeAgent, size?: { width: number; height: number }): Promise<Page> {
  const page = await window.start(agent, size);
  asked = texts(page);
  await inbox(page);
  await options(page).first().click();
  await page.frameLocator('iframe.now').getByText('各位好').waitFor();
  return page;
}

/** An agent whose mails are as given, sent by 王五, who has no account here. */
function mails(more: (head: Mail) => Partial<Mail> = () => ({}), change?: (agent: FakeAgent) => void): FakeAgent {
  return heads((head) => ({ from: [WANGWU], ...more(head) }), change)();
}

/** From now on the page's time goes on only when the test says so. */
async function still(page: Page): Promise<void> {
  await page.clock.install({ time: NOW });
  await page.clock.pauseAt(NOW + 1000);
}

const tools = (page: Page) => page.getByRole('toolbar', { name: '邮件操作' });
const tool = (page: Page, name: string) => tools(page).getByRole('button', { name, exact: true });
async function choose(page: Page, item: string | RegExp): Promise<void> {
  await tool(page, '更多').click();
  await page.getByRole('menuitem', { name: item }).click();
}

describe('the toolbar', () => {
  it('is one stop of the Tab key, also when its buttons change', async () => {
    const page = await read(FakeAgent.full());
    await tool(page, '归档').focus();
    for (const name of ['删除', '标为垃圾邮件', '移动到…']) {
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(name);
    }
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('邮件正文');
    await page.locator('[data-folder="18"]').click();
    await page.locator('[data-folder="10"]').click();
    await options(page).nth(1).click();
    await page.locator('.read h1', { hasText: '报销' }).waitFor();
    const stops = (buttons: Element[]) => buttons.filter((button) => (button as HTMLElement).tabIndex === 0).length;
    expect(await tools(page).locator('button:not(:disabled)').evaluateAll(stops)).toBe(1);
  });

  it('moves a mail to a folder that is found by its name, and opens the next', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    await tool(page, '移动到…').click();
    await page.getByRole('combobox', { name: '查找文件夹' }).fill('数据');
    await page.keyboard.press('Enter');
    await page.getByText('已移动 1 封邮件').waitFor();
    expect(acts(agent).at(-1)).toEqual({ mails: [FIRST], action: { kind: 'move', folder: 16 } });
    await page.locator('.read h1', { hasText: '报销截止时间' }).waitFor();
  });

  it('calls junk junk, and takes it back out of the junk folder', async () => {
    const agent = FakeAgent.full();
    agent.fill(18, 4);
    const page = await read(agent);
    await tool(page, '标为垃圾邮件').click();
    await page.getByText('已将 1 封邮件标为垃圾邮件').waitFor();
    await page.locator('[data-folder="18"]').click();
    await page.locator('h1', { hasText: '垃圾邮件' }).waitFor();
    await options(page).first().click();
    await page.getByText('这是垃圾邮件').waitFor();
    await tool(page, '不是垃圾邮件').click();
    await page.getByText('已将 1 封邮件移回收件箱').waitFor();
    expect(acts(agent).at(-1)).toEqual({ mails: [18_000_004], action: { kind: 'not_junk' } });
    await until(async () => (await options(page).count()) === 3);
  });

  it('prints, and opens a window of its own', async () => {
    const page = await read(FakeAgent.full());
    await page.evaluate(() => {
      const did: string[] = [];
      Object.assign(globalThis, {
        did,
        print: () => did.push('print'),
        open: (url: string) => void did.push(url),
      });
    });
    await choose(page, /打印/);
    await choose(page, /在新窗口中打开/);
    const did = () => page.evaluate(() => (globalThis as unknown as { did: string[] }).did);
    await expect.poll(did).toEqual(['print', `/?mail=${FIRST}&alone`]);
  });

  it('goes to the mails with the sender', async () => {
    const agent = mails();
    const page = await read(agent);
    await choose(page, '与「王五」的邮件');
    await until(() =>
      agent.calls.some(({ method, params }) => method === 'mail.list' && JSON.stringify(params).includes('"person"')),
    );
    await page.getByText(WANGWU.address).first().waitFor();
  });

  it('goes back, up and down where list and mail take turns', async () => {
    const page = await read(FakeAgent.full(), { width: 820, height: 700 });
    await tool(page, '下一封').click();
    await page.locator('.read h1', { hasText: '报销' }).waitFor();
    await tool(page, '上一封').click();
    await page.locator('.read h1', { hasText: '上海二期' }).waitFor();
    await tool(page, '返回').click();
    await options(page).first().waitFor();
    expect(await page.locator('.read').count()).toBe(0);
  });

  it('stays while the mail is scrolled, by its own keys once the text has the focus', async () => {
    const agent = mails((head) => ({
      row: { ...head.row, attachments: true },
      attachments: Array.from({ length: 60 }, (_, i) => attachment(i, `图 ${i}.png`)),
    }));
    const page = await read(agent, { width: 1100, height: 520 });
    await page.getByRole('button', { name: '还有 54 个附件' }).click();
    const scroll = page.locator('.read .scroll');
    await scroll.focus();
    await page.keyboard.press('End');
    const rests = (element: Element) => element.scrollTop + element.clientHeight >= element.scrollHeight - 1;
    await until(() => scroll.evaluate(rests));
    await tools(page).waitFor();
    expect((await tools(page).boundingBox())?.y).toBe(0);
    expect(await page.locator('.read h1').innerText()).toContain('上海二期');
    await page.keyboard.press('j');
    await page.locator('.read h1', { hasText: '报销' }).waitFor();
    await until(() => scroll.evaluate((element) => element.scrollTop === 0));
  });
});

describe('the head', () => {
  it('keeps a subject of 10,000 characters to three lines until it is asked for', async () => {
    const subject = '关于搬迁的通知'.repeat(1429);
    const page = await read(mails((head) => ({ row: { ...head.row, subject } })));
    const box = page.locator('.subject .clamp');
    const height = async () => (await box.boundingBox())?.height ?? 0;
    expect(await height()).toBeLessThan(100);
    await page.getByRole('button', { name: '显示完整主题' }).click();
    expect(await height()).toBeGreaterThan(200);
    await until(async () => (await page.locator('.read h1').innerText()).length === subject.length);
    await page.locator('.subject').getByRole('button', { name: '收起' }).click();
    expect(await height()).toBeLessThan(100);
  });

  it('stays unfolded, and the text is not loaded anew, when the mail is marked read meanwhile', async () => {
    const agent = mails();
    const page = await read(agent);
    await page.locator('button.to').click();
    await until(() => acts(agent).length > 0);
    await tool(page, '标为未读').waitFor();
    await page.getByText('邮件 ID').waitFor();
    await page.keyboard.press('s');
    await until(() => acts(agent).length > 1);
    await tool(page, '加星标').waitFor();
    expect(asked.filter((each) => each.includes(`/${FIRST}?`))).toEqual([
      `/body/${FIRST}?remote=0&theme=light&whole=0`,
    ]);
  });

  it('shows 20 of 2,000 recipients, and the others as one scrolls', async () => {
    const agent = mails(() => ({ to: crowd(2000) }));
    const page = await read(agent);
    await page.getByText('发给 同事1、同事2 等 2,000 人').waitFor();
    await page.locator('button.to').click();
    const chips = page.locator('.people .person', { hasText: '@huadong.example' });
    await until(async () => (await page.getByRole('group', { name: '收件人' }).locator('.chip').count()) === 20);
    await page.getByRole('button', { name: '还有 1,980 人' }).click();
    const group = page.getByRole('group', { name: '收件人，共 2,000 人' });
    for (let seen = 0; seen < 2000;) {
      await group.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await until(async () => (await group.locator('.chip').count()) > seen);
      seen = await group.locator('.chip').count();
    }
    await group.getByText('colleague2000@huadong.example').waitFor();
    expect(await chips.count()).toBeGreaterThan(2000);
  });

  it('has a card for everybody: copy, mails with them, always told of', async () => {
    const agent = mails();
    const page = await read(agent);
    await window.opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const sender = page.locator('button.sender');
    await sender.click();
    const card = page.getByRole('dialog', { name: '王五' });
    await card.getByRole('button', { name: '复制邮箱地址' }).click();
    await card.getByText('已复制').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(WANGWU.address);
    await card.getByRole('switch', { name: '来信总是提醒' }).click();
    await until(() => agent.settings.vips.includes(WANGWU.address));
    await card.locator('[role=switch][aria-checked=true]').waitFor();
    await card.getByRole('switch', { name: '来信总是提醒' }).click();
    await until(() => agent.settings.vips.length === 0);
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'hidden' });
    expect(await sender.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await card.getByRole('button', { name: '与此人的邮件' }).click();
    await until(() => agent.calls.some(({ params }) => JSON.stringify(params).includes('"person"')));
  });

  it('opens and closes a card by the same name, and leaves out what makes no sense for oneself', async () => {
    const page = await read(mails());
    await page.locator('button.to').click();
    const me = page.getByRole('button', { name: /^我.zhangsan/ });
    await me.click();
    const card = page.getByRole('dialog', { name: '张三' });
    await card.waitFor();
    expect(await card.getByRole('switch').count()).toBe(0);
    await me.click();
    await card.waitFor({ state: 'hidden' });
  });

  it('is not turned around by what a name carries', async () => {
    const name = '发票\u202egpj.exe';
    const page = await read(
      mails(() => ({
        from: [{ name, address: 'evil@phoenix.example' }],
        to: [{ name: 'فاطمة', address: 'f@x.example' }, ME],
      })),
    );
    await page.locator('button.to').click();
    await page.locator('.read header dl').waitFor();
    const text = await page.locator('.read header').innerText();
    expect(text).not.toMatch(/[\u202a-\u202e]/);
    expect(text).toContain('发票gpj.exe');
    expect(text).toContain('发给 \u2068فاطمة\u2069、我');
    const [left, right] = await Promise.all([
      page.locator('button.sender .name').boundingBox(),
      page.locator('button.sender .address').boundingBox(),
    ]);
    expect(left && right && left.x + left.width <= right.x).toBe(true);
  });

  it('says the exact time, the folder, the size, and gives the Message-ID', async () => {
    const page = await read(
      mails((head) => ({ row: { ...head.row, date: head.row.date }, sent_at: head.row.date - 3600 })),
    );
    await window.opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    expect(await page.locator('.read time').getAttribute('title')).toBe('2026年11月23日星期一 09:42:00 GMT+08:00');
    await page.locator('button.to').click();
    const details = page.locator('.read dl').last();
    for (const words of ['09:42:00 GMT+08:00', '10:42:00 GMT+08:00', '工作邮箱 / 收件箱', '20 KB'])
      await details.getByText(words).waitFor();
    await page.getByRole('button', { name: '复制邮件 ID' }).click();
    await page.getByRole('button', { name: '已复制' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`<${FIRST}@huadong.example>`);
  });
});

describe('pictures from the network', () => {
  const blocking = (agent: FakeAgent) => void (agent.blocked = 2);
  const remote = (shown: 0 | 1) =>
    until(async () => (await askedLast(window.opened.page, asked)).includes(`remote=${shown}`));

  it('are shown once, for this mail alone', async () => {
    const agent = mails(undefined, blocking);
    const page = await read(agent);
    await remote(0);
    await page.getByRole('button', { name: '显示图片' }).click();
    await remote(1);
    await page.getByText('未加载此邮件中的远程图片').waitFor({ state: 'hidden' });
    await choose(page, /隐藏图片/);
    await remote(0);
    await options(page).nth(1).click();
    await page.getByText('未加载此邮件中的远程图片').waitFor();
    expect(agent.settings.pictures_from).toEqual([]);
  });

  it('are shown always for a sender, until that is taken back in the menu', async () => {
    const agent = mails(undefined, blocking);
    const page = await read(agent);
    await page.getByRole('button', { name: '总是显示' }).click();
    await page.getByRole('menuitem', { name: `发件人 ${WANGWU.address}` }).click();
    await remote(1);
    expect(agent.settings.pictures_from).toEqual([WANGWU.address]);
    await options(page).nth(1).click();
    await page.locator('.read h1', { hasText: '报销' }).waitFor();
    await remote(1);
    await choose(page, /不再自动显示/);
    await remote(0);
    expect(agent.settings.pictures_from).toEqual([]);
    await page.getByText('未加载此邮件中的远程图片').waitFor();
  });

  it('are shown always for a domain, until that is taken back in the card', async () => {
    const agent = mails(undefined, blocking);
    const page = await read(agent);
    await page.getByRole('button', { name: '总是显示' }).click();
    await page.getByRole('menuitem', { name: '所有 @huadong.example 的发件人' }).click();
    await remote(1);
    expect(agent.settings.pictures_from).toEqual(['@huadong.example']);
    await page.locator('button.sender').click();
    await page.getByRole('switch', { name: '自动显示 @huadong.example 的图片' }).click();
    await remote(0);
    expect(agent.settings.pictures_from).toEqual([]);
  });

  it('are never shown in the junk folder, whatever the rules say', async () => {
    const agent = mails(undefined, (each) => {
      blocking(each);
      each.fill(18, 3);
      each.settings.pictures_from = ['@HUADONG.example'];
    });
    const page = await read(agent);
    await remote(1);
    await page.locator('[data-folder="18"]').click();
    await page.locator('h1', { hasText: '垃圾邮件' }).waitFor();
    await options(page).first().click();
    await page.getByText('图片一律不显示').waitFor();
    await remote(0);
    expect(await page.getByRole('button', { name: '显示图片' }).count()).toBe(0);
    await tool(page, '更多').click();
    await page.getByRole('menuitem', { name: /源码/ }).waitFor();
    expect(await page.getByRole('menuitem', { name: /^显示图片|^隐藏图片/ }).count()).toBe(0);
  });
});

describe('a dangerous mail', () => {
  it('says so in one calm bar, with the details when asked', async () => {
    const agent = mails(undefined, (each) => {
      each.warnings = [
        { kind: 'link_elsewhere', shown: 'https://exmail.qq.com', host: 'exmai1-qq.example.ru' },
        { kind: 'name_is_other_address', name: 'ceo@huadong.example', address: 'ceo@mail.example.ru' },
        { kind: 'program_attached', name: '工资表.xlsx.exe' },
      ];
    });
    const page = await read(agent);
    await page.getByText('这封邮件有 3 处可疑').waitFor();
    expect(await page.getByText('exmai1-qq.example.ru').count()).toBe(0);
    await page.getByRole('button', { name: '查看详情' }).click();
    for (const words of ['exmai1-qq.example.ru', 'ceo@mail.example.ru', '工资表.xlsx.exe'])
      await page.locator('.bar li', { hasText: words }).waitFor();
    await page.locator('.bar.warn').getByRole('button', { name: '收起' }).click();
    expect(await page.locator('.bar li').count()).toBe(0);
  });

  it('names the one thing that is wrong, and shows no more than ten of a thousand', async () => {
    const agent = mails(undefined, (each) => {
      each.warnings = Array.from({ length: 1000 }, (_, i) => ({
        kind: 'link_elsewhere' as const,
        shown: `https://a${i}.example`,
        host: `b${i}.example`,
      }));
    });
    const page = await read(agent);
    await page.getByText('有链接的去向与文字不符').waitFor();
    await page.getByRole('button', { name: '查看详情' }).click();
    await page.getByText('还有 990 处').waitFor();
    expect(await page.locator('.bar li').count()).toBe(11);
  });
});

describe('attachments', () => {
  it('open on a click, and say so while they are fetched', async () => {
    const agent = FakeAgent.full();
    let finish: (answer: Record<symbol, never>) => void = () => undefined;
    agent.overrides['mail.open_attachment'] = () => new Promise((resolve) => (finish = resolve));
    const page = await read(agent);
    const card = page.getByRole('button', { name: /^XLSX|设备清单（最终版）.xlsx/ }).first();
    await card.click();
    await page.getByText('正在下载…').waitFor();
    await card.click();
    expect(called(agent, 'mail.open_attachment')).toEqual([{ mail: FIRST, index: 0 }]);
    finish({});
    await page.getByText('正在下载…').waitFor({ state: 'hidden' });
    await page.getByText('86 KB').waitFor();
  });

  it('that are programs are not opened: why is said, and they can be saved', async () => {
    const agent = mails((head) => ({
      row: { ...head.row, attachments: true },
      attachments: [attachment(0, '安装.exe', { program: true })],
    }));
    agent.overrides['mail.open_attachment'] = () => {
      throw fault('attachment_dangerous', { name: '安装.exe' });
    };
    const page = await read(agent);
    await page.getByText('程序，不能直接打开').waitFor();
    await page
      .getByRole('button', { name: /安装.exe/ })
      .first()
      .click();
    await page.getByRole('alert').getByText('不能从邮件里直接打开').waitFor();
    page.on('dialog', (dialog) => void dialog.accept('/home/zhangsan/安装.exe'));
    await page.getByRole('alert').getByRole('button', { name: '另存为…' }).click();
    await page.getByText('已保存「安装.exe」').waitFor();
    expect(called(agent, 'mail.save_attachment')).toEqual([{ mail: FIRST, index: 0, path: '/home/zhangsan/安装.exe' }]);
    await page.getByRole('alert').getByText('不能从邮件里直接打开').waitFor({ state: 'hidden' });
  });

  it('are saved by a menu that the keyboard reaches', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    page.on('dialog', (dialog) => void dialog.accept('/home/zhangsan/清单.xlsx'));
    await page
      .getByRole('button', { name: /设备清单/ })
      .first()
      .focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: '另存为…' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText('已保存「设备清单（最终版）.xlsx」').waitFor();
    expect(called(agent, 'mail.save_attachment')).toEqual([
      { mail: FIRST, index: 0, path: '/home/zhangsan/清单.xlsx' },
    ]);
  });

  it('are saved all at once; how many and where is said, and what is missing', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    page.on('dialog', (dialog) => void dialog.accept('/home/zhangsan/下载'));
    await page.getByRole('button', { name: '全部保存' }).click();
    await page.getByText('已将 2 个附件保存到 /home/zhangsan/下载').waitFor();
    agent.overrides['mail.save_attachments'] = () => ({ paths: ['/home/zhangsan/下载/设备清单（最终版）.xlsx'] });
    await page.getByRole('button', { name: '全部保存' }).click();
    await page.getByText('2 个附件只保存了 1 个，在 /home/zhangsan/下载').waitFor();
    agent.overrides['mail.save_attachments'] = () => {
      throw fault('disk_full');
    };
    await page.getByRole('button', { name: '全部保存' }).click();
    await page.getByText(/没有全部保存：.*磁盘/).waitFor();
  });

  it('of sixty show six; pictures of the text are listed only when the text does not show them', async () => {
    const agent = mails((head) => ({
      row: { ...head.row, attachments: true },
      attachments: [
        ...Array.from({ length: 60 }, (_, i) => attachment(i, `图 ${i}.png`)),
        attachment(60, '签名.png', { inline: true }),
      ],
    }));
    agent.overrides['mail.body'] = ({ mail: id }) => ({
      ...READY,
      carried: id === FIRST ? 1 : 0,
    });
    const page = await read(agent);
    await page.getByText('60 个附件').waitFor();
    expect(await page.locator('li .open').count()).toBe(6);
    await page.getByRole('button', { name: '还有 54 个附件' }).click();
    expect(await page.locator('li .open').count()).toBe(60);
    await options(page).nth(1).click();
    await page.getByText('61 个附件').waitFor();
    expect(await page.locator('li .open').count()).toBe(6);
  });
});

describe('the source', () => {
  it('is shown, copied, and said to be cut off', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.source'] = () => ({ text: 'From: lisi\r\n\r\n各位好', truncated: true });
    const page = await read(agent);
    await window.opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await choose(page, /查看邮件源码/);
    const dialog = page.getByRole('dialog', { name: '邮件源码' });
    await dialog.getByText('From: lisi').waitFor();
    await dialog.getByText('只显示开头的 2 MB').waitFor();
    await dialog.getByRole('button', { name: '复制全部' }).click();
    await dialog.getByText('已复制').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('From: lisi\r\n\r\n各位好');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('is tried again when it could not be had, by its key too', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.source'] = () => {
      throw fault('offline');
    };
    const page = await read(agent);
    await page.keyboard.press('Alt+s');
    const dialog = page.getByRole('dialog', { name: '邮件源码' });
    delete agent.overrides['mail.source'];
    await dialog.getByRole('button', { name: '重试' }).click();
    await dialog.getByText('From: lisi@huadong.example').waitFor();
  });
});

describe('on paper', () => {
  it('there are subject, everybody, and all of the text, in as many pages as it takes', async () => {
    const agent = mails(
      () => ({ to: crowd(40) }),
      (each) => (each.settings.theme = 'dark'),
    );
    const page = await read(agent);
    // The frame gets the height of its document; here it has that of four pages.
    await page.addStyleTag({ content: '.read iframe.now { height: 4000px !important; flex: none !important }' });
    await page.emulateMedia({ media: 'print' });
    for (const away of ['.rail', '.list', '.tools', '.read header', 'section'])
      expect(await page.locator(away).first().isVisible(), away).toBe(false);
    const paper = page.locator('.paper-head');
    expect(await paper.innerText()).toContain('上海二期验收时间确认');
    expect(await paper.innerText()).toContain('colleague40@huadong.example');
    expect(await paper.evaluate((element) => getComputedStyle(element).color)).toBe('rgb(0, 0, 0)');
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0).toBeGreaterThanOrEqual(4);
  });
});

describe('a mail counts as read', () => {
  /** Opens a mail under a clock that only the test moves. */
  async function waiting(after: number | null): Promise<{ agent: FakeAgent; page: Page }> {
    const agent = FakeAgent.full();
    agent.settings.read_after = after;
    const page = await window.start(agent);
    await inbox(page);
    await still(page);
    await options(page).first().click();
    await page.clock.runFor(10);
    await page.locator('iframe.now').waitFor();
    return { agent, page };
  }

  it('after the seconds that were chosen, and not before', async () => {
    const { agent, page } = await waiting(3);
    await page.clock.runFor(2900);
    expect(acts(agent)).toEqual([]);
    await page.clock.runFor(200);
    await until(() => acts(agent).length > 0);
    expect(acts(agent)).toEqual([{ mails: [FIRST], action: { kind: 'mark_read' } }]);
  });

  it('never, when that was chosen', async () => {
    const { agent, page } = await waiting(null);
    await page.clock.runFor(600_000);
    await page.keyboard.press('s');
    await until(() => acts(agent).length > 0);
    expect(acts(agent)).toEqual([{ mails: [FIRST], action: { kind: 'unstar' } }]);
  });

  it('not when one moves on before', async () => {
    const { agent, page } = await waiting(3);
    await page.clock.runFor(2000);
    await options(page).nth(1).click();
    await page.clock.runFor(10);
    await page.locator('.read h1', { hasText: '报销' }).waitFor();
    await page.clock.runFor(3100);
    await until(() => acts(agent).length > 0);
    expect(acts(agent)).toEqual([{ mails: [FIRST - 1], action: { kind: 'mark_read' } }]);
  });

  it('only while somebody is before the window', async () => {
    const { agent, page } = await waiting(3);
    await page.evaluate(() => (document.hasFocus = () => false));
    await page.clock.runFor(10_000);
    expect(acts(agent)).toEqual([]);
    await page.evaluate(() => {
      document.hasFocus = () => true;
      dispatchEvent(new Event('focus'));
    });
    await page.clock.runFor(2900);
    expect(acts(agent)).toEqual([]);
    await page.clock.runFor(200);
    await until(() => acts(agent).length > 0);
  });

  it('not when it was marked unread by hand while it is open', async () => {
    const { agent, page } = await waiting(3);
    await page.keyboard.press('Shift+U');
    await page.clock.runFor(10_000);
    await until(() => acts(agent).length > 0);
    expect(acts(agent)).toEqual([{ mails: [FIRST], action: { kind: 'mark_unread' } }]);
  });
});

describe('a window of its own', () => {
  const SIZE = { width: 760, height: 700 };
  async function alone(agent: FakeAgent): Promise<Page> {
    const page = await window.start(agent, SIZE, { query: `?mail=${FIRST}&alone` });
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    return page;
  }

  it('shows one mail, is called by its subject, and does not follow the tray', async () => {
    const agent = FakeAgent.full();
    const page = await alone(agent);
    await expect.poll(() => page.title()).toBe('回复：上海二期验收时间确认');
    expect(await page.locator('.rail, [role=listbox]').count()).toBe(0);
    expect(agent.calls.some(({ method }) => method === 'mail.list')).toBe(false);
    agent.send({ kind: 'open', mail: FIRST - 3 });
    await page.keyboard.press('j');
    await page.keyboard.press('s');
    await until(() => acts(agent).some((params) => JSON.stringify(params).includes('unstar')));
    expect(await page.locator('.read h1').innerText()).toContain('上海二期');
  });

  it('says what was done with its mail, brings it back, and closes', async () => {
    const agent = FakeAgent.full();
    const page = await alone(agent);
    await page.evaluate(() => (globalThis.close = () => void (document.title = 'closed')));
    await page.keyboard.press('e');
    await page.getByRole('heading', { name: '已归档 1 封邮件' }).waitFor();
    expect(agent.mails.get(10)?.some(({ id }) => id === FIRST)).toBe(false);
    await page.getByRole('button', { name: /撤销/ }).click();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    expect(agent.mails.get(10)?.some(({ id }) => id === FIRST)).toBe(true);
    await tool(page, '删除').click();
    await page.getByRole('heading', { name: '已删除 1 封邮件' }).waitFor();
    await page.getByRole('button', { name: '关闭窗口' }).click();
    await expect.poll(() => page.title()).toBe('closed');
  });

  it('closes by itself when nothing is taken back', async () => {
    const page = await alone(FakeAgent.full());
    await page.evaluate(() => (globalThis.close = () => void (document.title = 'closed')));
    await still(page);
    await page.keyboard.press('e');
    await page.getByText('窗口稍后自动关闭').waitFor();
    await page.clock.runFor(7900);
    expect(await page.title()).not.toBe('closed');
    await page.clock.runFor(200);
    await expect.poll(() => page.title()).toBe('closed');
  });

  it('shows the mail again when it could not be put away', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.act'] = () => {
      throw fault('no_such_role', { role: 'archive' });
    };
    const page = await alone(agent);
    await page.keyboard.press('e');
    await page.getByText('没有对应的文件夹').waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
  });
});

describe('layouts', () => {
  const box = async (page: Page, what: string) => {
    const found = await page.locator(what).first().boundingBox();
    if (!found) throw new Error(what);
    return found;
  };

  it('put the mail beside the list, or below it', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    expect((await box(page, '.read')).x).toBeGreaterThan((await box(page, '.list')).x + 299);
    agent.settings = { ...agent.settings, layout: 'classic' };
    agent.send({ kind: 'settings_changed', settings: agent.settings });
    await until(async () => (await box(page, '.read')).x === (await box(page, '.list')).x);
    const [list, pane] = [await box(page, '.list'), await box(page, '.read')];
    expect(pane.y).toBe(list.y + list.height);
    expect(pane.width).toBe(list.width);
    expect(pane.y + pane.height).toBe(800);
  });

  it.each([
    ['wide', '列表宽度', 'width', 'ArrowRight', 'ArrowLeft'],
    ['classic', '列表高度', 'height', 'ArrowDown', 'ArrowUp'],
  ] as const)('%s: the border is moved by mouse and keys, and remembered', async (layout, name, side, more, less) => {
    const agent = FakeAgent.full();
    agent.settings.layout = layout;
    const page = await read(agent);
    const edge = page.getByRole('separator', { name });
    const size = async () => (await box(page, '.list'))[side];
    const usual = await size();
    const grip = await edge.boundingBox();
    if (!grip) throw new Error('no border');
    const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 40, y + 40, { steps: 4 });
    await page.mouse.up();
    expect(await size()).toBe(usual + 40);
    await edge.focus();
    await page.keyboard.press(more);
    expect(await size()).toBe(usual + 56);
    expect(await edge.getAttribute('aria-valuenow')).toBe(String(usual + 56));
    await page.keyboard.press(less);
    await page.keyboard.press(less);
    expect(await size()).toBe(usual + 24);
    await page.reload();
    await options(page).first().waitFor();
    expect(await size()).toBe(usual + 24);
    await page.getByRole('separator', { name }).dblclick();
    expect(await size()).toBe(usual);
  });

  it('lose nothing at 200 %', async () => {
    const agent = mails(undefined, (each) => {
      each.blocked = 1;
      each.warnings = [{ kind: 'program_attached', name: '工资表.exe' }];
    });
    const page = await read(agent, { width: 640, height: 400 });
    await page.locator('button.to').click();
    const overflow = () =>
      page.evaluate(() => {
        const wide = [...document.querySelectorAll('.read *')].filter(
          (element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.clamp, li b'),
        );
        return wide.map((element) => element.outerHTML.slice(0, 80));
      });
    expect(await overflow()).toEqual([]);
    await page.setViewportSize({ width: 400, height: 300 });
    expect(await overflow()).toEqual([]);
    for (const button of await tools(page).getByRole('button').all()) await button.click({ trial: true });
  });
});

describe('many mails', () => {
  it('are counted, weighed, named, and acted on together', async () => {
    const agent = FakeAgent.full();
    const page = await window.start(agent);
    await inbox(page);
    await options(page).first().click();
    await options(page)
      .nth(3)
      .click({ modifiers: ['Shift'] });
    const pane = page.locator('.read');
    await pane.getByRole('heading', { name: '已选 4 封邮件' }).waitFor();
    await pane.getByText('李四、财务共享中心、Anna Kowalska 等 4 人 · 78 KB').waitFor();
    await pane.locator('.actions').getByRole('button', { name: '加星标' }).click();
    await until(() => acts(agent).some((params) => JSON.stringify(params).includes('"star"')));
    await pane.locator('.actions').getByRole('button', { name: '移动到…' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: '查找文件夹' }).fill('客户');
    await page.keyboard.press('Enter');
    await page.getByText('已移动 4 封邮件').waitFor();
    expect(acts(agent).at(-1)).toMatchObject({ action: { kind: 'move', folder: 17 } });
    expect(agent.mails.get(10)).toHaveLength(8200);
  });

  it('of two accounts cannot be moved together, and that is said', async () => {
    const page = await window.start(FakeAgent.full());
    await page.getByText('8,245 封').waitFor();
    await options(page).first().click();
    await options(page)
      .nth(1)
      .click({ modifiers: ['Shift'] });
    await page.locator('.read').getByText('这些邮件属于不同的账号').waitFor();
    expect(
      await page
        .locator('.actions')
        .getByRole('button', { name: /不同的账号/ })
        .isDisabled(),
    ).toBe(true);
    await page.getByRole('button', { name: '取消选择' }).click();
    await page.getByText('没有选中邮件').waitFor();
  });
});

describe('what goes wrong', () => {
  it('a text that waits for a server says so', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.body'] = () => ({ state: 'fetching' });
    agent.accounts = agent.accounts.map((each) => ({ ...each, state: { state: 'paused' } }));
    const page = await window.start(agent);
    await inbox(page);
    await options(page).first().click();
    await page.getByText('连上后会自动取到正文').waitFor();
    delete agent.overrides['mail.body'];
    agent.send({ kind: 'body_arrived', mail: FIRST });
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
  });

  it('a mail that takes long leaves the one before in view, but not for long enough to be taken for it', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    await still(page);
    agent.overrides['mail.get'] = () => new Promise(() => undefined);
    // Not the one beside it, which is here already.
    await options(page).nth(3).click();
    await page.clock.runFor(140);
    expect(await page.locator('.read h1').innerText()).toContain('上海二期');
    await page.clock.runFor(20);
    await page.locator('.read').getByRole('status', { name: '正在载入邮件' }).waitFor();
    expect(await page.locator('.read h1').count()).toBe(0);
  });

  it('a mail that is moved while it is read stays before the eyes, and says where it went', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    const [row] = agent.mails.get(10) ?? [];
    if (!row) throw new Error('no mail');
    agent.mails.set(10, (agent.mails.get(10) ?? []).slice(1));
    agent.mails.set(17, [{ ...row, folder: 17 }]);
    agent.send({ kind: 'mail_removed', folder: 10, mails: [row.id] });
    await page.getByText('这封邮件已移到「客户」').waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    await page.getByRole('button', { name: '去那里看' }).click();
    await page.locator('h1', { hasText: '客户' }).waitFor();
    await page.locator('.read h1', { hasText: '上海二期' }).waitFor();
    expect(await page.getByText('这封邮件已移到').count()).toBe(0);
  });

  it('a mail that is gone says so, keeps its text, and offers nothing that cannot be done', async () => {
    const agent = FakeAgent.full();
    const page = await read(agent);
    agent.mails.set(10, (agent.mails.get(10) ?? []).slice(1));
    agent.send({ kind: 'mail_removed', folder: 10, mails: [FIRST] });
    await page.getByText('这封邮件已不在这里').waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    expect(await tools(page).getByRole('button').count()).toBe(0);
  });

  it('a huge text shows its beginning, says so, and shows the rest when it is asked to', async () => {
    const agent = FakeAgent.full();
    let whole: (() => void) | undefined;
    agent.overrides['mail.body'] = ({ whole: all }) =>
      all ? new Promise((resolve) => (whole = () => resolve({ ...READY, cut: false }))) : { ...READY, cut: true };
    const page = await read(agent);
    const asked = texts(page);
    await page.getByText('只显示了开头部分').waitFor();
    await page.getByRole('button', { name: '显示全部' }).click();
    await page.getByText('正在载入全文').waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    whole?.();
    await page.getByText('正在载入全文').waitFor({ state: 'detached' });
    expect(await page.getByText('只显示了').count()).toBe(0);
    await until(() => asked.some((each) => each.includes('whole=1')));

    // The next one begins with its beginning, and one that is longer than anything says where it ends.
    agent.overrides['mail.body'] = () => ({ ...READY, cut: true });
    await page.keyboard.press('j');
    await page.getByRole('button', { name: '显示全部' }).click();
    await page.getByText('只显示了前面 20 MB').waitFor();
    expect(await page.getByRole('button', { name: '显示全部' }).count()).toBe(0);
  });
});

describe('everybody', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can read (${theme}, axe)`, async () => {
      const agent = mails(
        (head) => ({
          row: { ...head.row, attachments: true },
          attachments: [attachment(0, '安装.exe', { program: true }), attachment(1, '说明.pdf')],
        }),
        (each) => {
          each.settings.theme = theme;
          each.blocked = 2;
          each.warnings = [{ kind: 'program_attached', name: '安装.exe' }];
          each.overrides['mail.open_attachment'] = () => {
            throw fault('attachment_dangerous', { name: '安装.exe' });
          };
        },
      );
      const page = await read(agent);
      await page.locator('button.to').click();
      await page.getByRole('button', { name: '查看详情' }).click();
      await page
        .getByRole('button', { name: /安装.exe/ })
        .first()
        .click();
      await page.locator('.refused').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.locator('button.sender').click();
      await page.getByRole('dialog', { name: '王五' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await choose(page, /查看邮件源码/);
      await page.locator('pre').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await tool(page, '移动到…').click();
      await page.getByRole('combobox', { name: '查找文件夹' }).waitFor();
      expect(await violations(page)).toEqual([]);
    });

    it(`can choose many, and none (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      agent.settings.layout = 'classic';
      const page = await window.start(agent);
      await inbox(page);
      await page.getByText('没有选中邮件').waitFor();
      expect(await violations(page)).toEqual([]);
      await options(page).first().click();
      await options(page)
        .nth(2)
        .click({ modifiers: ['Shift'] });
      await page.getByText('已选 3 封邮件').first().waitFor();
      expect(await violations(page)).toEqual([]);
    });

    it(`can read in a window of its own (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      const page = await window.start(agent, { width: 760, height: 700 }, { query: `?mail=${FIRST}&alone` });
      await page.locator('iframe.now').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('e');
      await page.locator('.done h1').waitFor();
      expect(await violations(page)).toEqual([]);
    });
  }
});
