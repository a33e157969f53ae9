//! The mails beside the opened one: here before somebody goes there, and never a moment too early.

import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { FakeAgent } from './agent';
import { READY } from './mails';
import { house, inbox, options, texts, until, violations } from './house';

const { start } = house();
/** The newest mails of the inbox, from above. */
const [FIRST, SECOND, THIRD, FOURTH] = [10_008_204, 10_008_203, 10_008_202, 10_008_201] as const;

/** The texts that were asked for, and whether one was. */
let asked: string[] = [];
const times = (mail: number) => asked.filter((each) => each.startsWith(`/body/${mail}?`)).length;

/** Reads the second mail of the inbox until those beside it are here. */
async function rest(agent: FakeAgent): Promise<Page> {
  const page = await start(agent);
  asked = texts(page);
  await inbox(page);
  await options(page).nth(1).click();
  await page.frameLocator('iframe.now').getByText('各位好').waitFor();
  return page;
}
const shows = (page: Page, mail: number) => page.locator(`iframe.now[data-mail="${mail}"]`).waitFor();
const laid = (page: Page) =>
  page.locator('.sheet[inert] iframe').evaluateAll((all) => all.map((each) => Number(each.dataset.mail)));
const ready = (page: Page) => until(async () => (await laid(page)).sort().join() === [THIRD, FIRST].sort().join());

describe('the mails beside the opened one', () => {
  it('are laid out while one reads, and come without a question, down and up and back', async () => {
    const page = await rest(FakeAgent.full());
    await ready(page);
    expect([times(FIRST), times(SECOND), times(THIRD), times(FOURTH)]).toEqual([1, 1, 1, 0]);
    await page.keyboard.press('j');
    await shows(page, THIRD);
    await page.getByRole('heading', { level: 1, name: /./ }).first().waitFor();
    expect(times(THIRD)).toBe(1);
    await until(async () => (await laid(page)).includes(FOURTH));
    await page.keyboard.press('k');
    await shows(page, SECOND);
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    expect(await page.locator('.sheet').count()).toBe(3);
  });

  it('give way to one that is pointed at, wherever it is', async () => {
    const page = await rest(FakeAgent.full());
    await ready(page);
    const far = options(page).nth(6);
    const mail = Number((await far.getAttribute('id'))?.slice(5));
    await far.hover();
    await until(async () => (await laid(page)).sort().join() === [THIRD, mail].sort().join());
    await far.click();
    await shows(page, mail);
    expect(times(mail)).toBe(1);
    await page.mouse.move(5, 5);
    await until(async () => (await laid(page)).every((each) => Math.abs(each - mail) === 1));
  });

  it('cannot be reached, seen, heard or found before one goes there', async () => {
    const page = await rest(FakeAgent.full());
    const before = await page.locator('.read .scroll').evaluate((each) => each.scrollHeight);
    await ready(page);
    for (const frame of await page.locator('.sheet[inert] iframe').all()) {
      expect(await frame.isVisible()).toBe(false);
      expect(await frame.evaluate((each) => (each as HTMLIFrameElement).contentDocument?.scripts.length)).toBe(0);
      expect(await frame.getAttribute('sandbox')).toBe('allow-same-origin');
    }
    expect(await page.locator('.read .scroll').evaluate((each) => each.scrollHeight)).toBe(before);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Control+f');
    await page.getByRole('search').getByRole('textbox').fill('各位好');
    await page.getByText('第 1 处，共 1 处').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await shows(page, THIRD);
    const marks = await page
      .locator('.sheet iframe')
      .evaluateAll((all) => all.map((each) => (each as HTMLIFrameElement).contentDocument?.querySelector('mark')));
    expect(marks.every((mark) => !mark)).toBe(true);
  });

  it('leave no selection behind: what one copies is in the mail that one reads', async () => {
    const page = await rest(FakeAgent.full());
    await ready(page);
    const selected = () =>
      page
        .locator('.sheet iframe')
        .evaluateAll((all) => all.map((each) => `${(each as HTMLIFrameElement).contentWindow?.getSelection() ?? ''}`));
    await page.locator('iframe.now').click();
    await page.keyboard.press('Control+a');
    await until(async () => (await selected()).filter((words) => words.includes('各位好')).length === 1);
    await page.keyboard.press('j');
    await shows(page, THIRD);
    await until(async () => (await selected()).every((words) => words === ''));
    await page.keyboard.press('Control+a');
    await until(async () => (await selected()).some((words) => words.includes('各位好')));
    expect(
      await page
        .locator('iframe.now')
        .evaluate((each) => `${(each as HTMLIFrameElement).contentWindow?.getSelection() ?? ''}`),
    ).toContain('各位好');
  });

  it('whose pictures would be fetched from the network are not laid out: that would tell their sender', async () => {
    const agent = FakeAgent.full();
    const from = agent.mails.get(10)?.find(({ id }) => id === THIRD)?.from.address ?? '';
    agent.settings.pictures_from = [from];
    const page = await rest(agent);
    await until(async () => times(THIRD) === 1 && (await laid(page)).includes(FIRST));
    expect(asked).toContain(`/body/${THIRD}?remote=1&theme=light&whole=0`);
    expect(await laid(page)).toEqual([FIRST]);
    await page.keyboard.press('j');
    await shows(page, THIRD);
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
    expect(times(THIRD)).toBe(1);
  });

  it('are asked for anew when they changed meanwhile, and show what is true of them now', async () => {
    const agent = FakeAgent.full();
    const page = await rest(agent);
    await ready(page);
    const row = agent.mails.get(10)?.find(({ id }) => id === THIRD);
    if (!row) throw new Error('no such mail');
    row.starred = true;
    agent.send({ kind: 'mail_changed', rows: [row] });
    agent.send({ kind: 'body_arrived', mail: FIRST });
    await until(() => times(FIRST) === 2);
    await page.keyboard.press('j');
    await shows(page, THIRD);
    await page.getByRole('button', { name: '取消星标' }).first().waitFor();
  });

  it('come as soon as their text does, and by who goes there in any case', async () => {
    const agent = FakeAgent.full();
    agent.overrides['mail.body'] = ({ mail }) => (mail === SECOND ? READY : { state: 'fetching' });
    const page = await rest(agent);
    const wanted = (mail: number) =>
      agent.calls.filter(({ method, params }) => method === 'mail.body' && (params as { mail: number }).mail === mail);
    await until(() => wanted(FIRST).length === 1 && wanted(THIRD).length === 1);
    expect(await laid(page)).toEqual([]);
    delete agent.overrides['mail.body'];
    agent.send({ kind: 'body_arrived', mail: FIRST });
    await until(async () => (await laid(page)).join() === `${FIRST}`);
    await page.keyboard.press('j');
    await shows(page, THIRD);
    await page.frameLocator('iframe.now').getByText('各位好').waitFor();
  });
});
