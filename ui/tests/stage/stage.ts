//! A sandbox for tests: mail server, agent and `qiyou-devserver`, all real, and the page in Chromium before them.
//!
//! What may be said to it stands in `tests/src/stage.rs`. Nothing leaves the machine.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { browser, listen } from '../window';

/** How long anything may take that is waited for, in milliseconds. */
const PATIENCE = 20_000;

function program(): string {
  const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../../target', import.meta.url));
  const found = join(target, 'debug', 'qiyou-devserver');
  if (!existsSync(found)) throw new Error(`no ${found}: cargo xtask test builds it`);
  return found;
}

class Sandbox {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor() {
    this.#child = spawn(program(), ['--stage']);
    this.#child.stderr.on('data', (data) => (this.#errors = (this.#errors + String(data)).slice(-4000)));
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`the sandbox ended: ${this.#errors}`);
    return value;
  }

  /** Says something; the rest of the answer's line. */
  async say(command: string): Promise<string> {
    this.#child.stdin.write(`${command}\n`);
    const answer = await this.line();
    if (!answer.startsWith('ok ')) throw new Error(`${command}: ${answer}`);
    return answer.slice(3);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await ended;
  }
}

export interface Stage {
  /** A fresh page; the sandbox is the same for all tests of a file. */
  open(size?: { width: number; height: number }): Promise<Page>;
  /** See `tests/src/stage.rs`. */
  say(command: string): Promise<string>;
  /** A page that is not the app's, in a browser of its own that calls itself so. */
  visit(url: string, userAgent?: string): Promise<Page>;
  readonly context: BrowserContext;
}

/** To be called once at the head of a file of tests; `ready`: both accounts are there with all their mail. */
export function stage(ready: boolean): Stage {
  let chromium: Browser;
  let sandbox: Sandbox;
  let address = '';
  let context: BrowserContext | undefined;
  const others: BrowserContext[] = [];
  const errors: string[] = [];
  beforeAll(async () => {
    chromium = await browser();
    sandbox = new Sandbox();
    address = await sandbox.line();
    if (ready) await sandbox.say('move in');
  }, 120_000);
  afterAll(async () => {
    await chromium.close();
    await sandbox.end();
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
    await Promise.all(others.splice(0).map((other) => other.close()));
    expect(errors.splice(0)).toEqual([]);
  });
  return {
    async open(size = { width: 1280, height: 800 }) {
      context = await chromium.newContext({ viewport: size, locale: 'zh-CN', reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      // A dead line is what some tests are about, and a plain browser asks for an icon that the window has not.
      const dead = /WebSocket connection|ERR_CONNECTION|status of 50[23]/;
      listen(page, errors, (said) => dead.test(said.text()) || said.location().url.endsWith('/favicon.ico'));
      await page.goto(address);
      await page.locator('main').first().waitFor();
      return page;
    },
    say: (command) => sandbox.say(command),
    async visit(url, userAgent) {
      const other = await chromium.newContext({ locale: 'zh-CN', ...(userAgent ? { userAgent } : {}) });
      others.push(other);
      const page = await other.newPage();
      page.setDefaultTimeout(PATIENCE);
      // A page that goes on to a program's address is never done.
      await page.goto(url, { waitUntil: 'commit' });
      return page;
    },
    get context() {
      if (!context) throw new Error('nothing is open');
      return context;
    },
  };
}

/** Rows of the list. */
export const rows = (page: Page) => page.getByRole('option');

/** A line of the rail by how its name begins; of two accounts the first one's. */
export const line = (page: Page, name: string) => page.getByRole('treeitem', { name: new RegExp(`^${name}`) }).first();

/** Goes to a folder of the rail. */
export async function folder(page: Page, name: string): Promise<void> {
  await line(page, name).click();
  await page.locator('h1', { hasText: new RegExp(`^${name}$`) }).waitFor();
}
