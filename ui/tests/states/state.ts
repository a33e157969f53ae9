//! What a picture needs: an agent, and what a person does before it is taken.

import type { Page } from 'playwright-core';
import type { CauseCode } from '../../src/host/api';
import { causeOf, FakeAgent, fault } from '../agent';

export interface State {
  name: string;
  agent: () => FakeAgent;
  /** What happens before the picture is taken. */
  act?: (page: Page, agent: FakeAgent) => Promise<void>;
  size?: { width: number; height: number };
  /** Languages in which it is to be seen; Chinese and English unless said otherwise. */
  languages?: readonly ('zh-CN' | 'zh-TW' | 'en')[];
  /** What the page is opened with, such as `?mailto=…`. */
  query?: string;
}

export const firstMail = (page: Page) => page.locator('[role=option]').first().click();
export async function openedMail(page: Page): Promise<void> {
  await page.locator('[data-folder="10"]').click();
  await page.locator('[role=option].new').first().click();
  await page.locator('iframe.now').waitFor();
  await page.waitForTimeout(700);
}
export async function address(page: Page): Promise<void> {
  await page.locator('#address').fill('zhangsan@huadong.example');
  await page.locator('form button').last().click();
}
export async function password(page: Page): Promise<void> {
  await address(page);
  await page.locator('#secret').fill('abcdefghijklmnop');
  await page.locator('form button').last().click();
}
export function failing(code: CauseCode): FakeAgent {
  const agent = new FakeAgent();
  agent.overrides['accounts.add'] = () => {
    throw fault('account_test', {}, causeOf(code));
  };
  return agent;
}
export function changed(change: (agent: FakeAgent) => void): () => FakeAgent {
  return () => {
    const agent = FakeAgent.full();
    change(agent);
    return agent;
  };
}
