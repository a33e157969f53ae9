//! How quick the list is: `npm run bench` (on a quiet machine). Every figure stands beside what it should be.
//!
//! The agent is one in memory behind the test driver's socket: its answers take a few milliseconds, as a real one's do.

import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { FakeAgent } from '../agent';
import { LongFolder } from '../long';
import { browser, open } from '../window';
import { METER, percentile, say, sum, sayFrames, traced, type Meter } from './figures';

const SWITCHES = 40;
const KEYS = 120;
const MAILS = 60;
const ARRIVALS = Number(process.env.BENCH_ARRIVALS ?? 1000);

async function window(from: Browser, rows: number) {
  const agent = FakeAgent.full(0, false);
  const folders = [10, 14, 17].map((id) => new LongFolder(agent, id, rows));
  const opened = await open(from, agent, { width: 1280, height: 800 }, { running: true });
  await opened.page.evaluate(METER);
  await opened.page.locator('[data-folder="10"]').click();
  await opened.page.locator('.mail[data-index]').first().waitFor();
  return { agent, folders, ...opened };
}
const meter = <T>(page: Page, what: (meter: Meter) => T) =>
  page.evaluate(`(${String(what)})(globalThis.meter)`) as Promise<T>;

async function switches(page: Page): Promise<number[]> {
  for (let i = 0; i < SWITCHES; i += 1) {
    const folder = [14, 17, 10][i % 3] ?? 10;
    await page.evaluate((id) => {
      const { meter: each } = globalThis as unknown as { meter: Meter };
      each.until('click', () => {
        const first = document.querySelector('.mail[data-index]');
        return first !== null && Math.floor(Number(first.id.slice(5)) / 10_000_000) === id;
      });
    }, folder);
    const place = await page.locator(`[data-folder="${folder}"]`).boundingBox();
    if (place) await page.mouse.click(place.x + 60, place.y + place.height / 2);
    await page.waitForFunction((n) => (globalThis as unknown as { meter: Meter }).meter.spans.length > n, i);
  }
  return meter(page, (each) => each.spans.splice(0));
}

async function keys(page: Page): Promise<number[]> {
  await page.locator('.mail[data-index]').first().click();
  for (let i = 0; i < KEYS; i += 1) {
    await page.evaluate(() => {
      const { meter: each } = globalThis as unknown as { meter: Meter };
      const before = document.querySelector('.mail.cursor')?.id;
      each.until('keydown', () => document.querySelector('.mail.cursor')?.id !== before);
    });
    await page.keyboard.press('j');
    await page.waitForFunction((n) => (globalThis as unknown as { meter: Meter }).meter.spans.length > n, i);
  }
  return meter(page, (each) => each.spans.splice(0));
}

/** Clicks mails by turns until each stands in the pane, its text in the frame. */
async function mails(page: Page): Promise<number[]> {
  const text = await readFile(new URL('./mail.html', import.meta.url), 'utf8');
  await page.route('**/body/*', (route) => {
    const mail = new URL(route.request().url()).pathname.split('/')[2];
    return route.fulfill({ contentType: 'text/html', body: text.replaceAll('NUMBER', `${mail}`) });
  });
  for (let i = 0; i < MAILS; i += 1) {
    const row = page.locator('.mail[data-index]').nth(1 + (i % 5));
    const id = (await row.getAttribute('id'))?.slice(5) ?? '';
    await page.evaluate((mail) => {
      const { meter: each } = globalThis as unknown as { meter: Meter };
      each.until('click', () => {
        const frame = document.querySelector<HTMLIFrameElement>('iframe.now');
        return frame?.checkVisibility({ visibilityProperty: true }) === true
          ? frame.contentDocument?.getElementById(`mail-${mail}`) !== null
          : false;
      });
    }, id);
    await row.click();
    await page.waitForFunction((n) => (globalThis as unknown as { meter: Meter }).meter.spans.length > n, i);
  }
  return meter(page, (each) => each.spans.splice(0));
}

/** Turns the wheel at many places of the list. */
async function wheel(page: Page): Promise<void> {
  await page.mouse.move(400, 400);
  for (let place = 0; place < 10; place += 1) {
    await page.evaluate((share) => {
      const list = document.querySelector('[data-keys=list]') as HTMLElement;
      list.scrollTop = (list.scrollHeight - list.clientHeight) * share;
    }, place / 10);
    for (let i = 0; i < 60; i += 1) await page.mouse.wheel(0, 60 + (i % 6) * 120);
  }
}

/** Drags the thumb from one end to the other and back, slowly enough for a frame at each step. */
async function thumb(page: Page): Promise<void> {
  const list = await page.locator('[data-keys=list]').boundingBox();
  if (!list) return;
  const x = list.x + list.width - 7;
  // By the key, as right after the wheel a script's jump would pass for the wheel's; turns that are still on their way
  // go over it.
  const top = () => page.evaluate(() => (document.querySelector('[data-keys=list]') as HTMLElement).scrollTop);
  await page.locator('[data-keys=list]').focus();
  for (let tries = 0; tries < 100 && (await top()) > 0; tries += 1) await page.keyboard.press('Home');
  // Below the arrow that some systems have at the end of the bar.
  await page.mouse.move(x, list.y + 17);
  await page.mouse.down();
  await page.mouse.move(x, list.y + list.height - 10, { steps: 250 });
  await page.locator('.mail[data-index]', { hasText: /#(199|499)999/ }).waitFor();
  await page.mouse.move(x, list.y + 17, { steps: 250 });
  await page.mouse.up();
}

async function arrivals(page: Page, agent: FakeAgent, folder: LongFolder, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    folder.arrive(`新邮件 ${i}`);
    const changed = agent.folders.find(({ id }) => id === folder.folder);
    if (changed) {
      const now = { ...changed, total: folder.total, synced: folder.total, unread: folder.came.length };
      agent.send({ kind: 'folders_changed', account: now.account, folders: [now], removed: [] });
    }
    await page.waitForTimeout(60_000 / 1000);
  }
}

async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1_048_576;
}

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
// Without the wait for the screen's next turn, which is the screen's and not the page's.
const unthrottled = await browser({ args: ['--disable-frame-rate-limit', '--disable-gpu-vsync'] });
for (const rows of [200_000, 500_000]) {
  const name = rows.toLocaleString('en');
  const { page, context, errors } = await window(unthrottled, rows);
  let switching: number[] = [];
  const switched = await traced(unthrottled, page, async () => void (switching = await switches(page)));
  say(`${name} rows: folder switch to painted list, p50`, percentile(switching, 0.5), 'ms');
  say(`${name} rows: folder switch to painted list, p95`, percentile(switching, 0.95), 'ms', 50);
  say(`${name} rows: the page's work for a folder switch`, sum(switched.work) / SWITCHES, 'ms');
  let pressing: number[] = [];
  const { work } = await traced(unthrottled, page, async () => void (pressing = await keys(page)));
  say(`${name} rows: key to moved selection, p50`, percentile(pressing, 0.5), 'ms', 16);
  say(`${name} rows: key to moved selection, p95`, percentile(pressing, 0.95), 'ms', 16);
  say(`${name} rows: the page's work for a key and its mail`, sum(work) / KEYS, 'ms');
  let opening: number[] = [];
  const opened = await traced(unthrottled, page, async () => void (opening = await mails(page)));
  say(`${name} rows: click to drawn mail, p50`, percentile(opening, 0.5), 'ms');
  say(`${name} rows: click to drawn mail, p95`, percentile(opening, 0.95), 'ms', 50);
  say(`${name} rows: the page's work for a mail`, sum(opened.work) / MAILS, 'ms');
  say(`${name} rows: JavaScript heap`, await heap(page), 'MiB');
  if (errors.length > 0) console.log(errors);
  await context.close();
}
await unthrottled.close();

const plain = await browser({ ignoreDefaultArgs: ['--hide-scrollbars'] });
for (const rows of [200_000, 500_000]) {
  const name = rows.toLocaleString('en');
  const { page, context, agent, folders, errors } = await window(plain, rows);
  for (const [what, move] of [
    // What the machine makes late by itself.
    ['nothing', () => page.waitForTimeout(5000)],
    ['wheel', wheel],
    ['thumb', thumb],
  ] as const) {
    await meter(page, (each) => each.run());
    const tasks = await traced(plain, page, () => move(page));
    sayFrames(
      `${name} rows: ${what}`,
      await meter(page, (each) => each.stop()),
      tasks,
      what === 'nothing' ? {} : { late: 1 },
    );
    if (what === 'thumb') {
      const top = await page.evaluate(() => (document.querySelector('[data-keys=list]') as HTMLElement).scrollTop);
      say(`${name} rows: thumb came back to`, top, 'px');
    }
  }
  const [first] = folders;
  if (first) {
    for (const [what, share] of [
      ['reading in the middle', 0.4],
      ['reading at the top', 0],
    ] as const) {
      await page.evaluate((part) => {
        const list = document.querySelector('[data-keys=list]') as HTMLElement;
        list.scrollTop = (list.scrollHeight - list.clientHeight) * part;
      }, share);
      await page.waitForTimeout(500);
      await page.locator('.mail[data-index]').nth(8).click();
      await page.waitForTimeout(1000);
      await meter(page, (each) => each.run());
      const tasks = await traced(plain, page, () => arrivals(page, agent, first, ARRIVALS / 2));
      sayFrames(`${name} rows: 1,000 arrivals a minute, ${what}`, await meter(page, (each) => each.stop()), tasks, {
        worst: 100,
      });
    }
  }
  say(`${name} rows: JavaScript heap after all that`, await heap(page), 'MiB');
  if (errors.length > 0) console.log(errors);
  await context.close();
}
await plain.close();
