//! Pictures of the list.

import { FakeAgent } from '../agent';
import { firstMail, openedMail, type State } from './state';

export const list: State[] = [
  { name: 'unified', agent: () => FakeAgent.full() },
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
  { name: 'empty-folder', agent: () => FakeAgent.full(), act: (page) => page.locator('[data-folder="17"]').click() },
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
  { name: 'narrow-list', agent: () => FakeAgent.full(), size: { width: 820, height: 700 } },
];
