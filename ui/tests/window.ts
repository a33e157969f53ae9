//! The built page in Chromium, with a fake agent behind it. Nothing leaves the machine: every request is answered here.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type ConsoleMessage,
  type LaunchOptions,
  type Page,
  type WebSocketRoute,
} from 'playwright-core';
import type { Method } from '../src/host/api';
import { isApiError } from '../src/host/host';
import type { FakeAgent } from './agent';
import { BODY, NOW } from './mails';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
/** The policy of tauri.conf.json, as far as a browser can hold it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'";

export async function browser({ args = [], ...more }: LaunchOptions = {}): Promise<Browser> {
  const path =
    process.env.CHROMIUM ??
    ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!path) throw new Error('no chromium: install it, or name it in CHROMIUM');
  const always = ['--no-sandbox', '--font-render-hinting=none'];
  return chromium.launch({ executablePath: path, args: [...always, ...args], ...more });
}

/** Notes what a page complains of in `errors`; `known`: what a test brings about itself. */
export function listen(page: Page, errors: string[], known: (message: ConsoleMessage) => boolean = () => false): void {
  page.on('console', (message) => {
    // The test driver's own script is kept out of the sealed frame too, as it should be.
    const ours = message.text().startsWith('Blocked script execution in');
    if (message.type() === 'error' && !ours && !known(message)) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
}

export interface Opened {
  page: Page;
  context: BrowserContext;
  /** Errors of the page's console; a test wants none. */
  errors: string[];
  /** Breaks the line to the agent; gives a way to let it come back. */
  cut: () => () => void;
}

/** What a window is opened with, besides what a browser can be told. */
export interface Way extends BrowserContextOptions {
  /** Such as `?mailto=…`. */
  query?: string;
  /** What the page is told of the computer, such as `MacIntel`. */
  platform?: string;
  /** Time is the real one, as for measuring. */
  running?: boolean;
}

export async function open(
  from: Browser,
  agent: FakeAgent,
  size = { width: 1280, height: 800 },
  { query = '', platform, running = false, ...more }: Way = {},
): Promise<Opened> {
  const context = await from.newContext({
    viewport: size,
    timezoneId: 'Asia/Shanghai',
    locale: 'zh-CN',
    reducedMotion: 'reduce',
    ...more,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  listen(page, errors);
  if (!running) await page.clock.setFixedTime(NOW);
  // The real window freezes it (tauri.conf.json, freezePrototype).
  await page.addInitScript('Object.freeze(Object.prototype)');
  if (platform)
    await page.addInitScript(`Object.defineProperty(navigator, 'platform', { value: ${JSON.stringify(platform)} })`);
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.pathname.startsWith('/body/') || url.pathname.startsWith('/quote/')) {
      const dark = url.searchParams.get('theme') === 'dark';
      const body = BODY.replace('BG', dark ? '#181e1d' : '#fff').replace('INK', dark ? '#e8eeec' : '#16211f');
      return route.fulfill({ contentType: 'text/html', body });
    }
    const file = join(DIST, url.pathname === '/' ? 'index.html' : url.pathname);
    if (!file.startsWith(DIST) || !existsSync(file)) return route.fulfill({ status: 404, body: '' });
    const headers = { 'content-security-policy': POLICY };
    return route.fulfill({
      contentType: TYPES[extname(file)] ?? 'application/octet-stream',
      headers,
      body: await readFile(file),
    });
  });
  let line: WebSocketRoute | undefined;
  let dead = false;
  await page.routeWebSocket('**/api', (socket) => {
    if (dead) return void socket.close();
    line = socket;
    agent.send = (event) => socket.send(JSON.stringify({ at: 1, event }));
    socket.send(JSON.stringify({ hello: 'qiyou', protocol: 1, version: '0.1.0', pid: 1, role: 'agent' }));
    socket.onMessage((text) => {
      const message = JSON.parse(String(text)) as { id?: number; method?: Method; params?: unknown };
      if (message.id === undefined || !message.method) return;
      const { id, method, params } = message;
      agent.answer(method, params).then(
        (ok) => socket.send(JSON.stringify({ id, ok })),
        (error: unknown) => {
          if (!isApiError(error)) errors.push(`fake agent: ${String(error)}`);
          socket.send(
            JSON.stringify({
              id,
              err: isApiError(error) ? error : { code: 'internal', args: { detail: String(error) }, cause: null },
            }),
          );
        },
      );
    });
  });
  await page.goto(`http://127.0.0.1:9/${query}`);
  const cut = () => {
    dead = true;
    void line?.close();
    return () => (dead = false);
  };
  return { page, context, errors, cut };
}
