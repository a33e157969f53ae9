//! Answers to mails of others' design: what is quoted looks as the original did, to the pixel.

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { until } from '../house';
import { folder, rows, stage } from './stage';

const desk = stage(true);
const DATA = fileURLToPath(new URL('../data/postmark', import.meta.url));
const WIDTHS = [800, 420];

/** The whole of what is drawn, without the network. */
async function drawn(page: Page, html: string, quote: boolean): Promise<string[]> {
  const out: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 700 });
    await page.setContent(html);
    const clip = await page.evaluate((inQuote) => {
      const all = document.querySelectorAll('.mail-body');
      const root = inQuote ? all[all.length - 1] : document.body;
      if (!root) throw new Error('no quote');
      if (inQuote) {
        // What was written above it, and the margin that the answer as a whole has.
        document.body.style.margin = '0';
        document.body.replaceChildren(root);
      }
      const boxes = [...root.children]
        .map((each) => each.getBoundingClientRect())
        .filter(({ width: w, height: h }) => w > 0 && h > 0);
      const left = Math.min(...boxes.map((box) => box.left));
      const top = Math.min(...boxes.map((box) => box.top));
      return {
        x: left,
        y: top + scrollY,
        width: Math.max(...boxes.map((box) => box.right)) - left,
        height: Math.max(...boxes.map((box) => box.bottom)) - top,
      };
    }, quote);
    out.push((await page.screenshot({ clip, fullPage: true })).toString('base64'));
  }
  return out;
}

it('quotes every template as it was', { timeout: 240_000 }, async () => {
  const names = (await readdir(DATA)).filter((file) => file.endsWith('.html')).map((file) => file.slice(0, -5));
  expect(names.length).toBe(11);
  const page = await desk.open();
  await folder(page, '收件箱');
  for (const name of names) {
    await desk.say(`put ${name}`);
    const first = rows(page).first();
    await first.filter({ has: page.getByText(name, { exact: true }) }).waitFor();
    await first.click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
    await page.locator('iframe.now').waitFor();
    await page.keyboard.press('r');
    await page.locator('.composer .words').waitFor();
    await page.locator('.composer .words').click();
    await page.keyboard.type('OK');
    await page.keyboard.press('Control+Enter');
    await until(async () => (await page.locator('.composer').count()) === 0);
  }
  let sent: [string, string][] = [];
  const end = Date.now() + 90_000;
  while (sent.length < names.length && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    sent = JSON.parse(await desk.say('sent')) as [string, string][];
  }
  const paper = await desk.context.newPage();
  await paper.route('**', (route) => route.abort());
  for (const name of names) {
    const html = sent.find(([subject]) => subject.endsWith(name))?.[1];
    if (!html) throw new Error(`no answer to ${name}: ${sent.map(([subject]) => subject).join(', ')}`);
    const original = (await readFile(`${DATA}/${name}.html`, 'utf8')).replaceAll(
      'href="{{',
      'href="https://example.com/{{',
    );
    const [wide, narrow] = await drawn(paper, original, false);
    const [wideQuote, narrowQuote] = await drawn(paper, html, true);
    expect(wideQuote === wide, `${name}, ${WIDTHS[0]} pixels wide`).toBe(true);
    expect(narrowQuote === narrow, `${name}, ${WIDTHS[1]} pixels wide`).toBe(true);
  }
  await paper.close();
});
