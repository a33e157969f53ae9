//! Pictures of reading a mail.

import { FakeAgent, fault } from '../agent';
import { firstMail, openedMail, changed, type State } from './state';

export const reading: State[] = [
  { name: 'mail', agent: changed((agent) => (agent.blocked = 2)), act: openedMail },
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
    name: 'head-unfolded',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.locator('button.to').click();
    },
  },
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
  { name: 'narrow-mail', agent: () => FakeAgent.full(), size: { width: 820, height: 700 }, act: openedMail },
];
