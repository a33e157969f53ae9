//! What every test of the window needs: one browser a file, one page a test, and no error in its console.

import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Locator, Page } from 'playwright-core';
import type { FakeAgent } from './agent';
import type { Method, Requests } from '../src/host/api';
import { browser, open, type Opened, type Way } from './window';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** How long anything may take that is waited for, in milliseconds. */
const PATIENCE = 10_000;

export interface House {
  /** Opens the page before this agent. */
  start(agent: FakeAgent, size?: { width: number; height: number }, way?: Way): Promise<Page>;
  /** What was opened last. */
  readonly opened: Opened;
}

/** To be called once at the head of a file of tests. */
export function house(): House {
  let chromium: Browser;
  let opened: Opened | undefined;
  beforeAll(async () => {
    chromium = await browser();
  });
  afterAll(async () => {
    await chromium.close();
  });
  afterEach(async () => {
    const errors = opened?.errors ?? [];
    await opened?.context.close();
    opened = undefined;
    expect(errors).toEqual([]);
  });
  return {
    async start(agent, size, way) {
      opened = await open(chromium, agent, size, way);
      opened.page.setDefaultTimeout(PATIENCE);
      await opened.page.locator('main').first().waitFor();
      return opened.page;
    },
    get opened() {
      if (!opened) throw new Error('nothing is open');
      return opened;
    },
  };
}

/** Waits for a condition. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the mail frames of the page ask for from now on: `/body/7?remote=0&theme=light`. */
export function texts(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/body/')) asked.push(pathname + search);
  });
  return asked;
}

/** How the text that is shown was asked for last; other texts may have been asked for beforehand. */
export async function askedLast(page: Page, asked: readonly string[]): Promise<string> {
  const mail = await page.locator('iframe.now').getAttribute('data-mail');
  return asked.filter((each) => each.startsWith(`/body/${mail}?`)).at(-1) ?? '';
}

/** Rows of the list. */
export const options = (page: Page) => page.getByRole('option');
/** What the agent was asked by a method, call by call. */
export const called = <M extends Method>(agent: FakeAgent, wanted: M): Requests[M]['params'][] =>
  agent.calls.filter(({ method }) => method === wanted).map(({ params }) => params as Requests[M]['params']);
/** What the agent was asked to do with mails. */
export const acts = (agent: FakeAgent) => called(agent, 'mail.act');
/** Goes to the inbox of the first account. */
export async function inbox(page: Page): Promise<void> {
  await page.locator('[data-folder="10"]').click();
  await page.locator('h1', { hasText: '收件箱' }).waitFor();
  await options(page).first().waitFor();
}

/** What axe finds wrong with the page; the sealed frame is not its business. */
export async function violations(page: Page): Promise<string[]> {
  // By the protocol, not by a script element: the page's policy allows none.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run: (
          what: unknown,
          how: unknown,
        ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations: found } = await axe.run(
      { exclude: [['iframe']] },
      { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false },
    );
    return found.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`)
          .join(' | ')}`,
    );
  });
}

/** Takes something up and holds it over a place. */
export async function carry(page: Page, from: Locator, to: Locator): Promise<void> {
  const box = await from.boundingBox();
  await from.hover();
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 30, (box?.y ?? 0) + 12);
  await hold(to);
}
/** A browser tells of a drag's place only when it is the same twice. */
export async function hold(over: Locator): Promise<void> {
  for (let i = 0; i < 3; i += 1) await over.hover();
}
