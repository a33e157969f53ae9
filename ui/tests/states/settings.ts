//! Pictures of the settings.

import type { Page } from 'playwright-core';
import type { Doctor } from '../../src/host/api';
import { causeOf, FakeAgent, fault } from '../agent';
import { folder } from '../mails';
import { type State } from './state';

const PAGES = [
  'general',
  'accounts',
  'telling',
  'reading',
  'appearance',
  'shortcuts',
  'storage',
  'network',
  'about',
] as const;
const LANGUAGES = ['zh-CN', 'zh-TW', 'en'] as const;
const SMALL = { width: 620, height: 760 };

async function open(page: Page): Promise<void> {
  await page.locator('.foot button').click();
  await page.getByRole('dialog').waitFor();
}
const go = (at: (typeof PAGES)[number]) => async (page: Page) => {
  await open(page);
  await page.getByRole('tab').nth(PAGES.indexOf(at)).click();
  await page.mouse.move(0, 0);
  await page.waitForTimeout(200);
};
async function sheet(page: Page): Promise<void> {
  await go('accounts')(page);
  await page.locator('[data-account="1"] .open').click();
  await page.mouse.move(0, 0);
}
function rich(): FakeAgent {
  const agent = FakeAgent.full();
  agent.settings = {
    ...agent.settings,
    vips: ['wangwu@huadong.example', 'zhaoliu@caiwu.huadong.example'],
    pictures_from: ['@news.huadong.example', 'lisi@huadong.example'],
    quiet: { from: 22 * 60, to: 8 * 60, weekends: true },
  };
  return agent;
}
/** The window is small, and so the rail is a drawer. */
async function small(page: Page): Promise<void> {
  await page.locator('.title button').click();
}

export const settings: State[] = [
  ...PAGES.map((at): State => ({ name: `settings-${at}`, languages: LANGUAGES, agent: rich, act: go(at) })),
  ...PAGES.map((at): State => ({
    name: `settings-small-${at}`,
    languages: LANGUAGES,
    agent: rich,
    size: SMALL,
    act: async (page) => {
      await small(page);
      await go(at)(page);
    },
  })),
  {
    name: 'settings-tiny',
    agent: rich,
    size: { width: 460, height: 720 },
    act: async (page) => {
      await small(page);
      await go('telling')(page);
    },
  },
  {
    name: 'settings-search',
    languages: LANGUAGES,
    agent: rich,
    act: async (page) => {
      await open(page);
      await page.keyboard.type('proxy');
    },
  },
  {
    name: 'settings-search-point',
    agent: rich,
    act: async (page) => {
      await open(page);
      await page.keyboard.type('vip');
      await page.keyboard.press('Enter');
    },
  },
  {
    name: 'settings-search-nothing',
    agent: rich,
    act: async (page) => {
      await open(page);
      await page.keyboard.type('qwerty');
    },
  },
  { name: 'settings-account', languages: LANGUAGES, agent: rich, act: sheet },
  {
    name: 'settings-account-small',
    agent: rich,
    size: SMALL,
    act: async (page) => {
      await small(page);
      await sheet(page);
    },
  },
  {
    name: 'settings-account-testing',
    agent: () => {
      const agent = rich();
      agent.overrides['accounts.check'] = () => new Promise(() => undefined);
      return agent;
    },
    act: async (page, agent) => {
      await sheet(page);
      await page.locator('#set-account_test button').click();
      agent.send({ kind: 'check_progress', step: 'imap_inbox' });
      await page.locator('.report').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'settings-account-good',
    agent: rich,
    act: async (page) => {
      await sheet(page);
      await page.locator('#set-account_test button').click();
      await page.locator('.report .good').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'settings-account-failed',
    agent: () => {
      const agent = rich();
      agent.overrides['accounts.check'] = () => ({
        failure: causeOf('password'),
        inbox_messages: null,
        settings: agent.accounts[0]!.settings,
      });
      return agent;
    },
    act: async (page) => {
      await sheet(page);
      await page.locator('#set-account_test button').click();
      await page.locator('.ways').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'settings-account-remove',
    agent: rich,
    act: async (page) => {
      await sheet(page);
      await page.locator('#set-account_remove button').click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'settings-accounts-states',
    agent: () => {
      const agent = rich();
      agent.accounts = [
        ...agent.accounts.map((each) =>
          each.id === 2
            ? { ...each, state: { state: 'sign_in_needed' as const, cause: causeOf('authorization_code') } }
            : each,
        ),
        {
          ...agent.accounts[0]!,
          id: 3,
          name: '上海分公司采购与供应链协同服务共享邮箱（只读）',
          address: 'caigou.gongyinglian.gongxiang@shanghai.huadong-keji.example',
          color: '#3f6db0',
          position: 3,
          state: { state: 'offline' as const, cause: causeOf('tcp'), retry_at: 1_795_411_000 },
        },
      ];
      return agent;
    },
    act: go('accounts'),
  },
  {
    name: 'settings-telling-folders',
    agent: () => {
      const agent = rich();
      agent.accounts = agent.accounts.map((each) => (each.id === 2 ? { ...each, telling: 'count' as const } : each));
      return agent;
    },
    act: async (page) => {
      await go('telling')(page);
      await page.locator('#set-folder_rules').scrollIntoViewIfNeeded();
      await page.locator('.rules').evaluate((node) => node.scrollTo(0, 60));
    },
  },
  {
    name: 'settings-telling-many-folders',
    agent: () => {
      const agent = rich();
      agent.folders = [
        ...agent.folders,
        ...Array.from({ length: 1000 }, (_, i) => folder(1000 + i, 1, `项目 ${i}`, 'none')),
      ];
      return agent;
    },
    act: async (page) => {
      await go('telling')(page);
      await page.locator('#rules-search').fill('项目 49');
    },
  },
  {
    name: 'settings-telling-paused',
    agent: () => {
      const agent = rich();
      agent.settings.paused_until = 1_795_420_000;
      agent.settings.bubbles = false;
      return agent;
    },
    act: go('telling'),
  },
  {
    name: 'settings-refused',
    agent: () => {
      const agent = rich();
      agent.overrides['settings.set'] = () => {
        throw fault('disk_full');
      };
      return agent;
    },
    act: async (page) => {
      await open(page);
      await page.getByRole('switch').first().click();
    },
  },
  {
    name: 'settings-reading-empty',
    agent: () => FakeAgent.full(),
    act: go('reading'),
  },
  {
    name: 'settings-storage-loading',
    agent: () => {
      const agent = rich();
      agent.overrides.storage = () => new Promise(() => undefined);
      return agent;
    },
    act: go('storage'),
  },
  {
    name: 'settings-storage-failed',
    agent: () => {
      const agent = rich();
      agent.overrides.storage = () => {
        throw fault('store_damaged');
      };
      return agent;
    },
    act: go('storage'),
  },
  {
    name: 'settings-storage-clear',
    agent: rich,
    act: async (page) => {
      await go('storage')(page);
      await page.locator('#set-clear button').click();
    },
  },
  {
    name: 'settings-network-own',
    agent: rich,
    act: async (page) => {
      await go('network')(page);
      await page.getByRole('radio').nth(2).click();
      await page.locator('#proxy-host').fill('pro xy');
      await page.locator('#proxy-port').fill('99999');
      await page.locator('#proxy-host').focus();
    },
  },
  {
    name: 'settings-network-tested',
    agent: () => {
      const agent = rich();
      agent.overrides['accounts.check'] = ({ account: id }) => ({
        failure: id === 2 ? causeOf('proxy') : null,
        inbox_messages: id === 1 ? 8204 : null,
        settings: agent.accounts[0]!.settings,
      });
      return agent;
    },
    act: async (page) => {
      await go('network')(page);
      await page.locator('#set-network_test button').click();
      await page.locator('.why').waitFor();
    },
  },
  {
    name: 'settings-about-doctor',
    agent: () => {
      const agent = rich();
      agent.accounts = agent.accounts.map((each) =>
        each.id === 2 ? { ...each, state: { state: 'offline' as const, cause: causeOf('tcp'), retry_at: 0 } } : each,
      );
      agent.overrides.doctor = (): Doctor => ({
        findings: [
          { code: 'store_whole', level: 'good', args: {} },
          { code: 'bodies_size', level: 'good', args: { mib: '870' } },
          { code: 'operations_wait', level: 'note', args: { count: '3' } },
          { code: 'account_connected', level: 'good', args: { address: 'zhangsan@huadong.example', watch: 'notify' } },
          { code: 'account_failed', level: 'bad', args: { address: 'lisi@huadong.example', detail: 'Tcp: refused' } },
          { code: 'tray_absent', level: 'note', args: {} },
        ],
      });
      return agent;
    },
    act: async (page) => {
      await go('about')(page);
      await page.locator('#set-doctor button').click();
      await page.locator('.found').waitFor();
    },
  },
  {
    name: 'settings-licences',
    agent: rich,
    act: async (page) => {
      await go('about')(page);
      await page.locator('#set-licences button').click();
      await page.locator('.sheet li button').nth(3).click();
    },
  },
];
