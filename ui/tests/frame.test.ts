//! The sealed frame of a mail: what a person does with the text, and what the text never does.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { FakeAgent } from './agent';
import { house, inbox, options, until } from './house';

const open = house();

/** A document as the host makes it, around a text; the policy is the one of crates/frame. */
const sealed = (text: string) =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data: 'self'; form-action 'none'; base-uri 'none'"><style>html,body{height:auto}body{margin:0;padding:4px 32px}a,img{-webkit-user-drag:none}</style></head><body><main>${text}</main></body></html>`;

/** Opens the first mail of the inbox with this text. Every request that leaves the page is written down. */
async function reading(
  text: string,
): Promise<{ page: Page; asked: string[]; frame: ReturnType<Page['frameLocator']> }> {
  const page = await open.start(FakeAgent.full());
  const asked: string[] = [];
  // What a policy stops never comes so far.
  await page.route(/evil|\/(link|picture)\//, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ status: 204, body: '' });
  });
  await inbox(page);
  const first = options(page).first();
  const mail = (await first.getAttribute('id'))?.slice(5) ?? '';
  // The mails beside it are laid out, too, with a text of their own.
  await page.route(`**/body/${mail}?*`, (route) => route.fulfill({ contentType: 'text/html', body: sealed(text) }));
  await first.click();
  const frame = page.frameLocator('iframe.now');
  await frame.locator('main').waitFor();
  return { page, asked, frame };
}
/** A page of the product's frames one under another, built from their source. */
async function stacked(texts: string[]): Promise<Page> {
  const folder = await mkdtemp(join(tmpdir(), 'qiyou-stack-'));
  try {
    await build({
      root: fileURLToPath(new URL('./stack', import.meta.url)),
      configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
      build: { outDir: folder },
      logLevel: 'error',
    });
    const page = await open.start(FakeAgent.full());
    await page.route('http://stack.test/**', async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ path: join(folder, pathname === '/' ? 'index.html' : pathname) });
    });
    await page.addInitScript(`window.texts = ${JSON.stringify(texts.map(sealed))}`);
    await page.goto('http://stack.test/');
    await page
      .locator('iframe.now')
      .nth(texts.length - 1)
      .waitFor();
    return page;
  } finally {
    await rm(folder, { recursive: true });
  }
}
const url = (page: Page) =>
  page.locator('iframe.now').evaluate((frame) => (frame as HTMLIFrameElement).contentDocument?.URL ?? 'another origin');

/** Drags with the left button. The driver's own way of it waits for listeners in the frame, where none is ever called. */
async function drag(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const line = await page.context().newCDPSession(page);
  const mouse = (type: 'mouseMoved' | 'mousePressed' | 'mouseReleased', [x, y]: [number, number], buttons: number) =>
    line.send('Input.dispatchMouseEvent', { type, x, y, buttons, button: 'left', clickCount: 1 });
  await mouse('mouseMoved', from, 0);
  await mouse('mousePressed', from, 1);
  for (let step = 1; step <= 8; step += 1)
    await mouse('mouseMoved', [from[0] + ((to[0] - from[0]) * step) / 8, from[1] + ((to[1] - from[1]) * step) / 8], 1);
  await mouse('mouseReleased', to, 0);
  await line.detach();
}

describe('a mail in its frame', () => {
  it('leaves the keys to the page after a click into it', async () => {
    const { page, frame } = await reading('<p id="p">各位好</p>');
    await frame.locator('#p').click();
    await until(async () => (await page.evaluate('document.activeElement.dataset.keys')) === 'list');
    const before = await page.locator('[role=option][aria-selected=true]').getAttribute('id');
    await page.keyboard.press('j');
    await until(async () => (await page.locator('[role=option][aria-selected=true]').getAttribute('id')) !== before);
  });

  it('follows a link once by every kind of click, and stays where it is', async () => {
    const { page, asked, frame } = await reading('<p><a id="a" href="/link/1/0">去看</a></p>');
    await frame.locator('#a').click();
    await until(() => asked.length === 1);
    expect(await url(page)).toBe('about:srcdoc');
    // By keyboard: into the frame, onto the link.
    await page.locator('[data-keys="list"]').focus();
    for (let tries = 0; tries < 40; tries += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.tagName')) === 'IFRAME') break;
    }
    await page.keyboard.press('Enter');
    await until(() => asked.length === 2);
    expect(await url(page)).toBe('about:srcdoc');
    // Dragged elsewhere in the text: nothing is followed.
    const box = await frame.locator('#a').boundingBox();
    if (!box) throw new Error('no link');
    await drag(page, [box.x + 4, box.y + 4], [box.x + 90, box.y + 20]);
    await page.waitForTimeout(100);
    expect(asked.map((each) => new URL(each).pathname)).toEqual(['/link/1/0', '/link/1/0']);
    expect(await url(page)).toBe('about:srcdoc');
  });

  it('is selected and copied with the true targets of its links', async () => {
    const { page, frame } = await reading(
      '<p id="p">验收安排在周四，<a title="https://example.com/x" href="/link/1/0">见此</a>。</p>',
    );
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const box = await frame.locator('#p').boundingBox();
    if (!box) throw new Error('no text');
    const middle = box.y + box.height / 2;
    await drag(page, [box.x + 1, middle], [box.x + 400, middle]);
    await page.keyboard.press('Control+c');
    const clip = (type: string) =>
      page.evaluate(async (wanted) => {
        const [item] = await navigator.clipboard.read();
        return item?.types.includes(wanted) ? (await item.getType(wanted)).text() : '';
      }, type);
    await until(async () => (await clip('text/plain')) !== '');
    const [text, html] = [await clip('text/plain'), await clip('text/html')];
    expect(text).toBe('验收安排在周四，见此。');
    expect(html).toContain('https://example.com/x');
    expect(html).not.toContain('/link/');
    // Everything, by the key for it, as the last click was in the text.
    await frame.locator('#p').click();
    await page.keyboard.press('Control+a');
    const all = () =>
      page
        .locator('iframe.now')
        .evaluate((each) => (each as HTMLIFrameElement).contentWindow?.getSelection()?.toString());
    expect(await all()).toContain('验收安排');
    // A click elsewhere lets it go, and the same key means the mails again.
    await options(page).nth(2).click();
    expect(await all()).toBe('');
    await page.keyboard.press('Control+a');
    await until(async () => (await page.locator('[role=option][aria-selected=true]').count()) > 3);
  });

  it('is searched by words, which are marked, counted and gone through', async () => {
    const { page, frame } = await reading(
      '<p>验收安排在周四，<b>验收</b>单请带上。</p><div style="height:2000px"></div><p>验收之后聚餐。</p>',
    );
    await page.keyboard.press('Control+f');
    const field = page.getByRole('search').getByRole('textbox');
    await field.waitFor();
    await field.fill('验收');
    await page.getByText('第 1 处，共 3 处').waitFor();
    expect(await frame.locator('mark').count()).toBe(3);
    await field.press('Enter');
    await field.press('Enter');
    await page.getByText('第 3 处，共 3 处').waitFor();
    await until(async () => ((await frame.locator('mark.qy-now').boundingBox())?.y ?? 9999) < 800);
    await field.press('Shift+Enter');
    await page.getByText('第 2 处，共 3 处').waitFor();
    await field.fill('没有的词');
    await page.getByText('没有找到').waitFor();
    await field.press('Escape');
    await field.waitFor({ state: 'hidden' });
    expect(await frame.locator('mark').count()).toBe(0);
    expect(await frame.locator('main').innerHTML()).toContain('<p>验收安排在周四，<b>验收</b>单请带上。</p>');
  });

  it('has the height of its text, also when that changes', async () => {
    const { page, frame } = await reading('<div id="d" style="height:3000px">长</div>');
    const height = () => page.locator('iframe.now').evaluate((each) => each.getBoundingClientRect().height);
    await until(async () => (await height()) >= 3000);
    await frame.locator('#d').evaluate((each) => ((each as HTMLElement).style.height = '200px'));
    await until(async () => (await height()) < 400);
    await frame.locator('#d').evaluate((each) => ((each as HTMLElement).style.cssText = 'height:50px;width:4000px'));
    await until(async () => (await height()) > 60);
  });

  it('has its full height in a stack of three, narrow, wide, and when one of them grows', async () => {
    const page = await stacked([
      '<p>短。</p>',
      `<p>${'长的文字。'.repeat(400)}</p><div style="height:2400px"></div><p>完。</p>`,
      '<table width="100%"><tr><td>表</td></tr></table><div id="late"></div>',
    ]);
    const frames = () =>
      page.locator('iframe').evaluateAll((all) =>
        all.map((frame) => {
          const { top, height } = frame.getBoundingClientRect();
          const text = (frame as HTMLIFrameElement).contentDocument?.documentElement;
          return { top, bottom: top + height, height, text: text?.scrollHeight ?? 0, room: text?.clientHeight ?? 0 };
        }),
      );
    /** Each is as high as its text, none scrolls, and each begins where the one above ends. */
    const whole = async () => {
      const all = await frames();
      return (
        all.length === 3 &&
        all.every(({ height, text, room }) => text > 20 && Math.abs(height - text) <= 1 && room >= text - 1) &&
        all.every(({ top }, i) => i === 0 || Math.abs(top - (all[i - 1]?.bottom ?? NaN)) < 0.5)
      );
    };
    await until(whole);
    const before = await frames();
    expect(before[1]?.height).toBeGreaterThan(2400);
    await page.setViewportSize({ width: 480, height: 700 });
    await until(async () => (await whole()) && ((await frames())[1]?.height ?? 0) > (before[1]?.height ?? 0));
    await page.setViewportSize({ width: 1600, height: 900 });
    await until(async () => (await whole()) && ((await frames())[1]?.height ?? 0) < (before[1]?.height ?? 0));
    await page
      .frameLocator('iframe >> nth=2')
      .locator('#late')
      .evaluate((each) => (each.style.height = '500px'));
    await until(async () => (await whole()) && ((await frames())[2]?.height ?? 0) > 500);
    await page.evaluate('document.documentElement.style.zoom = "1.5"');
    await until(async () => {
      const all = await frames();
      return all.every(({ height, text }) => Math.abs(height - text * 1.5) <= 3);
    });
  });

  it('never acts and never asks, even if the sanitiser had let everything through', async () => {
    const evil = `
      <script>parent.document.title = 'acted'; fetch('/evil/fetch')</script>
      <img src="x" onerror="parent.document.title = 'acted'">
      <img src="https://evil.example/pixel.png"><img src="http://127.0.0.1:9/evil.png">
      <style>@import url(https://evil.example/a.css); body { background: url(https://evil.example/b.png) }
        @font-face { font-family: f; src: url(https://evil.example/f.woff2) } p { font-family: f }</style>
      <link rel="stylesheet" href="https://evil.example/c.css"><link rel="prefetch" href="https://evil.example/d">
      <meta http-equiv="refresh" content="0; url=https://evil.example/refresh">
      <base href="https://evil.example/"><iframe src="https://evil.example/frame"></iframe>
      <object data="https://evil.example/object"></object><embed src="https://evil.example/embed">
      <video src="https://evil.example/v" autoplay></video><audio src="https://evil.example/s" autoplay></audio>
      <form id="f" action="https://evil.example/form" method="post"><input name="a" autofocus><button id="b">去</button></form>
      <svg onload="parent.document.title = 'acted'"><script>parent.document.title = 'acted'</script></svg>
      <a id="j" href="javascript:parent.document.title='acted'">js</a><a id="t" target="_top" href="https://evil.example/top">top</a>
      <p id="p" onclick="parent.document.title = 'acted'">text</p>`;
    const { page, asked, frame } = await reading(evil);
    const title = await page.title();
    await frame.locator('#p').click();
    await frame.locator('#j').click();
    await frame.locator('#b').click();
    await frame.locator('#t').click();
    await page.waitForTimeout(300);
    expect(await page.title()).toBe(title);
    expect(page.url()).toBe('http://127.0.0.1:9/');
    // What the policy lets a picture ask of this very program is all that is ever asked.
    expect(asked).toEqual(['http://127.0.0.1:9/evil.png']);
    expect(page.context().pages().length).toBe(1);
    open.opened.errors.length = 0;
  });
});
