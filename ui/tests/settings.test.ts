//! The settings as a person uses them.

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Doctor } from '../src/host/api';
import { causeOf, FakeAgent, fault } from './agent';
import { acts, called, house, until, violations } from './house';
import { folder } from './mails';

const window = house();

/** Opens the settings; on a page when it is named. */
async function open(agent: FakeAgent, page?: string, size?: { width: number; height: number }): Promise<Page> {
  const view = await window.start(agent, size);
  if (size && size.width < 640) await view.getByRole('button', { name: /显示文件夹|顯示資料夾|Show folders/ }).click();
  await view.getByRole('button', { name: '设置' }).click();
  await view.getByRole('dialog').waitFor();
  if (page) await view.getByRole('tab', { name: page }).click();
  return view;
}
const set = (agent: FakeAgent) => called(agent, 'settings.set');
const line = (page: Page, id: string) => page.locator(`#set-${id}`);
const focused = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim(),
  );
async function sheet(agent: FakeAgent, id = 1): Promise<Page> {
  const page = await open(agent, '账号');
  await page.locator(`.dialog [data-account="${id}"] .open`).click();
  await line(page, 'account_name').waitFor();
  return page;
}
const order = (page: Page) =>
  page
    .locator('.dialog [data-account]')
    .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.account)));

describe('the dialog of settings', () => {
  it('changes language and theme at once', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent);
    await page.getByLabel('语言').selectOption('en');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await until(async () => (await page.locator('html').getAttribute('lang')) === 'en');
    await page.getByLabel('Language').selectOption('zh-TW');
    await page.getByRole('heading', { name: '設定' }).waitFor();
    await until(async () => (await page.locator('html').getAttribute('lang')) === 'zh-TW');
    await page.locator('[data-folder="10"]', { hasText: '收件匣' }).waitFor();
    await page.getByRole('tab', { name: '外觀' }).click();
    await page.getByRole('radio', { name: '深色' }).click();
    await until(async () => (await page.locator('html').getAttribute('data-theme')) === 'dark');
    expect(agent.settings).toMatchObject({ language: 'zh-TW', theme: 'dark' });
  });

  it('names each language by itself in every language', async () => {
    const page = await open(FakeAgent.full());
    const names = await page.getByLabel('语言').locator('option').allTextContents();
    expect(names).toEqual(['跟随系统', '简体中文', '繁體中文', 'English']);
  });

  it('speaks the language that the agent holds for the system', async () => {
    const agent = FakeAgent.full();
    agent.settings.language = 'system';
    agent.overrides.status = () => ({ ...agent.status(), language: 'zh-TW' }) as never;
    const page = await window.start(agent);
    await until(async () => (await page.locator('html').getAttribute('lang')) === 'zh-TW');
  });

  it('is walked by the keyboard, closed by Escape, and gives the focus back', async () => {
    const page = await window.start(FakeAgent.full());
    const gear = page.getByRole('button', { name: '设置' });
    await gear.focus();
    await page.keyboard.press('Enter');
    await until(async () => (await focused(page)) === '通用');
    for (const name of ['账号', '通知', '阅读']) {
      await page.keyboard.press('ArrowDown');
      await page.getByRole('tabpanel', { name }).waitFor();
    }
    await page.keyboard.press('End');
    await page.getByRole('tabpanel', { name: '关于' }).waitFor();
    await page.keyboard.press('Home');
    await page.getByRole('tabpanel', { name: '通用' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until(() => gear.evaluate((button) => button === document.activeElement));
  });

  it('fills a small window', async () => {
    const page = await open(FakeAgent.full(), undefined, { width: 620, height: 700 });
    expect(await page.getByRole('dialog').boundingBox()).toEqual({ x: 0, y: 0, width: 620, height: 700 });
  });

  it('takes back what the agent refuses, and says why beside it', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent);
    const toggle = page.getByRole('switch', { name: '开机时启动' });
    agent.overrides['settings.set'] = () => {
      throw fault('disk_full');
    };
    await toggle.click();
    await line(page, 'autostart').getByRole('alert').getByText('没有改成：磁盘满了').waitFor();
    expect(await toggle.getAttribute('aria-checked')).toBe('true');
    await page.getByLabel('语言').selectOption('en');
    await line(page, 'language').getByRole('alert').waitFor();
    expect(await page.getByLabel('语言').inputValue()).toBe('zh-CN');
    delete agent.overrides['settings.set'];
    await toggle.click();
    await until(() => agent.settings.autostart === false);
    await until(async () => (await page.getByRole('dialog').getByRole('alert').count()) === 0);
  });

  it('loses no change when several are made faster than the agent answers', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '通知');
    const answers: (() => void)[] = [];
    agent.overrides['settings.set'] = (settings) =>
      new Promise((resolve) =>
        answers.push(() => {
          agent.settings = settings;
          resolve(settings);
        }),
      );
    await page.getByRole('switch', { name: '隐私模式' }).click();
    await page.getByRole('switch', { name: '识别验证码' }).click();
    // Both are shown at once.
    expect(await page.getByRole('switch', { name: '隐私模式' }).getAttribute('aria-checked')).toBe('true');
    expect(await page.getByRole('switch', { name: '识别验证码' }).getAttribute('aria-checked')).toBe('false');
    await until(() => answers.length === 1);
    answers[0]?.();
    await until(() => answers.length === 2);
    answers[1]?.();
    await until(() => agent.settings.privacy && !agent.settings.codes);
  });
});

describe('keys in the settings', () => {
  it('never reach the mails behind, also when the focus is nowhere', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('#');
    await page.keyboard.press('e');
    await until(async () => (await page.getByRole('searchbox').inputValue()) === '#e');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press('Delete');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(acts(agent)).toEqual([]);
  });
});

describe('searching the settings', () => {
  it('begins with any key, finds by English too, and points at the hit', async () => {
    const page = await open(FakeAgent.full());
    await page.getByRole('tab', { name: '通用' }).focus();
    await page.keyboard.type('proxy');
    expect(await page.getByRole('searchbox').inputValue()).toBe('proxy');
    await page.getByRole('list', { name: '搜索结果' }).getByRole('button', { name: '代理' }).click();
    await page.getByRole('tabpanel', { name: '网络' }).waitFor();
    await page.locator('#set-proxy.lit').waitFor();
    await page.locator('#set-proxy:not(.lit)').waitFor();
  });

  it('is reached by / and walked by arrows; Escape clears it first, then closes', async () => {
    const page = await open(FakeAgent.full(), '存储');
    await page.keyboard.press('/');
    await page.keyboard.type('验证码');
    await page.getByText('1 个结果').waitFor();
    await page.keyboard.press('ArrowDown');
    await until(async () => (await focused(page))?.startsWith('识别验证码') === true);
    await page.keyboard.press('ArrowUp');
    await until(async () => (await focused(page)) === '搜索设置');
    await page.keyboard.press('Enter');
    await page.getByRole('tabpanel', { name: '通知' }).waitFor();
    await until(() =>
      page.getByRole('switch', { name: '识别验证码' }).evaluate((node) => node === document.activeElement),
    );
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: '通知' }).waitFor();
    expect(await page.getByRole('searchbox', { name: '搜索设置' }).inputValue()).toBe('');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('finds the setting of each account', async () => {
    const page = await open(FakeAgent.full());
    await page.keyboard.press('/');
    await page.keyboard.type('改密码');
    const hits = page.getByRole('list', { name: '搜索结果' }).getByRole('button');
    await until(async () => (await hits.count()) === 2);
    await hits.filter({ hasText: '客服共享' }).click();
    await page.getByRole('heading', { name: '客服共享' }).waitFor();
    await page.locator('#set-account_password.lit').waitFor();
  });

  it('says so when nothing is found', async () => {
    const page = await open(FakeAgent.full());
    await page.keyboard.type('qwerty');
    await page.getByText('没有找到「qwerty」').waitFor();
  });

  it('leads to every setting', async () => {
    const { PAGES, SETTINGS } = await import('../src/settings/entries');
    const agent = FakeAgent.full();
    agent.settings.quiet = { from: 1320, to: 480, weekends: false };
    const page = await open(agent);
    for (const at of PAGES) {
      await page.getByRole('tab').nth(PAGES.indexOf(at)).click();
      for (const id of SETTINGS[at].filter((each) => !each.startsWith('account_') || each === 'account_add'))
        await line(page, id).waitFor();
      if (at !== 'accounts') continue;
      await page.locator('.dialog [data-account="1"] .open').click();
      for (const id of SETTINGS[at].filter((each) => each.startsWith('account_') && each !== 'account_add'))
        await line(page, id).waitFor();
    }
  });
});

describe('accounts', () => {
  it('are put in order by buttons and by dragging', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '账号');
    expect(await order(page)).toEqual([1, 2]);
    await page.getByRole('button', { name: '下移「工作邮箱」' }).focus();
    await page.keyboard.press('Enter');
    await until(async () => (await order(page)).join() === '2,1');
    await until(() => agent.accounts.find(({ id }) => id === 2)?.position === 0);
    // The keyboard stays with the account that was moved.
    await until(async () => (await focused(page)) === '上移「工作邮箱」');
    const grip = page.locator('.dialog [data-account="1"] .grip');
    const from = (await grip.boundingBox())!;
    const to = (await page.locator('.dialog [data-account="2"]').boundingBox())!;
    await page.mouse.move(from.x + 8, from.y + 8);
    await page.mouse.down();
    await page.mouse.move(from.x + 8, to.y + 4, { steps: 4 });
    await until(async () => (await order(page)).join() === '1,2');
    await page.mouse.up();
    await until(() => agent.accounts.find(({ id }) => id === 1)?.position === 0);
    expect(await order(page)).toEqual([1, 2]);
  });

  it('go back to their order when dragging is given up, or refused', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '账号');
    const grip = (await page.locator('.dialog [data-account="2"] .grip').boundingBox())!;
    const top = (await page.locator('.dialog [data-account="1"]').boundingBox())!;
    await page.mouse.move(grip.x + 8, grip.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip.x + 8, top.y + 2, { steps: 4 });
    await until(async () => (await order(page)).join() === '2,1');
    await page.keyboard.press('Escape');
    await until(async () => (await order(page)).join() === '1,2');
    await page.mouse.up();
    await page.getByRole('dialog').waitFor();
    agent.overrides['accounts.order'] = () => {
      throw fault('disk_full');
    };
    await page.getByRole('button', { name: '上移「客服共享」' }).click();
    await page.locator('.toast', { hasText: '磁盘满了' }).waitFor();
    await until(async () => (await order(page)).join() === '1,2');
    expect(called(agent, 'accounts.order')).toHaveLength(1);
  });

  it('have a sheet with name, colour, and how loudly they tell', async () => {
    const agent = FakeAgent.full();
    const page = await sheet(agent);
    await page.getByLabel('名称').fill('办公');
    await page.getByLabel('名称').press('Enter');
    await page.getByRole('heading', { name: '办公' }).waitFor();
    await page.getByRole('radio', { name: '颜色 3' }).click();
    await until(() => agent.accounts[0]?.color === '#3f6db0');
    await page.getByRole('radio', { name: '只计数' }).click();
    await until(() => agent.accounts[0]?.telling === 'count');
    await page.getByText('imaphz.qiye.163.com:993').waitFor();
    await page.getByText('网易企业邮箱（华东）').waitFor();
    await page.getByRole('button', { name: '账号', exact: true }).click();
    await until(() =>
      page.locator('.dialog [data-account="1"] .open').evaluate((node) => node === document.activeElement),
    );
  });

  it('keep their name when the agent refuses another', async () => {
    const agent = FakeAgent.full();
    const page = await sheet(agent);
    agent.overrides['accounts.update'] = () => {
      throw fault('store_read_only');
    };
    await page.getByLabel('名称').fill('办公');
    await page.getByLabel('名称').press('Enter');
    await line(page, 'account_name').getByRole('alert').waitFor();
    expect(await page.getByLabel('名称').inputValue()).toBe('工作邮箱');
    await page.getByRole('radio', { name: '不提醒' }).click();
    await line(page, 'account_telling').getByRole('alert').waitFor();
    expect(await page.getByRole('radio', { name: '弹出通知' }).getAttribute('aria-checked')).toBe('true');
  });

  it('say their state in words, and lead to the sign-in and back', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 2
        ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('authorization_code') } }
        : { ...each, state: { state: 'offline', cause: causeOf('tcp'), retry_at: 1_795_411_000 } },
    );
    const page = await open(agent, '账号');
    await page.locator('.dialog [data-account="1"]', { hasText: '离线：连不上服务器，13:16 重试' }).waitFor();
    await page.locator('.dialog [data-account="2"] .open').click();
    await page.getByText('需要重新登录：这里要用授权码').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: '重新登录' }).click();
    await page.locator('#secret').fill('abcdefghijklmnop');
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByRole('heading', { name: '客服共享' }).waitFor();
    await page.getByRole('dialog').getByText('已连接，所有文件夹实时接收').waitFor();
  });

  it('have servers that are corrected where accounts are set up', async () => {
    const page = await sheet(FakeAgent.full());
    await page.getByRole('button', { name: '更正' }).click();
    expect(await page.locator('#imap-host').inputValue()).toBe('imaphz.qiye.163.com');
  });

  it('are tested step by step', async () => {
    const agent = FakeAgent.full();
    const page = await sheet(agent);
    let done: () => void = () => undefined;
    agent.overrides['accounts.check'] = () =>
      new Promise((resolve) => {
        done = () => resolve({ failure: null, inbox_messages: 8204, settings: agent.accounts[0]!.settings });
      });
    await line(page, 'account_test').getByRole('button').click();
    await page.locator('li.now', { hasText: '连接 imaphz.qiye.163.com' }).waitFor();
    agent.send({ kind: 'check_progress', step: 'smtp_connect' });
    await page.locator('li.now', { hasText: '连接 smtphz.qiye.163.com' }).waitFor();
    expect(await page.locator('li.done').count()).toBe(3);
    done();
    await page.getByText('一切正常，收件箱里有 8,204 封邮件').waitFor();
    expect(await page.locator('li.done').count()).toBe(5);
  });

  it.each([
    ['password', '密码不对', '重新输入', '#secret'],
    ['dns', '找不到服务器', '检查服务器设置', '#imap-host'],
    ['proxy', '代理不通', '检查代理设置', '#set-proxy.lit'],
  ] as const)('that fail for %s say why, and lead out', async (code, title, way, place) => {
    const agent = FakeAgent.full();
    agent.overrides['accounts.check'] = () => ({
      failure: causeOf(code),
      inbox_messages: null,
      settings: agent.accounts[0]!.settings,
    });
    const page = await sheet(agent);
    await line(page, 'account_test').getByRole('button').click();
    const cause = page.getByRole('alert').filter({ hasText: title });
    await cause.waitFor();
    await page.locator('li.bad', { hasText: '登录收信服务器' }).waitFor();
    await cause.getByRole('button', { name: way }).click();
    await page.locator(place).waitFor();
  });

  it('are removed after a question that says what stays', async () => {
    const agent = FakeAgent.full();
    const page = await sheet(agent, 2);
    await line(page, 'account_remove').getByRole('button').click();
    const question = page.getByRole('alertdialog');
    await question.getByText('服务器上的邮件一封也不会删除').waitFor();
    await question.getByRole('button', { name: '取消' }).click();
    expect(agent.accounts).toHaveLength(2);
    await line(page, 'account_remove').getByRole('button').click();
    await question.getByRole('button', { name: '移除账号' }).click();
    await until(() => agent.accounts.length === 1);
    await until(async () => (await page.locator('.dialog [data-account]').count()) === 1);
    await page.getByText('已移除「客服共享」').waitFor();
  });

  it('may be added from here', async () => {
    const page = await open(FakeAgent.full(), '账号');
    await line(page, 'account_add').getByRole('button').click();
    await page.getByRole('heading', { name: '再添加一个邮箱' }).waitFor();
  });
});

describe('notifications', () => {
  it('are tried, paused for an hour or until tomorrow, and go on', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '通知');
    await page.getByRole('button', { name: '试一下' }).click();
    await page.getByText('已发出一条测试通知').waitFor();
    expect(agent.calls.some(({ method }) => method === 'bubbles.test')).toBe(true);
    await page.getByRole('button', { name: '1 小时' }).click();
    await line(page, 'pause').getByText('通知已暂停到 11:50').waitFor();
    await line(page, 'pause').getByRole('button', { name: '恢复通知' }).click();
    await page.getByRole('button', { name: '到明天早上' }).click();
    await line(page, 'pause').getByText('通知已暂停到 11月24日 08:00').waitFor();
  });

  it('have quiet hours over midnight, and none of no length', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '通知');
    await page.getByRole('switch', { name: '免打扰时段' }).click();
    await page.getByText('到次日').waitFor();
    await page.getByLabel('从', { exact: true }).selectOption('1380');
    await until(() => agent.settings.quiet?.from === 1380);
    await page.getByLabel('到次日').selectOption('1380');
    await page.getByText('开始和结束不能是同一时间').waitFor();
    expect(await page.getByLabel('到次日').inputValue()).toBe('480');
    await page.getByRole('switch', { name: '周末全天免打扰' }).click();
    await until(() => agent.settings.quiet?.weekends === true);
    expect(agent.settings.quiet).toEqual({ from: 1380, to: 480, weekends: true });
  });

  it('always come for important people', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '通知');
    const field = line(page, 'vips').getByRole('textbox');
    await field.fill('王五');
    await field.press('Enter');
    await page.getByText('这不是一个邮箱地址').waitFor();
    await field.fill('王五 <WangWu@huadong.example>');
    await field.press('Enter');
    await until(() => agent.settings.vips.join() === 'wangwu@huadong.example');
    expect(await field.inputValue()).toBe('');
    await page.getByRole('button', { name: '移除 wangwu@huadong.example' }).click();
    await until(() => agent.settings.vips.length === 0);
    await until(() => field.evaluate((node) => node === document.activeElement));
  });

  it('are chosen for each folder', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '通知');
    await page.getByLabel('各文件夹的提醒').fill('上海');
    const row = page.getByRole('radiogroup', { name: '「项目 / 上海二期」的提醒' });
    await row.getByRole('radio', { name: '不提醒' }).click();
    await until(() => agent.folders.find(({ id }) => id === 15)?.telling === 'silent');
    agent.overrides['folders.update'] = () => {
      throw fault('disk_full');
    };
    await row.getByRole('radio', { name: '只计数' }).click();
    await page.locator('.toast', { hasText: '磁盘满了' }).waitFor();
    await until(async () => (await row.getByRole('radio', { name: '不提醒' }).getAttribute('aria-checked')) === 'true');
  });

  it('stay quick with 1,000 folders', async () => {
    const agent = FakeAgent.full();
    agent.folders = [
      ...agent.folders,
      ...Array.from({ length: 1000 }, (_, i) => folder(1000 + i, 1, `项目 ${i}`, 'none')),
    ];
    const page = await open(agent, '通知');
    await page.getByText('1,011 个文件夹弹出通知').waitFor();
    expect(await page.getByRole('radiogroup').count()).toBeLessThan(60);
    await page.getByLabel('各文件夹的提醒').fill('项目 999');
    await page.getByRole('radiogroup', { name: '「项目 999」的提醒' }).waitFor();
  });
});

describe('reading and looks', () => {
  it('change when a mail counts as read, and whose pictures are shown', async () => {
    const agent = FakeAgent.full();
    agent.settings.pictures_from = ['lisi@huadong.example'];
    const page = await open(agent, '阅读');
    await page.getByLabel('标为已读').selectOption('3');
    await until(() => agent.settings.read_after === 3);
    await page.getByLabel('标为已读').selectOption('null');
    await until(() => agent.settings.read_after === null);
    const field = line(page, 'pictures').getByRole('textbox');
    await field.fill('news.huadong.example');
    await field.press('Enter');
    await until(() => agent.settings.pictures_from.join() === 'lisi@huadong.example,@news.huadong.example');
    await page.getByRole('button', { name: '移除 lisi@huadong.example' }).click();
    await until(() => agent.settings.pictures_from.join() === '@news.huadong.example');
    await page.getByRole('button', { name: /阅读窗格的位置和列表疏密/ }).click();
    await page.locator('#set-layout.lit').waitFor();
  });

  it('lead to the sheet of all keys', async () => {
    const page = await open(FakeAgent.full(), '快捷键');
    await page.getByRole('tabpanel').getByRole('button', { name: '查看' }).click();
    await page.locator('.dialog.shortcuts').waitFor();
    await page.getByRole('dialog', { name: '设置' }).waitFor({ state: 'hidden' });
  });

  it('change layout, density, zoom and keys', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '外观');
    await page.getByRole('radio', { name: '在下边' }).click();
    await page.getByRole('radio', { name: '紧凑' }).click();
    await page.getByLabel('缩放').selectOption('125');
    await until(() => agent.settings.zoom === 125);
    await until(async () => (await page.locator('html').getAttribute('style'))?.includes('1.25') === true);
    await page.getByRole('tab', { name: '快捷键' }).click();
    await page.getByRole('radio', { name: '组合键' }).click();
    await until(() => agent.settings.keys === 'outlook');
    expect(agent.settings).toMatchObject({ layout: 'classic', density: 'compact', zoom: 125 });
  });

  it('are chosen by arrows', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '外观');
    await page.getByRole('radio', { name: '宽松' }).focus();
    await page.keyboard.press('ArrowRight');
    await until(() => agent.settings.density === 'compact');
    expect(set(agent).at(-1)?.layout).toBe('wide');
  });
});

describe('storage', () => {
  it('is shown by account, limited, and cleared after a question', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '存储');
    await page.getByText('916 MB').waitFor();
    await page.locator('li', { hasText: '客服共享' }).getByText('58 MB').waitFor();
    await page.getByLabel('提前下载正文').selectOption('1200');
    await until(() => agent.settings.prefetch_months === 1200);
    await page.getByLabel('空间上限').selectOption('5120');
    await until(() => agent.settings.cache_mib === 5120);
    await line(page, 'clear').getByRole('button').click();
    await page.getByRole('alertdialog').getByText('大约释放 870 MB').waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: '清理' }).click();
    await page.getByText('已清理 869 MB').waitFor();
    await page.getByText('47 MB').waitFor();
  });

  it('tells where the files lie', async () => {
    const page = await window.start(FakeAgent.full());
    await window.opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: '设置' }).click();
    await page.getByRole('tab', { name: '存储' }).click();
    await line(page, 'home').getByRole('button', { name: '复制' }).click();
    await line(page, 'home').getByText('已复制').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('/home/zhangsan/.local/share/qiyou');
  });

  it('says why it cannot be counted, and tries again', async () => {
    const agent = FakeAgent.full();
    agent.overrides.storage = () => {
      throw fault('store_damaged');
    };
    const page = await open(agent, '存储');
    await page.getByRole('alert').getByText('邮件库已损坏').waitFor();
    delete agent.overrides.storage;
    await page.getByRole('button', { name: '重试' }).click();
    await page.getByText('916 MB').waitFor();
  });
});

describe('the proxy', () => {
  it('is used only when it is complete and makes sense', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '网络');
    await page.getByRole('radio', { name: 'HTTP 代理' }).click();
    await page.getByText('填好服务器和端口后生效').waitFor();
    await page.getByLabel('服务器').fill('pro xy');
    await page.getByLabel('服务器').press('Tab');
    await page.getByText('这不是服务器的名称或地址').waitFor();
    await page.getByLabel('端口').fill('99999');
    await page.getByLabel('端口').press('Tab');
    await page.getByText('端口是 1 到 65535 的数字').waitFor();
    expect(set(agent)).toEqual([]);
    await page.getByLabel('端口').fill('3128');
    await page.getByLabel('服务器').fill('proxy.huadong.example');
    await page.getByLabel('服务器').press('Enter');
    await until(() => 'host' in agent.settings.proxy);
    expect(agent.settings.proxy).toEqual({ kind: 'http', host: 'proxy.huadong.example', port: 3128 });
    await page.getByRole('radio', { name: 'SOCKS5 代理' }).click();
    await until(() => agent.settings.proxy.kind === 'socks5');
    await page.getByRole('radio', { name: '跟随系统' }).click();
    await until(() => agent.settings.proxy.kind === 'system');
  });

  it('may be pasted whole', async () => {
    const agent = FakeAgent.full();
    const page = await open(agent, '网络');
    await page.getByRole('radio', { name: 'HTTP 代理' }).click();
    await page.getByLabel('服务器').fill('socks5://10.1.1.1:1081');
    await page.getByLabel('服务器').press('Enter');
    await until(() => agent.settings.proxy.kind === 'socks5');
    expect(agent.settings.proxy).toEqual({ kind: 'socks5', host: '10.1.1.1', port: 1081 });
  });

  it('is tested with every account', async () => {
    const agent = FakeAgent.full();
    agent.overrides['accounts.check'] = ({ account: id }) => ({
      failure: id === 2 ? causeOf('proxy') : null,
      inbox_messages: id === 1 ? 8204 : null,
      settings: agent.accounts[0]!.settings,
    });
    const page = await open(agent, '网络');
    await line(page, 'network_test').getByRole('button').click();
    await page.locator('li', { hasText: '工作邮箱' }).getByText('一切正常').waitFor();
    const failed = page.locator('li', { hasText: '客服共享' });
    await failed.getByText('代理不通').waitFor();
    await failed.getByRole('button', { name: '详情' }).click();
    await page.getByRole('heading', { name: '客服共享' }).waitFor();
  });
});

describe('about', () => {
  it('has the version, and a report of the doctor to be copied', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 2 ? { ...each, state: { state: 'offline', cause: causeOf('tcp'), retry_at: 0 } } : each,
    );
    agent.overrides.doctor = (): Doctor => ({
      findings: [
        { code: 'store_whole', level: 'good', args: {} },
        { code: 'account_connected', level: 'good', args: { address: 'zhangsan@huadong.example', watch: 'notify' } },
        { code: 'account_failed', level: 'bad', args: { address: 'lisi@huadong.example', detail: 'Tcp: refused' } },
        { code: 'trouble_keychain_locked', level: 'bad', args: {} },
        { code: 'something_new', level: 'note', args: {} },
      ],
    });
    const page = await window.start(agent);
    await window.opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: '设置' }).click();
    await page.getByRole('tab', { name: '关于' }).click();
    await line(page, 'version').getByText('0.1.0').waitFor();
    await page.getByText('企邮不收集任何数据').waitFor();
    await line(page, 'doctor').getByRole('button', { name: '检查' }).click();
    await page.getByText('发现 2 个问题').waitFor();
    await page.getByText('zhangsan@huadong.example 已连接（所有文件夹实时）。').waitFor();
    await page.getByText('lisi@huadong.example 连接失败：连不上服务器').waitFor();
    await page.getByRole('dialog').getByText('系统的钥匙串被锁住了').waitFor();
    await page.getByRole('button', { name: '复制报告' }).click();
    await page.getByText('已复制').waitFor();
    const report = await page.evaluate(() => navigator.clipboard.readText());
    expect(report).toContain('企邮 0.1.0\nMozilla/');
    expect(report).toContain('✓ 邮件库完好。\n');
    expect(report).toContain('✗ lisi@huadong.example 连接失败：连不上服务器 [Tcp: refused]\n');
    expect(report).toContain('· something_new');
  });

  it('shows the licences of everything, found by name', async () => {
    const page = await open(FakeAgent.full(), '关于');
    await page.getByRole('button', { name: '查看', exact: true }).click();
    await page.getByRole('searchbox', { name: '按名称或许可查找' }).fill('svelte');
    await page.getByRole('button', { name: /^svelte 5/ }).click();
    await page.getByText('Permission is hereby granted, free of charge').waitFor();
    await page.getByText(/Copyright \(c\) .*Svelte contributors/i).waitFor();
    await page.getByRole('button', { name: '关于', exact: true }).click();
    await until(() =>
      page.getByRole('button', { name: '查看', exact: true }).evaluate((node) => node === document.activeElement),
    );
  });

  it('loads neither the settings nor the licences before they are wanted', async () => {
    const page = await window.start(FakeAgent.full());
    const loaded = () =>
      page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').at(-1) ?? ''));
    expect((await loaded()).some((name) => /^(SettingsDialog|licences)-/.test(name))).toBe(false);
    await page.getByRole('button', { name: '设置' }).click();
    await page.getByRole('dialog').waitFor();
    expect((await loaded()).some((name) => name.startsWith('licences-'))).toBe(false);
  });
});

describe('everybody', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can use every page (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings = {
        ...agent.settings,
        theme,
        vips: ['wangwu@huadong.example'],
        pictures_from: ['@huadong.example'],
        quiet: { from: 1320, to: 480, weekends: true },
        proxy: { kind: 'http', host: 'proxy.huadong.example', port: 8080 },
      };
      const page = await open(agent);
      for (const name of ['通用', '账号', '通知', '阅读', '外观', '快捷键', '存储', '网络', '关于']) {
        await page.getByRole('tab', { name }).click();
        if (name === '存储') await page.getByText('916 MB').waitFor();
        expect(await violations(page), name).toEqual([]);
      }
      await page.getByRole('button', { name: '查看', exact: true }).click();
      await page.getByText('tokio-rustls').waitFor();
      expect(await violations(page), 'licences').toEqual([]);
    });

    it(`can use the sheet of an account, its test, and the search (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      agent.overrides['accounts.check'] = () => ({
        failure: causeOf('password'),
        inbox_messages: null,
        settings: agent.accounts[0]!.settings,
      });
      const page = await sheet(agent);
      await line(page, 'account_test').getByRole('button').click();
      await page.getByRole('alert').filter({ hasText: '密码不对' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('/');
      await page.keyboard.type('密码');
      await page.getByRole('list', { name: '搜索结果' }).waitFor();
      expect(await violations(page), 'search').toEqual([]);
      await page.keyboard.press('Enter');
      await page.locator('.lit').waitFor();
      expect(await violations(page), 'lit').toEqual([]);
    });
  }
});
