//! How quick writing is: from "reply" to the caret, and a key under a long quote. The second half of `npm run bench`.

import { FakeAgent } from '../agent';
import { browser, open } from '../window';
import { METER, percentile, say, type Meter } from './figures';

const REPLIES = 30;
const KEYS = 150;

const chromium = await browser();
const agent = FakeAgent.full(200, false);
const { page } = await open(chromium, agent, { width: 1280, height: 800 }, { running: true });
await page.evaluate(METER);
await page.locator('.mail[data-index]').first().click();
await page.locator('iframe.now').waitFor();

const carets: number[] = [];
for (let i = 0; i < REPLIES; i += 1) {
  await page.evaluate(() => {
    const { meter } = globalThis as unknown as { meter: Meter };
    meter.until('keydown', () => document.activeElement?.classList.contains('words') === true);
  });
  await page.keyboard.press('r');
  await page.waitForFunction(() => (globalThis as unknown as { meter: Meter }).meter.spans.length > 0);
  carets.push(
    ...((await page.evaluate(() =>
      (globalThis as unknown as { meter: Meter }).meter.spans.splice(0),
    )) as unknown as number[]),
  );
  await page.keyboard.press('Escape');
  await page.locator('.composer').waitFor({ state: 'detached' });
}
const [cold, ...warm] = carets;
const keysOf: number[] = [];
say('reply to caret, the first', cold ?? 0, 'ms', 550);
say('reply to caret, p50', percentile(warm, 0.5), 'ms', 200);
say('reply to caret, p95', percentile(warm, 0.95), 'ms', 200);

// A quote of 200 KB stands open below.
await page.route('**/quote/**', (route) =>
  route.fulfill({
    contentType: 'text/html',
    body: `<html><body>${'<table><tr><td style="color:#123">合计</td><td>一二三四五六七八九十</td></tr></table>'.repeat(2300)}</body></html>`,
  }),
);
await page.keyboard.press('r');
await page.locator('.composer .words').waitFor();
await page.locator('.composer .fold').click();
await page.locator('.composer iframe.drawn').waitFor();
await page.locator('.composer .words p').first().click();
for (let i = 0; i < KEYS; i += 1) {
  await page.evaluate(() => {
    const { meter } = globalThis as unknown as { meter: Meter };
    const words = document.querySelector('.composer .words p');
    const before = words?.textContent?.length ?? 0;
    meter.until('keydown', () => (words?.textContent?.length ?? 0) > before);
  });
  await page.keyboard.press('a');
  await page.waitForFunction(() => (globalThis as unknown as { meter: Meter }).meter.spans.length > 0);
  keysOf.push(
    ...((await page.evaluate(() =>
      (globalThis as unknown as { meter: Meter }).meter.spans.splice(0),
    )) as unknown as number[]),
  );
}
say('a key under a quote of 200 KB, p50', percentile(keysOf, 0.5), 'ms', 16);
say('a key under a quote of 200 KB, p95', percentile(keysOf, 0.95), 'ms', 16);
await chromium.close();
