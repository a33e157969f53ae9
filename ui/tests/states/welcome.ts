//! Pictures of the first start.

import type { Event } from '../../src/host/api';
import { account, causeOf, FakeAgent, fault } from '../agent';
import { address, password, failing, changed, type State } from './state';

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
];
