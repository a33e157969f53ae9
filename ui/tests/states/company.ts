//! Pictures of signing in by WeCom.

import type { Page } from 'playwright-core';
import { FakeAgent, fault } from '../agent';
import type { CompanySignIn } from '../../src/host/api';
import { changed, type State } from './state';

function known(): FakeAgent {
  const agent = new FakeAgent();
  agent.bridge = 'https://mail.huadong.example/';
  return agent;
}
async function begin(page: Page): Promise<void> {
  await page.locator('.wecom').click();
}
/** Signing in, come so far; seen by what the page then has. */
const far = (step: Exclude<CompanySignIn['step'], 'failed'>, by: string): State => ({
  name: `company-${step}`,
  agent: known,
  act: async (page, agent) => {
    await begin(page);
    await page.locator('.other').waitFor();
    agent.send({ kind: 'company_sign_in', progress: { step } });
    await page.locator(by).first().waitFor();
  },
});

/** 张三 at a company that fixes some things. */
function managed(): FakeAgent {
  const agent = FakeAgent.full();
  agent.signedIn();
  agent.company = {
    ...agent.company!,
    policy: {
      settings: ['autostart', 'privacy', 'undo_seconds', 'signature', 'ask_outside', 'pictures', 'cache'],
      folders: ['sent', '项目/报价'],
      issued: 1_795_000_000,
    },
  };
  agent.settings.privacy = true;
  agent.settings.writing = { ...agent.settings.writing, ask_outside: true };
  agent.folders = agent.folders.map((each) => (each.id === 12 ? { ...each, followed: true, managed: true } : each));
  agent.blocked = 3;
  return agent;
}
const SMALL = { width: 480, height: 760 };
const settings = (tab: number) => async (page: Page) => {
  await page.keyboard.press('Control+,');
  await page.getByRole('tab').nth(tab).click();
  await page.mouse.move(0, 0);
  await page.waitForTimeout(300);
};
async function ruled(page: Page): Promise<void> {
  await settings(1)(page);
  await page.locator('.who .link[aria-expanded]').last().click();
  await page.locator('.policy').scrollIntoViewIfNeeded();
}

const ADDRESS = 'zhangsan@huadong.example';
/** Proving an address that WeCom does not tell. */
const proving = (
  name: string,
  act: NonNullable<State['act']>,
  change: (agent: FakeAgent) => void = () => undefined,
  size = { width: 640, height: 640 },
): State => ({
  name: `company-proof-${name}`,
  agent: known,
  size,
  act: async (page, agent) => {
    change(agent);
    await begin(page);
    await page.locator('.other').waitFor();
    agent.signedIn({ address: null, ways: ['lookup', 'code', 'admin'] });
    await page.locator('#mailbox').fill(ADDRESS);
    await page.keyboard.press('Enter');
    await page.locator('.way').first().waitFor();
    await act(page, agent);
  },
});
async function mailed(page: Page): Promise<void> {
  await page.locator('.way').nth(1).click();
  await page.locator('#mailed').waitFor();
}
async function asked(page: Page): Promise<void> {
  await page.locator('.way').last().click();
  await page.locator('.buttons .first').waitFor();
}

export const company: State[] = [
  { name: 'managed-overview', agent: managed, act: ruled },
  { name: 'managed-overview-small', agent: managed, size: SMALL, act: ruled },
  { name: 'managed-writing', agent: managed, act: settings(4) },
  { name: 'managed-writing-small', agent: managed, size: SMALL, act: settings(4) },
  { name: 'managed-telling', agent: managed, act: settings(2) },
  { name: 'managed-reading', agent: managed, act: settings(3) },
  {
    name: 'managed-search',
    agent: managed,
    act: async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type('sig');
    },
  },
  {
    name: 'managed-pictures',
    agent: managed,
    act: async (page) => {
      await page.locator('[role=option]').first().click();
      await page.locator('iframe.now').waitFor();
      await page.waitForTimeout(700);
    },
  },
  {
    name: 'managed-folder',
    agent: managed,
    act: async (page) => {
      await page.locator('[data-folder="12"]').getByRole('button').first().click();
      await page.getByRole('menuitemcheckbox').last().waitFor();
    },
  },
  { name: 'company-server', agent: () => new FakeAgent(), act: begin },
  far('waiting', 'li.now'),
  far('scanned', 'ol li.done + li.now'),
  far('confirmed', '#digits'),
  far('refused', '.buttons .first'),
  far('over', '.buttons .first'),
  {
    name: 'company-failed',
    agent: () => {
      const agent = known();
      agent.overrides['company.sign_in'] = () => {
        throw fault('bridge_away');
      };
      return agent;
    },
    act: begin,
  },
  {
    name: 'company-mailbox',
    agent: known,
    size: { width: 640, height: 720 },
    act: async (page, agent) => {
      await begin(page);
      await page.locator('.other').waitFor();
      agent.signedIn({ address: null });
      await page.locator('#mailbox').waitFor();
    },
  },
  proving('ways', async (page) => page.locator('.way').first().waitFor()),
  proving(
    'vain',
    async (page) => {
      await page.locator('.way').first().click();
      await page.locator('p.error').waitFor();
    },
    (agent) => {
      agent.overrides['company.look_address_up'] = () => {
        throw fault('address_not_confirmed');
      };
    },
  ),
  proving('code', mailed),
  proving('code-wrong', async (page) => {
    await mailed(page);
    await page.locator('#mailed').fill('111111');
    await page.keyboard.press('Enter');
    await page.locator('#mailed-error:not(:empty)').waitFor();
  }),
  proving(
    'mailer-away',
    async (page) => {
      await page.locator('.way').nth(1).click();
      await page.locator('p.error').waitFor();
    },
    (agent) => {
      agent.overrides['company.mail_code'] = () => {
        throw fault('mailer_away');
      };
    },
  ),
  proving('asked', asked),
  proving('refused', async (page, agent) => {
    await asked(page);
    agent.member({ request: { address: ADDRESS, refused: true } });
    await page.locator('.buttons button').nth(2).waitFor({ state: 'detached' });
  }),
  proving(
    'narrow',
    async (page) => page.locator('.way').first().waitFor(),
    () => undefined,
    { width: 360, height: 720 },
  ),
  proving('asked-narrow', asked, () => undefined, { width: 360, height: 640 }),
  {
    name: 'settings-company-asked',
    agent: changed((agent) =>
      agent.signedIn({ address: null, ways: ['code', 'admin'], request: { address: ADDRESS, refused: false } }),
    ),
    act: async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('tab').nth(1).click();
      await page.locator('.who .link').first().waitFor();
    },
  },
  {
    name: 'settings-company',
    agent: changed((agent) => agent.signedIn()),
    act: async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('tab').nth(1).click();
      await page.locator('.who .link[aria-expanded]').click();
      await page.locator('.who li').first().waitFor();
    },
  },
  {
    name: 'settings-company-left',
    agent: changed((agent) => agent.signedIn()),
    act: async (page, agent) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('tab').nth(1).click();
      await page.locator('.who .link').first().waitFor();
      agent.send({ kind: 'company_changed', company: { ...agent.company!, state: 'left', people: 0 } });
      await page.locator('.who .left').waitFor();
    },
  },
  {
    name: 'company-account-menu',
    agent: changed((agent) => agent.signedIn()),
    act: async (page) => {
      await page.getByRole('treeitem').filter({ hasText: 'zhangsan' }).first().click({ button: 'right' });
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'settings-reminders',
    agent: changed((agent) => {
      agent.signedIn();
      agent.reminders.cards = true;
    }),
    act: async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('tab').nth(1).click();
      await page.locator('#reminder-words').scrollIntoViewIfNeeded();
    },
  },
];
