//! Pictures of folders, accounts, and what is said above them.

import { causeOf, FakeAgent, fault } from '../agent';
import { changed, type State } from './state';

export const tree: State[] = [
  {
    name: 'folder-menu',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('[data-folder="15"]').click({ button: 'right' });
      await page.getByRole('menu').waitFor();
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
  {
    name: 'small-drawer',
    agent: () => FakeAgent.full(),
    size: { width: 480, height: 720 },
    act: (page) => page.locator('.title button').click(),
  },
];
