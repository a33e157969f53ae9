//! A picture of every state, in both languages and themes: `npm run screens [folder]`.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { CauseCode, Event } from '../src/host/api';
import { account, causeOf, FakeAgent, fault } from './agent';
import { browser, open } from './window';

interface State {
  name: string;
  agent: () => FakeAgent;
  /** What happens before the picture is taken. */
  act?: (page: Page, agent: FakeAgent) => Promise<void>;
  size?: { width: number; height: number };
}

const firstMail = (page: Page) => page.locator('[role=option]').first().click();
async function openedMail(page: Page): Promise<void> {
  await page.getByRole('treeitem').first().click();
  await page.locator('[role=option].new').first().click();
  await page.locator('iframe').waitFor();
  await page.waitForTimeout(700);
}
async function address(page: Page): Promise<void> {
  await page.locator('#address').fill('zhangsan@huadong.example');
  await page.locator('form button').last().click();
}
async function password(page: Page): Promise<void> {
  await address(page);
  await page.locator('#secret').fill('abcdefghijklmnop');
  await page.locator('form button').last().click();
}
function failing(code: CauseCode): FakeAgent {
  const agent = new FakeAgent();
  agent.overrides['accounts.add'] = () => {
    throw fault('account_test', {}, causeOf(code));
  };
  return agent;
}
function changed(change: (agent: FakeAgent) => void): () => FakeAgent {
  return () => {
    const agent = FakeAgent.full();
    change(agent);
    return agent;
  };
}

const STATES: State[] = [
  { name: 'mail', agent: changed((agent) => (agent.blocked = 2)), act: openedMail },
  { name: 'unified', agent: () => FakeAgent.full() },
  {
    name: 'long-words',
    agent: () => FakeAgent.full(),
    size: { width: 1280, height: 1100 },
    act: async (page) => {
      await page.locator('[data-folder="10"]').click();
      await page.locator('[role=option]').nth(9).click();
      await page.locator('iframe').waitFor();
    },
  },
  {
    name: 'many-selected',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await firstMail(page);
      for (let i = 0; i < 3; i += 1) await page.keyboard.press('Shift+ArrowDown');
    },
  },
  {
    name: 'toast',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.keyboard.press('e');
      await page.locator('.toast').waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'head-unfolded',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.locator('button.to').click();
    },
  },
  { name: 'empty-folder', agent: () => FakeAgent.full(), act: (page) => page.locator('[data-folder="17"]').click() },
  {
    name: 'body-failed',
    agent: changed((agent) => (agent.overrides['mail.body'] = () => ({ state: 'failed', error: fault('offline') }))),
    act: async (page) => {
      await firstMail(page);
      await page.locator('.note.bad').waitFor();
    },
  },
  {
    name: 'body-loading',
    agent: changed((agent) => (agent.overrides['mail.body'] = () => ({ state: 'fetching' }))),
    act: async (page) => {
      await firstMail(page);
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'delete-for-ever',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('[data-folder="19"]').click();
      await firstMail(page);
      await page.keyboard.press('Delete');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'folder-menu',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('[data-folder="15"]').click({ button: 'right' });
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'newer-pill',
    agent: () => FakeAgent.full(),
    act: async (page, agent) => {
      await page.locator('[data-folder="10"]').click();
      await page.locator('[role=option]').first().waitFor();
      await page.mouse.move(400, 500);
      await page.mouse.wheel(0, 2500);
      await page.waitForTimeout(300);
      for (let i = 0; i < 3; i += 1) agent.arrive(10, `新 ${i}`);
      await page.locator('.pill').waitFor();
    },
  },
  {
    name: 'sign-in-needed',
    agent: changed((agent) => {
      agent.accounts = agent.accounts.map((each) =>
        each.id === 1 ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } } : each,
      );
    }),
  },
  {
    name: 'offline',
    agent: changed((agent) => {
      agent.accounts = agent.accounts.map((each) => ({
        ...each,
        state: { state: 'offline', cause: causeOf('dns'), retry_at: 0 },
      }));
    }),
  },
  { name: 'paused', agent: changed((agent) => (agent.settings.paused_until = 1_795_420_000)) },
  { name: 'keychain-locked', agent: changed((agent) => (agent.trouble = fault('keychain_locked'))) },
  ...[0, 30, 100].map((share): State => ({
    name: `first-sync-${share}`,
    agent: () => {
      const agent = FakeAgent.full(share * 100, false);
      agent.folders = agent.folders.map((each) =>
        each.id === 10 ? { ...each, total: 10_000, synced: share * 100 } : each,
      );
      return agent;
    },
    act: async (page, agent) => {
      await page.locator('[data-folder="10"]').click();
      const event: Event = { kind: 'sync_progress', account: 1, folder: 10, done: share * 100, total: 10_000 };
      agent.send(event);
      await page.waitForTimeout(500);
    },
  })),
  {
    name: 'troubled',
    agent: () => {
      const agent = new FakeAgent();
      agent.trouble = fault('keychain_absent');
      return agent;
    },
  },
  { name: 'welcome', agent: () => new FakeAgent() },
  {
    name: 'welcome-found',
    agent: () => new FakeAgent(),
    act: async (page) => {
      await address(page);
      await page.locator('#secret').waitFor();
    },
  },
  {
    name: 'welcome-not-found',
    agent: () => {
      const agent = new FakeAgent();
      agent.overrides['accounts.recognise'] = () => ({
        by: 'nothing',
        provider: 'custom',
        candidates: [],
        help_url: null,
      });
      return agent;
    },
    act: async (page) => {
      await address(page);
      await page.locator('#imap-host').waitFor();
    },
  },
  {
    name: 'welcome-oauth',
    agent: () => {
      const agent = new FakeAgent();
      agent.overrides['accounts.recognise'] = ({ address }) => {
        const found = agent.recognised(address);
        return {
          ...found,
          provider: 'office365',
          candidates: found.candidates.map((each) => ({ ...each, provider: 'office365', credential: 'oauth2' })),
        };
      };
      return agent;
    },
    act: address,
  },
  {
    name: 'testing',
    agent: () => {
      const agent = new FakeAgent();
      agent.overrides['accounts.add'] = () => new Promise(() => undefined);
      return agent;
    },
    act: async (page, agent) => {
      await password(page);
      await page.locator('li.now').waitFor();
      agent.send({ kind: 'check_progress', step: 'imap_inbox' });
      await page.waitForTimeout(200);
    },
  },
  ...(['password', 'imap_disabled', 'certificate_unknown', 'tcp', 'proxy_auth'] as const).map((code): State => ({
    name: `failed-${code}`,
    agent: () => failing(code),
    act: async (page) => {
      await password(page);
      await page.getByRole('alert').first().waitFor();
    },
  })),
  {
    name: 'added',
    agent: () => new FakeAgent(),
    act: async (page, agent) => {
      await password(page);
      await page.locator('.bar').waitFor();
      agent.send({ kind: 'sync_progress', account: 1, folder: 10, done: 36, total: 120 });
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'repair',
    agent: changed((agent) => {
      agent.accounts = [
        {
          ...account(1, 'zhangsan@huadong.example', '工作邮箱', '#0b746c'),
          state: { state: 'sign_in_needed', cause: causeOf('password') },
        },
      ];
    }),
    act: (page) => page.locator('.banner button').click(),
  },
  ...(['general', 'telling', 'accounts', 'network'] as const).map((tab, i): State => ({
    name: `settings-${tab}`,
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('.foot button').click();
      await page.getByRole('tab').nth(i).click();
      await page.waitForTimeout(200);
    },
  })),
  { name: 'narrow-list', agent: () => FakeAgent.full(), size: { width: 820, height: 700 } },
  { name: 'narrow-mail', agent: () => FakeAgent.full(), size: { width: 820, height: 700 }, act: openedMail },
  {
    name: 'small-drawer',
    agent: () => FakeAgent.full(),
    size: { width: 480, height: 720 },
    act: (page) => page.locator('.title button').click(),
  },
];

async function picture(
  from: Browser,
  state: State,
  language: 'zh-CN' | 'en',
  theme: 'light' | 'dark',
  folder: string,
): Promise<void> {
  const agent = state.agent();
  agent.settings = { ...agent.settings, language, theme };
  const { page, context, errors } = await open(from, agent, state.size);
  try {
    await page.locator('main, .list').first().waitFor();
    await page.waitForTimeout(250);
    await state.act?.(page, agent);
    await page.waitForTimeout(100);
    await page.screenshot({ path: join(folder, `${state.name}-${language}-${theme}.png`) });
    if (errors.length > 0) throw new Error(errors.join('\n'));
  } finally {
    await context.close();
  }
}

const folder = process.argv[2] ?? join('..', 'target', 'screens');
const only = process.argv[3];
await mkdir(folder, { recursive: true });
const chromium = await browser();
let failed = 0;
for (const state of STATES.filter((each) => !only || each.name.includes(only))) {
  for (const language of ['zh-CN', 'en'] as const) {
    for (const theme of ['light', 'dark'] as const) {
      try {
        await picture(chromium, state, language, theme, folder);
      } catch (error) {
        failed += 1;
        console.error(`${state.name} ${language} ${theme}: ${String(error).slice(0, 600)}`);
      }
    }
  }
}
await chromium.close();
console.log(`pictures in ${folder}, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
