//! The window as a person uses it: the built page in Chromium, an agent in memory behind it.

import { describe, expect, it } from 'vitest';
import { causeOf, FakeAgent, fault } from './agent';
import { acts, askedLast, called, house, inbox, options, texts, until, violations } from './house';

const window = house();
const start: typeof window.start = (agent, size) => window.start(agent, size);

describe('reading', () => {
  it('opens a mail in a sealed frame and marks it read', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    const asked = texts(page);
    await inbox(page);
    await options(page).first().click();
    const frame = page.locator('iframe.now');
    await frame.waitFor();
    expect(await frame.getAttribute('sandbox')).toBe('allow-same-origin');
    expect(asked.slice(0, 1)).toEqual(['/body/10008204?remote=0&theme=light&whole=0']);
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    await page.getByText('发给 我、王五 等 4 人 · 抄送 采购部').waitFor();
    await until(() => acts(agent).length > 0);
    expect(acts(agent)).toEqual([{ mails: [10_008_204], action: { kind: 'mark_read' } }]);
    await page.locator('[role=option].new').nth(1).waitFor();
    await until(async () => (await options(page).first().getAttribute('class'))?.includes('new') === false);
  });

  it('loads pictures from the network only when asked', async () => {
    const agent = FakeAgent.full();
    agent.blocked = 3;
    const page = await start(agent);
    const asked = texts(page);
    await inbox(page);
    await options(page).nth(1).click();
    await page.getByRole('button', { name: '显示图片' }).click();
    await until(async () => (await askedLast(page, asked)).includes('remote=1'));
    await until(async () => (await page.getByText('未加载此邮件中的远程图片').count()) === 0);
    const id = await options(page).nth(2).getAttribute('id');
    await options(page).nth(2).click();
    await page.locator(`iframe.now[data-mail="${id?.slice(5)}"]`).waitFor();
    expect(await askedLast(page, asked)).toContain('remote=0');
  });

  it('waits for a text that is being fetched, and tries again when that fails', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.body'] = () => ({ state: 'fetching' });
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await page.getByRole('status', { name: '正在载入邮件' }).waitFor();
    agent.overrides['mail.body'] = () => ({ state: 'failed', error: fault('offline') });
    agent.send({ kind: 'body_arrived', mail: 10_008_204 });
    await page.getByText('正文没有取到').waitFor();
    delete agent.overrides['mail.body'];
    await page.locator('.bar').getByRole('button', { name: '重试' }).click();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
  });
});

describe('acting', () => {
  it('archives by a key, opens the next mail, and takes it back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).first().click();
    await page.locator('.read h1', { hasText: '上海二期' }).waitFor();
    await page.keyboard.press('e');
    await page.getByText('已归档 1 封邮件').waitFor();
    await page.locator('.read h1', { hasText: '报销截止时间' }).waitFor();
    expect(agent.mails.get(10)).toHaveLength(8203);
    await page.getByText('8,203 封').waitFor();
    await page.keyboard.press('z');
    await page.getByText('已撤销').waitFor();
    await page.getByText('8,204 封').waitFor();
    await until(async () => (await options(page).first().innerText()).includes('上海二期'));
  });

  it('takes back by the button of the toast', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(1).click();
    await page.getByRole('button', { name: '删除' }).click();
    await page.getByText('已删除 1 封邮件').waitFor();
    await page.getByRole('button', { name: /撤销/ }).click();
    await page.getByText('8,204 封').waitFor();
    expect(agent.mails.get(10)).toHaveLength(8204);
  });

  it('deletes for ever only after a yes', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await page.locator('[data-folder="19"]').click();
    await page.getByText('3 封', { exact: true }).waitFor();
    await options(page).first().click();
    await page.keyboard.press('Delete');
    await page.getByRole('alertdialog').getByRole('button', { name: '取消' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'hidden' });
    await until(async () => (await page.evaluate('document.activeElement.dataset.keys')) === 'list');
    expect(agent.mails.get(19)).toHaveLength(3);
    expect(acts(agent).some((params) => JSON.stringify(params).includes('delete'))).toBe(false);
    await page.keyboard.press('Delete');
    await page.getByRole('alertdialog').getByRole('button', { name: '彻底删除' }).click();
    await page.getByText('已彻底删除 1 封邮件').waitFor();
    expect(agent.mails.get(19)).toHaveLength(2);
    expect(acts(agent).at(-1)).toEqual({ mails: [19_000_003], action: { kind: 'delete', confirmed: true } });
  });

  it('acts on several at once', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(0).click();
    await options(page)
      .nth(3)
      .click({ modifiers: ['Shift'] });
    await page.getByText('已选 4 封邮件').waitFor();
    await options(page)
      .nth(1)
      .click({ modifiers: ['Control'] });
    await page.getByText('已选 3 封邮件').waitFor();
    await page.keyboard.press('e');
    await page.getByText('已归档 3 封邮件').waitFor();
    expect(agent.mails.get(10)).toHaveLength(8201);
  });

  it('puts a mail back that the agent would not let go', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.act'] = () => {
      throw fault('no_such_role', { role: 'archive' });
    };
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(2).click();
    await page.keyboard.press('e');
    await page.getByText('没有对应的文件夹').waitFor();
    await until(async () => (await options(page).nth(2).innerText()).includes('Anna'));
    await page.getByText('8,204 封').waitFor();
  });
});

describe('the list', () => {
  it('reaches the end of 50,000 mails with few questions', async () => {
    const agent = FakeAgent.full(50_000, false);
    const page = await start(agent);
    await page.getByText('50,000 封').waitFor();
    const list = page.getByRole('listbox');
    const height = await list.evaluate((element) => element.scrollHeight);
    expect(height).toBeGreaterThan(50_000 * 78);
    expect(height).toBeLessThan(50_000 * 79);
    for (const part of [0.2, 0.5, 0.8, 1]) {
      await list.evaluate((element, share) => element.scrollTo(0, element.scrollHeight * share), part);
    }
    await until(async () => (await options(page).last().innerText()).includes('#49999'));
    expect(called(agent, 'mail.list').length).toBeLessThan(8);
    await list.focus();
    await page.keyboard.press('Home');
    await until(async () => (await options(page).first().innerText()).includes('上海二期'));
  });

  it('stays where it is when mail arrives, and says so', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    const list = page.getByRole('listbox');
    await list.evaluate((element) => element.scrollTo(0, 2600));
    const mark = options(page).filter({ hasText: '#35' });
    await mark.waitFor();
    const before = (await mark.boundingBox())?.y;
    for (let i = 0; i < 3; i += 1) agent.arrive(10, `新到 ${i}`);
    await page.getByRole('button', { name: '3 封新邮件' }).waitFor();
    expect(Math.abs(((await mark.boundingBox())?.y ?? 0) - (before ?? 0))).toBeLessThanOrEqual(1);
    await page.getByRole('button', { name: '3 封新邮件' }).click();
    await options(page).filter({ hasText: '新到 2' }).waitFor();
    await until(async () => (await page.locator('.pill').count()) === 0);
  });

  it('shows an arrival at once when it is at the top', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    agent.arrive(10, '刚到');
    await until(async () => (await options(page).first().innerText()).includes('刚到'));
    await page.getByText('8,205 封').waitFor();
  });

  it('keeps a mail in "unread" while it is read', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await page.getByRole('button', { name: '未读', exact: true }).click();
    await page.getByText('3 封', { exact: true }).waitFor();
    await options(page).first().click();
    await page.getByText('2 封', { exact: true }).waitFor();
    await until(async () => (await options(page).count()) === 3);
  });

  it('opens the mail of a bubble, wherever it is', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    agent.send({ kind: 'open', mail: 10_005_000 });
    await page.locator('.read h1', { hasText: '#3204' }).waitFor();
    await page.locator('#mail-10005000').waitFor();
    await page.locator('#mail-10005000[aria-selected=true]').waitFor();
  });

  it('goes on when the agent comes back', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    const heal = window.opened.cut();
    await page.getByText('与后台程序断开，正在重新连接').waitFor();
    agent.arrive(10, '断线时到的');
    heal?.();
    await until(async () => (await page.getByText('正在重新连接').count()) === 0);
    await until(async () => (await options(page).first().innerText()).includes('断线时到的'));
  });
});

describe('an account that is renamed while it is open', () => {
  it('has its new name everywhere, and nothing else moves', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(1).click();
    await page.locator('.read h1', { hasText: '报销截止时间' }).waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    const asked = texts(page);
    const [first, ...others] = agent.accounts;
    if (!first) throw new Error('no account');
    const renamed = { ...first, name: '财务共享' };
    agent.accounts = [renamed, ...others];
    agent.send({ kind: 'account_changed', account: renamed });
    await page.getByRole('treeitem', { name: /^财务共享/ }).waitFor();
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    await page.getByRole('option', { selected: true, name: /报销截止时间/ }).waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    expect(asked.filter((each) => each.startsWith('/body/10008203?'))).toEqual([]);
    await page.keyboard.press('Control+,');
    await page.getByRole('dialog').getByRole('tab', { name: '账号' }).click();
    await page.getByRole('dialog').getByText('财务共享').first().waitFor();
  });
});

describe('the words of a button', () => {
  it('come to a pointer that rests and to the keyboard, with the key, and go by any key', async () => {
    const page = await start(FakeAgent.full());
    await inbox(page);
    await options(page).first().click();
    await page.locator('.read h1').waitFor();
    const tip = page.locator('.tip');
    await page.getByRole('button', { name: '归档' }).first().hover();
    expect(await tip.count()).toBe(0);
    await tip.filter({ hasText: '归档' }).filter({ hasText: 'E' }).waitFor();
    await page.getByRole('button', { name: '删除' }).first().hover();
    await tip.filter({ hasText: '删除' }).waitFor({ timeout: 400 });
    await page.keyboard.press('Shift');
    await until(async () => (await tip.count()) === 0);
    await page.mouse.move(400, 600);
    await page.getByRole('button', { name: '列表选项' }).focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    await tip.filter({ hasText: '列表选项' }).waitFor();
    // Whole and inside of the window.
    const box = await tip.boundingBox();
    expect(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= 1280).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    expect(await tip.count()).toBe(0);
  });
});

describe('a page that starts anew', () => {
  it('shows the folder and the mail that one was at, far down, and marks nothing read by that', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(1).click();
    await page.locator('.read h1', { hasText: '报销截止时间' }).waitFor();
    await until(() => acts(agent).length > 0);
    await page.keyboard.press('Shift+U');
    await until(() => JSON.stringify(acts(agent)).includes('mark_unread'));
    const before = acts(agent).length;
    await page.reload();
    await page.locator('.read h1', { hasText: '报销截止时间' }).waitFor();
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    await page.getByRole('option', { selected: true, name: /报销截止时间/ }).waitFor();
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    expect(acts(agent)).toHaveLength(before);
    // What is near the top needs no scrolling to be seen.
    expect(await page.locator('[data-keys=list]').evaluate((list) => list.scrollTop)).toBe(0);

    await page.keyboard.press('End');
    const shown = page.locator('iframe.now');
    await until(async () => (await shown.getAttribute('data-mail')) !== '10008203');
    const last = await shown.getAttribute('data-mail');
    await page.reload();
    await page.locator(`iframe.now[data-mail="${last}"]`).waitFor();
    await page.getByRole('option', { selected: true }).waitFor();
  });

  it('shows the list alone when the mail is no more, and the first list when the folder is no more', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await inbox(page);
    await options(page).nth(1).click();
    await page.locator('.read h1').waitFor();
    const gone = await page.locator('iframe.now').getAttribute('data-mail');
    agent.mails.set(
      10,
      (agent.mails.get(10) ?? []).filter(({ id }) => String(id) !== gone),
    );
    await page.reload();
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    await options(page).first().waitFor();
    expect(await page.locator('.read h1').count()).toBe(0);
    agent.folders = agent.folders.filter(({ id }) => id !== 10);
    await page.reload();
    await page.locator('h1', { hasText: '全部收件箱' }).waitFor();
  });
});

describe('the first account', () => {
  it('is found, refused, corrected, added, and filled', async () => {
    const agent = new FakeAgent();
    agent.overrides['accounts.add'] = () => {
      throw fault('account_test', {}, causeOf('password'));
    };
    const page = await start(agent);
    await page.getByLabel('邮箱地址').fill('zhangsan@huadong.example');
    await page.getByRole('button', { name: '下一步' }).click();
    await page.getByText('识别为网易企业邮箱（华东）').waitFor();
    await page.locator('#secret').fill('wrong');
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('heading', { name: '密码不对' }).waitFor();
    expect(called(agent, 'accounts.add')).toHaveLength(1);
    delete agent.overrides['accounts.add'];
    await page.getByRole('button', { name: '重新输入' }).click();
    await page.locator('#secret').fill('abcdefghijklmnop');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /已添加/ }).waitFor();
    await page.getByRole('button', { name: '开始使用' }).click();
    await page.getByText('120 封').waitFor();
    await until(async () => (await options(page).count()) > 5);
  });

  it('tries the next server after a dead one, and may be added without', async () => {
    const agent = new FakeAgent();
    const add = agent.overrides;
    add['accounts.recognise'] = ({ address }) => {
      const found = agent.recognised(address);
      const [first] = found.candidates;
      if (!first) throw fault('not_found');
      return { ...found, candidates: [first, { ...first, imap: { ...first.imap, host: 'imap.qiye.163.com' } }] };
    };
    add['accounts.add'] = ({ even_offline }) => {
      if (even_offline) {
        delete add['accounts.add'];
        return agent.answer('accounts.add', { address: 'zhangsan@huadong.example' }) as never;
      }
      throw fault('account_test', {}, causeOf('tcp'));
    };
    const page = await start(agent);
    await page.getByLabel('邮箱地址').fill('zhangsan@huadong.example');
    await page.keyboard.press('Enter');
    await page.locator('#secret').fill('abcdefghijklmnop');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '连不上服务器' }).waitFor();
    expect(called(agent, 'accounts.add')).toHaveLength(2);
    await page.getByRole('button', { name: '仍然添加' }).click();
    await page.getByRole('heading', { name: /已添加/ }).waitFor();
  });

  it('is signed in again from the bar', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 1 ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } } : each,
    );
    const page = await start(agent);
    await page.getByRole('button', { name: '重新登录' }).click();
    await page.locator('#secret').fill('new-password');
    await page.getByRole('button', { name: '登录', exact: true }).click();
    await page.getByText('已重新登录').waitFor();
    await until(async () => (await page.locator('.banner').count()) === 0);
    const update = agent.calls.find(({ method }) => method === 'accounts.update')?.params;
    expect(update).toMatchObject({ account: 1, credential: { kind: 'password', secret: 'new-password' } });
  });
});

describe('an agent that is still opening its store', () => {
  it('is waited for, and what was shown stays: it knows of no account yet, and there are some', async () => {
    const agent = FakeAgent.full();
    let opened: () => void = () => undefined;
    const opening = new Promise<void>((resolve) => (opened = resolve));
    const early = { ...agent.status(), accounts: [], unread: 0 };
    agent.overrides.status = () => early;
    agent.overrides['accounts.list'] = async () => opening.then(() => agent.accounts);
    agent.overrides['folders.list'] = async () => opening.then(() => agent.folders);
    const page = await start(agent);
    await page.getByText('正在启动').waitFor();
    expect(await page.getByLabel('邮箱地址').count()).toBe(0);
    opened();
    await inbox(page);
    // All is asked for anew, as after the agent's death: the new name tells that the answers are here.
    agent.accounts = agent.accounts.map((each) => (each.id === 1 ? { ...each, name: '新的名称' } : each));
    agent.send({ kind: 'overflow' });
    await page.getByRole('treeitem', { name: /新的名称/ }).waitFor();
    expect(await page.getByLabel('邮箱地址').count()).toBe(0);
    expect(await options(page).count()).toBeGreaterThan(0);
  });
});

describe('trouble', () => {
  it('of the keychain is said with its remedy, and goes away when it is cured', async () => {
    const agent = FakeAgent.full();
    const accounts = agent.accounts;
    const locked = () => {
      throw fault('keychain_locked');
    };
    agent.accounts = [];
    agent.trouble = fault('keychain_locked');
    agent.overrides['folders.list'] = locked;
    agent.overrides['settings.get'] = locked;
    const page = await start(agent);
    await page.getByText('请解锁钥匙串').waitFor();
    expect(await page.getByLabel('邮箱地址').count()).toBe(0);
    agent.accounts = accounts;
    agent.trouble = null;
    agent.overrides = {};
    await page.getByRole('button', { name: '重新检查' }).click();
    await page.getByText('8,245 封').waitFor();
  });

  it('of a full disk stands above the mail', async () => {
    const agent = FakeAgent.full();
    agent.trouble = fault('disk_full');
    const page = await start(agent);
    await page.getByText('磁盘满了').waitFor();
    await options(page).first().waitFor();
  });
});

describe('everybody', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can use the mail view (${theme}, axe)`, async () => {
      const agent = FakeAgent.full();
      agent.settings.theme = theme;
      agent.blocked = 1;
      agent.accounts = agent.accounts.map((each) =>
        each.id === 2 ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } } : each,
      );
      const page = await start(agent);
      await inbox(page);
      await options(page).first().click();
      await page.locator('iframe.now').waitFor();
      await page.getByText('未加载此邮件中的远程图片').waitFor();
      expect(await violations(page)).toEqual([]);
    });

    it(`can use welcome and settings (${theme}, axe)`, async () => {
      const agent = new FakeAgent();
      agent.settings.theme = theme;
      agent.overrides['accounts.add'] = () => {
        throw fault('account_test', {}, causeOf('password'));
      };
      const page = await start(agent);
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('邮箱地址').fill('zhangsan@huadong.example');
      await page.keyboard.press('Enter');
      await page.locator('#secret').waitFor();
      expect(await violations(page)).toEqual([]);
      await page.locator('#secret').fill('x');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: '密码不对' }).waitFor();
      expect(await violations(page)).toEqual([]);
    });
  }

  it('can do everything from the keyboard alone', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await page.locator('[data-folder]').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
    await options(page).first().waitFor();
    await page.getByRole('listbox').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.locator('.read h1', { hasText: '报销截止时间' }).waitFor();
    await page.locator('[role=listbox][aria-activedescendant=mail-10008203]').waitFor();
    await page.keyboard.press('s');
    await until(() => agent.mails.get(10)?.[1]?.starred === true);
    await page.keyboard.press('Shift+U');
    await until(() => acts(agent).some((params) => JSON.stringify(params).includes('mark_unread')));
  });

  it('sees list and mail in turns on a narrow window', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent, { width: 600, height: 700 });
    await page.getByRole('button', { name: '显示文件夹' }).click();
    await page.locator('[data-folder="10"]').click();
    await options(page).first().click();
    await page.locator('iframe.now').waitFor();
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: '返回' }).click();
    await options(page).first().waitFor();
  });
});
