//! The first start: from an address to a filled inbox, and out of every failure on the way.

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { CauseCode, Company } from '../src/host/api';
import { account, causeOf, FakeAgent, fault } from './agent';
import { called, house, options, until, violations } from './house';
import { folder } from './mails';
import { failing } from './states/state';

const window = house();
const start: typeof window.start = (agent, size) => window.start(agent, size);
const ADDRESS = 'zhangsan@huadong.example';
const WORDS = JSON.parse(
  readFileSync(new URL('../../crates/words/catalog/zh-CN/errors.json', import.meta.url), 'utf8'),
) as Record<string, string>;
/** The words of a cause, with what the fake agent puts into them. */
const said = (code: CauseCode, part: 'title' | 'why' | 'fix') => {
  const { host, port, detail } = causeOf(code);
  return (WORDS[`error.cause.${code}.${part}`] ?? '')
    .replace('{host}', host)
    .replace('{port}', String(port))
    .replace('{detail}', detail);
};

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.tagName);
const step = (page: Page) => page.locator('li[aria-current=step]').first().innerText();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function recognised(page: Page): Promise<void> {
  await page.getByLabel('邮箱地址').fill(ADDRESS);
  await page.keyboard.press('Enter');
}
async function tried(page: Page): Promise<void> {
  await recognised(page);
  await page.locator('#secret').fill('abcdefgh');
  await page.keyboard.press('Enter');
}
/** Keeps what the system's browser would be asked to open. */
async function links(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened, open: (url: string) => void opened.push(url) });
  });
  return () => page.evaluate(() => (globalThis as unknown as { opened: string[] }).opened);
}
function wanting(credential: 'authorization_code' | 'oauth2' | 'password', provider: string): FakeAgent {
  const agent = new FakeAgent();
  agent.overrides['accounts.recognise'] = ({ address }) => {
    const found = agent.recognised(address);
    return { ...found, provider, candidates: found.candidates.map((each) => ({ ...each, provider, credential })) };
  };
  return agent;
}
/** An agent with folders that are told of in every way. */
function withFolders(): FakeAgent {
  const agent = new FakeAgent();
  agent.overrides['accounts.add'] = () => {
    const added = account(1, ADDRESS, '张三', '#0b746c');
    agent.accounts = [added];
    agent.folders = FakeAgent.full(8204, false).folders.map((each) =>
      each.id === 10 ? { ...each, total: 8204, synced: 100 } : each,
    );
    agent.send({ kind: 'account_changed', account: added });
    agent.send({ kind: 'folders_changed', account: 1, folders: agent.folders, removed: [] });
    return added;
  };
  return agent;
}

describe('the three steps', () => {
  it('are walked with the keyboard alone', async () => {
    const agent = withFolders();
    const page = await start(agent);
    expect(await step(page)).toContain('登录');
    expect(await focused(page)).toBe('address');
    await page.keyboard.type(ADDRESS);
    await page.keyboard.press('Enter');
    await until(async () => (await step(page)).includes('确认'));
    await until(async () => (await focused(page)) === 'secret');
    await page.keyboard.type('abcdefgh');
    await page.keyboard.press('Enter');
    await until(async () => (await step(page)).includes('提醒'));
    await page.getByRole('heading', { name: '已添加「张三」' }).waitFor();
    await until(async () => (await focused(page)) === 'H1');
    // The first thing to choose is the inbox; Enter begins.
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).type)).toBe('checkbox');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
  });

  it('are the same for a second account, and can be left', async () => {
    const agent = FakeAgent.full();
    const page = await start(agent);
    await button(page, '设置').click();
    await page.getByRole('tab', { name: '账号' }).click();
    await page.getByRole('tabpanel').getByRole('button', { name: /^添加/ }).click();
    await page.getByRole('heading', { name: '再添加一个邮箱' }).waitFor();
    expect(await step(page)).toContain('登录');
    await page.keyboard.press('Escape');
    await options(page).first().waitFor();
  });

  it('are not shown when only a password is asked for anew', async () => {
    const agent = FakeAgent.full();
    agent.accounts = agent.accounts.map((each) =>
      each.id === 1 ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } } : each,
    );
    const page = await start(agent);
    await page.locator('.banner').getByRole('button', { name: '重新登录' }).click();
    await page.locator('#secret').waitFor();
    expect(await page.locator('li[aria-current=step]').count()).toBe(0);
    await page.getByText('没有接受用户名或密码').waitFor();
  });
});

describe('what was recognised', () => {
  it('can be unfolded and corrected in its place', async () => {
    const agent = new FakeAgent();
    const page = await start(agent);
    await recognised(page);
    await page.getByText('识别为网易企业邮箱（华东）').waitFor();
    expect(await page.locator('#imap-host').count()).toBe(0);
    await page.getByRole('button', { name: /服务器设置/ }).click();
    await until(async () => (await focused(page)) === 'imap-host');
    await page.locator('#imap-host').fill('mail.huadong.example');
    await page.locator('#imap-security').selectOption('starttls');
    expect(await page.locator('#imap-port').inputValue()).toBe('143');
    await page.locator('#secret').fill('abcdefgh');
    await button(page, '登录').click();
    await page.getByRole('heading', { name: /已添加/ }).waitFor();
    expect(called(agent, 'accounts.add')).toMatchObject([
      { settings: { provider: 'custom', imap: { host: 'mail.huadong.example', port: 143, security: 'starttls' } } },
    ]);
  });

  it('explains the authorization code, with the page where it is made', async () => {
    const agent = wanting('authorization_code', 'netease_163');
    const page = await start(agent);
    const opened = await links(page);
    await recognised(page);
    await page.getByText('这里要填授权码，不是网页登录密码。').waitFor();
    await page.getByLabel('授权码', { exact: true }).waitFor();
    await page.getByRole('button', { name: '去获取授权码' }).click();
    expect(await opened()).toEqual(['https://qiye.163.com/help']);
  });

  it('shows the password when asked, and tells of Caps Lock', async () => {
    const page = await start(new FakeAgent());
    await recognised(page);
    const field = page.locator('#secret');
    await field.fill('abc');
    expect(await field.getAttribute('type')).toBe('password');
    await button(page, '显示密码').click();
    expect(await field.getAttribute('type')).toBe('text');
    await button(page, '显示密码').click();
    expect(await field.getAttribute('type')).toBe('password');
    await field.evaluate((input) =>
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', modifierCapsLock: true, bubbles: true })),
    );
    await page.getByText('大写锁定已打开').waitFor();
    await field.press('b');
    await until(async () => (await page.getByText('大写锁定已打开').count()) === 0);
  });

  it('goes on with a password where the browser is no way', async () => {
    const agent = wanting('oauth2', 'gmail');
    agent.overrides['accounts.oauth'] = () => {
      throw fault('oauth_client_missing');
    };
    const page = await start(agent);
    await recognised(page);
    await page.getByRole('button', { name: '用浏览器登录' }).click();
    await page.getByRole('alert').getByText('还没有为这家服务商设置应用 ID').waitFor();
    await button(page, '改用客户端专用密码').click();
    await until(async () => (await focused(page)) === 'secret');
    await page.locator('#secret').fill('abcdefgh');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /已添加/ }).waitFor();
    expect(called(agent, 'accounts.add')).toMatchObject([
      { credential: { kind: 'password', secret: 'abcdefgh' }, settings: { credential: 'client_password' } },
    ]);
  });
});

/** Every cause, with the buttons of its page, the best first. */
const PAGES: [CauseCode, string[]][] = [
  ['dns', ['重试', '检查服务器设置']],
  ['tcp', ['重试', '检查服务器设置', '检查代理设置']],
  ['timeout', ['重试', '检查服务器设置', '检查代理设置']],
  ['proxy', ['检查代理设置', '重试']],
  ['proxy_auth', ['检查代理设置', '重试']],
  ['tls', ['检查服务器设置', '重试']],
  ['certificate_expired', ['重试', '复制技术细节']],
  ['certificate_unknown', ['重试', '复制技术细节', '检查服务器设置']],
  ['certificate_name', ['检查服务器设置', '重试']],
  ['certificate_other', ['重试', '复制技术细节']],
  ['plaintext_forbidden', ['检查服务器设置']],
  ['password', ['重新输入', '检查服务器设置', '查看服务商说明']],
  ['authorization_code', ['输入授权码', '查看服务商说明']],
  ['oauth_expired', ['用浏览器登录']],
  ['imap_disabled', ['查看服务商说明', '重试']],
  ['unsafe_login', ['查看服务商说明', '重试']],
  ['too_many_connections', ['重试']],
  ['smtp_refused', ['查看服务商说明', '重试', '检查服务器设置']],
  ['keychain', ['已解锁，再试一次']],
  ['secret_missing', ['重新输入']],
  ['server_said', ['重试', '复制技术细节', '检查服务器设置']],
  ['disconnected', ['重试', '检查服务器设置']],
];

describe('a failure', () => {
  it('has a page for every cause that there is', () => {
    const api = readFileSync(new URL('../src/host/api.ts', import.meta.url), 'utf8');
    const all = /export type CauseCode = ([^;]+);/.exec(api)?.[1]?.match(/[a-z0-9_]+/g);
    expect(PAGES.map(([code]) => code).sort()).toEqual(all?.sort());
  });

  for (const [code, ways] of PAGES) {
    it(`of ${code} says what, why, and what helps`, async () => {
      const page = await start(failing(code));
      await tried(page);
      const alert = page.getByRole('alert');
      await alert.getByRole('heading', { name: said(code, 'title') }).waitFor();
      await alert.getByText(said(code, 'why')).waitFor();
      await alert.getByText(said(code, 'fix')).waitFor();
      expect(await page.locator('.ways .btn').allInnerTexts()).toEqual(ways);
      // The keyboard is on the way that helps most.
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(ways[0]);
      const offline = ['dns', 'tcp', 'timeout', 'proxy', 'disconnected'].includes(code);
      expect(await button(page, '仍然添加').count()).toBe(offline ? 1 : 0);
      expect(await violations(page)).toEqual([]);
    });
  }

  it('is gone after another try', async () => {
    const agent = failing('timeout');
    const page = await start(agent);
    await tried(page);
    await button(page, '重试').click();
    await until(() => called(agent, 'accounts.add').length === 2);
    delete agent.overrides['accounts.add'];
    await button(page, '重试').click();
    await page.getByRole('heading', { name: /已添加/ }).waitFor();
  });

  it('of a server is mended without typing the password again', async () => {
    const agent = failing('tls');
    const page = await start(agent);
    await tried(page);
    await button(page, '检查服务器设置').click();
    await until(async () => (await focused(page)) === 'imap-host');
    delete agent.overrides['accounts.add'];
    await page.locator('#imap-port').fill('1993');
    await button(page, '测试并登录').click();
    await page.getByRole('heading', { name: /已添加/ }).waitFor();
    expect(called(agent, 'accounts.add').at(-1)).toMatchObject({
      credential: { kind: 'password', secret: 'abcdefgh' },
      settings: { imap: { port: 1993 } },
    });
  });

  it('for want of a code asks for the code', async () => {
    const agent = wanting('password', 'netease_163');
    agent.overrides['accounts.add'] = () => {
      throw fault('account_test', {}, causeOf('authorization_code'));
    };
    const page = await start(agent);
    await recognised(page);
    await page.getByLabel('密码', { exact: true }).fill('abcdefgh');
    await page.keyboard.press('Enter');
    await button(page, '输入授权码').click();
    await page.getByLabel('授权码', { exact: true }).waitFor();
    expect(await page.locator('#secret').inputValue()).toBe('');
  });

  it('leads to the proxy, to the provider, and gives its details to copy', async () => {
    const page = await start(failing('proxy_auth'));
    await tried(page);
    await button(page, '检查代理设置').click();
    await page.getByLabel('代理', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('技术细节').first().click();
    await page.getByText('imaphz.qiye.163.com:993 · proxy_auth').waitFor();
    await page.getByText('NO LOGIN Login error').waitFor();
    await window.opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await button(page, '复制技术细节').click();
    await button(page, '已复制').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'proxy_auth\nimap_sign_in\nimaphz.qiye.163.com:993\nNO LOGIN Login error',
    );
  });

  it('opens the provider’s page', async () => {
    const page = await start(failing('imap_disabled'));
    const opened = await links(page);
    await tried(page);
    await button(page, '查看服务商说明').click();
    expect(await opened()).toEqual(['https://qiye.163.com/help']);
  });

  it('of an address that is there already asks for another one', async () => {
    const agent = new FakeAgent();
    agent.overrides['accounts.add'] = () => {
      throw fault('account_exists', { address: ADDRESS });
    };
    const page = await start(agent);
    await tried(page);
    await page.getByRole('alert').getByText('已经添加过了').waitFor();
    await button(page, '换一个地址').click();
    await until(async () => (await focused(page)) === 'address');
  });

  it('of a mistyped address leads back to it', async () => {
    const page = await start(failing('dns'));
    await tried(page);
    await button(page, '换一个地址').click();
    await until(async () => (await focused(page)) === 'address');
    expect(await page.locator('#address').inputValue()).toBe(ADDRESS);
  });

  it('with no way but waiting adds the account all the same', async () => {
    const agent = failing('dns');
    const page = await start(agent);
    await tried(page);
    agent.overrides['accounts.add'] = () => {
      const added = {
        ...account(1, ADDRESS, '张三', '#0b746c'),
        state: { state: 'offline' as const, cause: causeOf('dns'), retry_at: 0 },
      };
      agent.accounts = [added];
      agent.send({ kind: 'account_changed', account: added });
      return added;
    };
    await button(page, '仍然添加').click();
    await page.getByText('现在连不上服务器，连上后自动开始收信。').waitFor();
    expect(called(agent, 'accounts.add').at(-1)).toMatchObject({ even_offline: true });
  });
});

describe('after the first sign-in', () => {
  it('says what can be read already', async () => {
    const agent = withFolders();
    const page = await start(agent);
    await tried(page);
    await page.getByText('已可阅读 100 封，其余 8,104 封正在后台同步。').waitFor();
    agent.send({ kind: 'sync_progress', account: 1, folder: 10, done: 4102, total: 8204 });
    await page.getByText('已可阅读 4,102 封，其余 4,102 封正在后台同步。').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
    agent.folders = agent.folders.map((each) => (each.id === 10 ? { ...each, synced: 8204 } : each));
    agent.send({ kind: 'folders_changed', account: 1, folders: agent.folders, removed: [] });
    agent.send({ kind: 'sync_progress', account: 1, folder: 10, done: 8204, total: 8204 });
    await page.getByText('收件箱的 8,204 封邮件都可以阅读了。').waitFor();
    expect(await page.getByRole('progressbar').count()).toBe(0);
  });

  it('asks what to tell of, when, and how', async () => {
    const agent = withFolders();
    const page = await start(agent);
    await tried(page);
    const telling = (id: number) => agent.folders.find((each) => each.id === id)?.telling;
    // What a person puts somewhere is no news: no drafts, no trash.
    await page.getByLabel('收件箱', { exact: true }).waitFor();
    expect(await page.locator('fieldset').getByText('已删除').count()).toBe(0);
    await page.getByLabel('「客户」怎样提醒').selectOption('count');
    await until(() => telling(17) === 'count');
    await page.getByLabel('项目 / 上海二期').uncheck();
    await until(() => telling(15) === 'silent');
    await until(async () => (await page.getByLabel('「上海二期」怎样提醒').count()) === 0);
    await page.getByRole('switch', { name: '免打扰时段' }).click();
    await page.getByLabel('从', { exact: true }).selectOption({ label: '21:30' });
    await until(() => agent.settings.quiet?.from === 21 * 60 + 30);
    await page.getByRole('switch', { name: '周末全天免打扰' }).click();
    await until(() => agent.settings.quiet?.weekends === true);
    await page.getByRole('switch', { name: '隐私模式' }).click();
    await until(() => agent.settings.privacy);
    await page.getByRole('button', { name: '试一下通知' }).click();
    await page.getByText('已发出。').waitFor();
    expect(called(agent, 'bubbles.test')).toHaveLength(1);
    await button(page, '开始使用').click();
    await page.locator('h1', { hasText: '收件箱' }).waitFor();
  });

  it('does not drown in thousands of folders', async () => {
    const agent = withFolders();
    const add = agent.overrides['accounts.add'];
    agent.overrides['accounts.add'] = (params) => {
      const added = add?.(params);
      agent.folders = [
        ...agent.folders,
        ...Array.from({ length: 5000 }, (_, i) => folder(1000 + i, 1, `文件夹 ${i}`, 'none')),
      ];
      agent.send({ kind: 'folders_changed', account: 1, folders: agent.folders, removed: [] });
      return added as never;
    };
    const page = await start(agent);
    await tried(page);
    await page.getByText('还有 4,945 个文件夹').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(60);
  });
});

describe('everybody', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`can use every page (${theme}, axe)`, async () => {
      const agent = withFolders();
      agent.settings = { ...agent.settings, theme, quiet: { from: 1320, to: 480, weekends: false } };
      const page = await start(agent);
      expect(await violations(page), 'address').toEqual([]);
      await recognised(page);
      await page.locator('#secret').waitFor();
      expect(await violations(page), 'secret').toEqual([]);
      await page.getByRole('button', { name: /服务器设置/ }).click();
      await page.locator('#imap-host').waitFor();
      expect(await violations(page), 'servers').toEqual([]);
      const add = agent.overrides['accounts.add'];
      let go: () => void = () => undefined;
      agent.overrides['accounts.add'] = async (params) => {
        await new Promise<void>((resolve) => (go = resolve));
        return (await add?.(params)) as never;
      };
      await page.locator('#secret').fill('abcdefgh');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: '正在测试' }).waitFor();
      expect(await violations(page), 'testing').toEqual([]);
      await until(() => called(agent, 'accounts.add').length === 1);
      go();
      await page.getByRole('heading', { name: /已添加/ }).waitFor();
      await page.getByRole('checkbox').first().waitFor();
      expect(await violations(page), 'telling').toEqual([]);
    });
  }
});

describe('signing in by WeCom', () => {
  const begun = async (agent: FakeAgent): Promise<Page> => {
    const page = await start(agent);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    return page;
  };

  it('is walked with the keyboard alone, to the mailbox that WeCom knows', async () => {
    const agent = withFolders();
    const page = await begun(agent);
    await until(async () => (await focused(page)) === 'bridge');
    await page.keyboard.type('http://mail.huadong.example');
    await page.keyboard.press('Enter');
    await page.getByText('这不是企邮服务器的地址').waitFor();
    await page.getByLabel('服务器地址').fill('mail.huadong.example');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
    expect(await step(page)).toContain('登录');
    agent.send({ kind: 'company_sign_in', progress: { step: 'scanned' } });
    await page.locator('li[aria-current=step]', { hasText: '在浏览器页面上点“登录”' }).waitFor();
    agent.send({ kind: 'company_sign_in', progress: { step: 'confirmed' } });
    await page.getByLabel(/六位数字/).fill('135 791');
    await page.keyboard.press('Enter');
    await page.getByText('数字不对').waitFor();
    await page.getByLabel(/六位数字/).fill('135 790');
    await page.keyboard.press('Enter');
    await until(async () => (await focused(page)) === 'secret');
    await page.getByText('imap.huadong.example:993').waitFor();
    await page.keyboard.type('abcdefgh');
    await page.keyboard.press('Enter');
    await page.getByText('已添加').waitFor();
    const [added] = called(agent, 'accounts.add');
    expect([added?.address, added?.name, added?.settings.imap.user]).toEqual([
      'zhangsan@huadong.example',
      '张三',
      'zhangsan@huadong.example',
    ]);
  });

  it('asks for no address that IT set', async () => {
    const agent = new FakeAgent();
    agent.bridge = 'https://mail.huadong.example/';
    const page = await begun(agent);
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
    expect(called(agent, 'company.sign_in')).toEqual([{ bridge: 'https://mail.huadong.example/' }]);
    const opened = await links(page);
    await button(page, '重新打开页面').click();
    expect(await opened()).toEqual(['https://mail.huadong.example/signin/Zk3']);
    await button(page, '取消').click();
    await page.getByLabel('邮箱地址').waitFor();
    expect(called(agent, 'company.cancel')).toHaveLength(1);
  });

  it.each([
    ['refused', '没有登录'],
    ['over', '登录已超时'],
  ] as const)('that is %s says so and begins anew', async (end, words) => {
    const agent = new FakeAgent();
    agent.bridge = 'https://mail.huadong.example/';
    const page = await begun(agent);
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
    agent.send({ kind: 'company_sign_in', progress: { step: end } });
    await page.getByRole('heading', { name: words }).waitFor();
    await until(async () => (await focused(page)) === 'H1');
    await button(page, '重新登录').click();
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
  });

  it('says that the server is away, and lets one name another', async () => {
    const agent = new FakeAgent();
    agent.bridge = 'https://mail.huadong.example/';
    agent.overrides['company.sign_in'] = () => {
      throw fault('bridge_away');
    };
    const page = await begun(agent);
    await page.getByText('连不上公司的企邮服务器').waitFor();
    await button(page, '换一个服务器').click();
    expect(await page.getByLabel('服务器地址').inputValue()).toBe('https://mail.huadong.example/');
  });

  it('explains an empty mailbox field and goes on with an address that is typed', async () => {
    const agent = new FakeAgent();
    agent.bridge = 'https://mail.huadong.example/';
    const page = await begun(agent);
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
    agent.signedIn({ address: null });
    await page.getByRole('heading', { name: '企业微信里没有您的邮箱' }).waitFor();
    await page.getByText('请管理员处理').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel(/填写您的邮箱地址/).fill(ADDRESS);
    await page.keyboard.press('Enter');
    await page.locator('#secret').waitFor();
  });

  it('with a mailbox that is here already only says that it is done', async () => {
    const agent = FakeAgent.full();
    agent.bridge = 'https://mail.huadong.example/';
    const page = await start(agent);
    await button(page, '设置').click();
    await page.getByRole('tab', { name: '账号' }).click();
    await page.locator('#set-company').getByRole('button').click();
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
    agent.signedIn();
    await page.getByText('已登录“华东科技”').waitFor();
    await options(page).first().waitFor();
  });

  it('can be looked at, left, and ended on other devices', async () => {
    const agent = FakeAgent.full();
    agent.signedIn();
    const page = await start(agent);
    await button(page, '设置').click();
    await page.getByRole('tab', { name: '账号' }).click();
    await page.getByText('张三 · zhangsan@huadong.example').waitFor();
    await button(page, '已登录的设备').click();
    await button(page, '让“zhangsan-mbp”退出登录').click();
    await page.getByText('“zhangsan-mbp”已退出登录').waitFor();
    expect(called(agent, 'company.revoke')).toEqual([{ id: 'b' }]);
    expect(await violations(page)).toEqual([]);
    await page.getByText('通讯录：1,234 人').waitFor();
    await page.getByRole('button', { name: '打开网页邮箱' }).click();
    await expect.poll(() => called(agent, 'company.webmail')).toHaveLength(1);
    agent.send({ kind: 'company_changed', company: { ...agent.company!, state: 'left', people: 0 } });
    await page.getByText('公司已停用您的账号').waitFor();
    expect(await page.getByRole('button', { name: '打开网页邮箱' }).count()).toBe(0);
    agent.send({ kind: 'company_changed', company: { ...agent.company!, state: 'ended' } });
    await page.getByText('公司已结束这台电脑的登录').waitFor();
    agent.send({ kind: 'company_changed', company: { ...agent.company!, state: 'away' } });
    await page.getByText('连不上公司的服务器').waitFor();
    await button(page, '退出登录').click();
    await page.getByText('已退出“华东科技”').waitFor();
    await page.locator('#set-company').getByRole('button', { name: '使用企业微信登录' }).waitFor();
  });

  it('has WeCom tell of new mail, as much as the member wants', async () => {
    const agent = FakeAgent.full();
    agent.signedIn();
    const page = await start(agent);
    await button(page, '设置').click();
    await page.getByRole('tab', { name: '账号' }).click();
    const remind = page.getByRole('switch', { name: '在企业微信中提醒' });
    await remind.click();
    await page.getByLabel('卡片上写').selectOption({ label: '只有发件人' });
    await page.getByLabel(/收件箱以外/).check();
    await page.getByLabel(/未读邮件数/).check();
    await until(() => agent.reminders.unread);
    expect(agent.reminders).toMatchObject({ cards: true, words: 'sender', all_folders: true });
    expect(await violations(page)).toEqual([]);
    agent.overrides['company.set_reminders'] = () => {
      throw fault('bridge_away');
    };
    await remind.click();
    await page.locator('#set-reminders').getByRole('alert').waitFor();
    // What the bridge did not hear is not so.
    expect(await remind.getAttribute('aria-checked')).toBe('true');
  });

  it('says why there are no reminders', async () => {
    const agent = FakeAgent.full();
    agent.signedIn();
    agent.reminders.mailbox = null;
    const page = await start(agent);
    await button(page, '设置').click();
    await page.getByRole('tab', { name: '账号' }).click();
    await page.getByText('公司还没有确认您的邮箱地址').waitFor();
    expect(await page.getByRole('switch', { name: '在企业微信中提醒' }).count()).toBe(0);
    agent.send({ kind: 'company_changed', company: { ...agent.company!, state: 'ended' } });
    await page.getByText('请先登录公司').waitFor();
  });
});

describe('an address that nobody has confirmed', () => {
  const WAYS = ['lookup', 'code', 'admin'] as const;
  const OTHER = 'san@huadong.example';

  /** Signed in without an address. */
  async function mailless(agent = withFolders(), member: Partial<Company['member']> = {}): Promise<Page> {
    agent.bridge = 'https://mail.huadong.example/';
    const page = await start(agent);
    await page.locator('.wecom').click();
    await page.getByRole('heading', { name: '在浏览器中登录' }).waitFor();
    agent.signedIn({ address: null, ways: [...WAYS], ...member });
    return page;
  }
  /** On the page with the ways, by the keyboard. */
  async function ways(agent = withFolders(), member: Partial<Company['member']> = {}): Promise<Page> {
    const page = await mailless(agent, member);
    await until(async () => (await focused(page)) === 'mailbox');
    await page.keyboard.type(ADDRESS);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '确认这是您的邮箱' }).waitFor();
    return page;
  }
  /** Goes the n-th way by the keyboard alone. */
  async function go(page: Page, nth: number): Promise<void> {
    for (let i = 0; i < nth; i += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
  }

  it('is confirmed by WeCom, with the keyboard alone', async () => {
    const agent = withFolders();
    const page = await ways(agent);
    expect(await violations(page)).toEqual([]);
    expect(await page.locator('.way b').allInnerTexts()).toEqual([
      '向企业微信核对',
      '用邮件验证码确认',
      '请管理员确认',
    ]);
    await go(page, 1);
    await page.getByText(`已确认 ${ADDRESS} 是您的邮箱`).waitFor();
    await until(async () => (await focused(page)) === 'secret');
    expect(called(agent, 'company.look_address_up')).toEqual([{ address: ADDRESS }]);
  });

  it('that WeCom does not confirm leaves the other ways', async () => {
    const agent = withFolders();
    agent.overrides['company.look_address_up'] = () => {
      throw fault('address_not_confirmed');
    };
    const page = await ways(agent);
    await go(page, 1);
    await page.getByText('企业微信没有确认这个地址是您的').waitFor();
    expect(await page.locator('.way b').allInnerTexts()).toEqual(['用邮件验证码确认', '请管理员确认']);
    expect(await violations(page)).toEqual([]);
    // Another address may be asked for.
    await button(page, '返回').click();
    await page.locator('#mailbox').fill(OTHER);
    await page.keyboard.press('Enter');
    await page.getByText('向企业微信核对').waitFor();
  });

  it('is confirmed by a mailed code; a wrong one can be typed anew, a dead one is mailed anew', async () => {
    const agent = withFolders();
    const page = await ways(agent);
    await go(page, 2);
    await until(async () => (await focused(page)) === 'mailed');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.type('111 111');
    await page.keyboard.press('Enter');
    await page.getByText('请核对邮件里的六位数字').waitFor();
    expect(await page.locator('#mailed').inputValue()).toBe('');
    const redeem = agent.overrides['company.redeem_code'];
    agent.overrides['company.redeem_code'] = () => {
      throw fault('mailed_code_over');
    };
    await page.locator('#mailed').fill('222222');
    await page.keyboard.press('Enter');
    await page.getByText('这个验证码已经失效').waitFor();
    if (redeem) agent.overrides['company.redeem_code'] = redeem;
    else delete agent.overrides['company.redeem_code'];
    await page.locator('.way', { hasText: '用邮件验证码确认' }).click();
    await page.locator('#mailed').fill('246 810');
    await page.keyboard.press('Enter');
    await page.getByText(`已确认 ${ADDRESS} 是您的邮箱`).waitFor();
    await page.locator('#secret').waitFor();
    expect(called(agent, 'company.mail_code')).toHaveLength(2);
  });

  it.each([
    ['mailer_away', '没能发出邮件', true],
    ['too_many_tries', '试的次数太多了', false],
    ['address_taken', '是另一位同事的邮箱', true],
  ] as const)('whose code is not mailed (%s) says why', async (code, words, stays) => {
    const agent = withFolders();
    agent.overrides['company.mail_code'] = () => {
      throw fault(code);
    };
    const page = await ways(agent);
    await page.locator('.way', { hasText: '用邮件验证码确认' }).click();
    await page.getByText(words).waitFor();
    expect(await page.locator('.way', { hasText: '用邮件验证码确认' }).count()).toBe(stays ? 1 : 0);
    await button(page, '不确认，直接登录').click();
    await page.locator('#secret').waitFor();
  });

  it('waits for the admin, and goes on when they say yes', async () => {
    const agent = withFolders();
    const page = await ways(agent);
    await go(page, 3);
    await page.getByRole('heading', { name: '等待管理员确认' }).waitFor();
    await until(async () => (await focused(page)) === 'H1');
    expect(await violations(page)).toEqual([]);
    await button(page, '查看答复').click();
    await page.getByText('管理员还没有答复').waitFor();
    agent.member({ address: ADDRESS, ways: [], request: null });
    await page.getByText(`已确认 ${ADDRESS} 是您的邮箱`).waitFor();
    await page.locator('#secret').waitFor();
  });

  it('that the admin was asked about goes on there at the next sign-in', async () => {
    const page = await mailless(withFolders(), { request: { address: ADDRESS, refused: false } });
    await page.getByRole('heading', { name: '等待管理员确认' }).waitFor();
    await button(page, '先登录').click();
    await page.locator('#secret').waitFor();
  });

  it('that the admin does not confirm says so, and another way is gone', async () => {
    const agent = withFolders();
    const page = await ways(agent, { ways: ['admin'] });
    await page.locator('.way').click();
    await page.getByRole('heading', { name: '等待管理员确认' }).waitFor();
    agent.member({ request: { address: ADDRESS, refused: true } });
    await page.getByRole('heading', { name: '管理员没有确认' }).waitFor();
    await until(async () => (await focused(page)) === 'H1');
    expect(await violations(page)).toEqual([]);
    await button(page, '换一种方式').click();
    await page.getByRole('heading', { name: '确认这是您的邮箱' }).waitFor();
    expect(called(agent, 'company.ask_admin_no_more')).toHaveLength(1);
  });

  it('elsewhere than in the company is none of its business', async () => {
    const page = await mailless();
    await page.locator('#mailbox').fill('zhangsan@example.org');
    await page.keyboard.press('Enter');
    await page.locator('#secret').waitFor();
  });

  it('that was set up by its password is held against WeCom without a word', async () => {
    const agent = withFolders();
    const page = await ways(agent);
    await button(page, '不确认，直接登录').click();
    await page.locator('#secret').fill('abcdefgh');
    await page.keyboard.press('Enter');
    await page.getByText('已添加').waitFor();
    await until(() => called(agent, 'company.look_address_up').length === 1);
    expect(agent.company?.member.address).toBe(ADDRESS);
  });

  it('is confirmed from the settings later, where they say how far it is', async () => {
    const agent = FakeAgent.full();
    agent.signedIn({ address: null, ways: ['code', 'admin'], request: { address: OTHER, refused: false } });
    const page = await start(agent);
    await button(page, '设置').click();
    await page.getByRole('tab', { name: '账号' }).click();
    await page.getByText(`等待管理员确认 ${OTHER}`).waitFor();
    await button(page, '确认邮箱').click();
    await page.getByRole('heading', { name: '等待管理员确认' }).waitFor();
    await button(page, '撤回').click();
    await page.locator('.way', { hasText: '用邮件验证码确认' }).click();
    await page.locator('#mailed').fill('246810');
    await page.keyboard.press('Enter');
    await page.getByText(`已确认 ${OTHER} 是您的邮箱`).waitFor();
  });
});
