//! Pictures of the first start.

import type { CauseCode, Event } from '../../src/host/api';
import { account, causeOf, FakeAgent, fault } from '../agent';
import { address, password, failing, changed, type State } from './state';

const CODES: CauseCode[] = [
  'dns',
  'tcp',
  'timeout',
  'proxy',
  'proxy_auth',
  'tls',
  'certificate_expired',
  'certificate_unknown',
  'certificate_name',
  'certificate_other',
  'plaintext_forbidden',
  'password',
  'authorization_code',
  'oauth_expired',
  'imap_disabled',
  'unsafe_login',
  'too_many_connections',
  'smtp_refused',
  'keychain',
  'secret_missing',
  'server_said',
  'disconnected',
];

export const welcome: State[] = [
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
    name: 'welcome-servers',
    agent: () => new FakeAgent(),
    size: { width: 900, height: 900 },
    act: async (page) => {
      await address(page);
      await page.locator('.servers').click();
      await page.locator('#imap-host').waitFor();
    },
  },
  {
    name: 'welcome-code',
    agent: () => {
      const agent = new FakeAgent();
      agent.overrides['accounts.recognise'] = ({ address }) => {
        const found = agent.recognised(address);
        return {
          ...found,
          candidates: found.candidates.map((each) => ({
            ...each,
            provider: 'netease_163',
            credential: 'authorization_code',
          })),
        };
      };
      return agent;
    },
    size: { width: 620, height: 800 },
    act: async (page) => {
      await address(page);
      await page.locator('#secret').fill('abcdefgh');
      await page.locator('.secret .icon').click();
      await page.locator('#secret').focus();
    },
  },
  { name: 'welcome-small', agent: () => new FakeAgent(), size: { width: 420, height: 640 } },
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
      await page.locator('li.now').last().waitFor();
      agent.send({ kind: 'check_progress', step: 'imap_inbox' });
      await page.waitForTimeout(200);
    },
  },
  ...CODES.map((code): State => ({
    name: `failed-${code}`,
    agent: () => failing(code),
    act: async (page) => {
      await password(page);
      await page.getByRole('alert').first().waitFor();
    },
  })),
  {
    name: 'failed-details',
    agent: () => failing('certificate_other'),
    act: async (page) => {
      await password(page);
      await page.locator('summary').click();
    },
  },
  {
    name: 'failed-exists',
    agent: () => {
      const agent = new FakeAgent();
      agent.overrides['accounts.add'] = () => {
        throw fault('account_exists', { address: 'zhangsan@huadong.example' });
      };
      return agent;
    },
    act: async (page) => {
      await password(page);
      await page.getByRole('alert').first().waitFor();
    },
  },
  ...([0, 36, 120] as const).map((done): State => ({
    name: `added-${done}`,
    agent: () => {
      const agent = new FakeAgent();
      agent.settings = { ...agent.settings, quiet: { from: 1320, to: 480, weekends: false } };
      agent.overrides['accounts.add'] = () => {
        const added = account(1, 'zhangsan@huadong.example', '张三', '#0b746c');
        agent.accounts = [added];
        agent.folders = FakeAgent.full(120, false).folders.map((each) =>
          each.id === 10 ? { ...each, synced: done } : each.id === 17 ? { ...each, telling: 'silent' } : each,
        );
        agent.send({ kind: 'account_changed', account: added });
        agent.send({ kind: 'folders_changed', account: 1, folders: agent.folders, removed: [] });
        return added;
      };
      return agent;
    },
    size: done === 36 ? { width: 620, height: 800 } : { width: 1280, height: 900 },
    act: async (page) => {
      await password(page);
      await page.getByRole('checkbox').first().waitFor();
      await page.waitForTimeout(200);
    },
  })),
  {
    name: 'added-waits',
    agent: () => {
      const agent = new FakeAgent();
      agent.overrides['accounts.add'] = () => {
        const added = account(1, 'zhangsan@huadong.example', '张三', '#0b746c');
        agent.accounts = [added];
        agent.send({ kind: 'account_changed', account: added });
        return added;
      };
      return agent;
    },
    act: async (page) => {
      await password(page);
      await page.getByRole('heading').first().waitFor();
      await page.waitForTimeout(400);
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
];
