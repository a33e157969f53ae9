//! Pictures of the settings.

import { FakeAgent } from '../agent';
import { type State } from './state';

export const settings: State[] = [
  ...(['general', 'telling', 'accounts', 'network'] as const).map((tab, i): State => ({
    name: `settings-${tab}`,
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('.foot button').click();
      await page.getByRole('tab').nth(i).click();
      await page.waitForTimeout(200);
    },
  })),
];
