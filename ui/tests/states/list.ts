//! Pictures of the list.

import type { Page } from 'playwright-core';
import type { Density, Sort } from '../../src/host/api';
import { FakeAgent, fault } from '../agent';
import { LISI, ME, row } from '../mails';
import { changed, firstMail, openedMail, type State } from './state';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 700 },
  { width: 620, height: 700 },
];

async function open(page: Page, folder = 10): Promise<void> {
  const button = page.locator('.title button').first();
  if (!(await page.locator(`[data-folder="${folder}"]`).isVisible())) await button.click();
  await page.locator(`[data-folder="${folder}"]`).click();
  await page.locator('.body').waitFor();
  await page.waitForTimeout(250);
}
const first = (page: Page) => page.locator('.mail').first();

function density(which: Density): State[] {
  return SIZES.map((size) => ({
    name: `list-${which}-${size.width}`,
    agent: changed((agent) => (agent.settings.density = which)),
    size,
    act: async (page) => {
      await open(page);
      await page.locator('#mail-10008201').hover();
      await page.waitForTimeout(150);
    },
  }));
}

function empty(name: string, change: (agent: FakeAgent) => void, folder: number, chip?: number): State {
  return {
    name: `list-empty-${name}`,
    agent: changed(change),
    act: async (page) => {
      await open(page, folder);
      if (chip !== undefined) await page.locator('.chip').nth(chip).click();
      await page.waitForTimeout(200);
    },
  };
}

/** Subjects and names as strangers write them. */
function odd(agent: FakeAgent): void {
  const rows = agent.mails.get(10) ?? [];
  const words: Partial<(typeof rows)[0]>[] = [
    { subject: '关于'.repeat(5000), from: { name: '王'.repeat(30), address: 'w@huadong.example' } },
    { subject: '报价单\u202Excod.exe', from: { name: 'moc.elpmaxe\u202E李四', address: 'x@y.example' } },
    { subject: '🎉👨‍👩‍👧‍👦🏳️‍🌈 庆祝 🎊', from: { name: '🦊 Fuchs', address: 'f@y.example' }, starred: true },
    {
      subject: '',
      preview: '',
      from: { name: '', address: 'averyveryverylongaddress.without.a.name@phoenix.example' },
    },
    {
      subject: 'مرحبا بكم في المشروع الجديد',
      from: { name: 'محمد بن سلمان', address: 'm@y.example' },
      important: true,
    },
    {
      subject: '全部标记',
      attachments: true,
      starred: true,
      answered: true,
      forwarded: true,
      important: true,
      draft: true,
    },
    { subject: '一\n二\t三   四', preview: '换行\r\n和制表符' },
  ];
  agent.mails.set(
    10,
    rows.map((each, i) => ({ ...each, ...words[i], unread: i % 2 === 0 })),
  );
  const many = Array.from({ length: 40 }, (_, i) => ({ name: `收件人${i + 1}`, address: `p${i}@huadong.example` }));
  agent.mails.set(
    12,
    Array.from({ length: 12 }, (_, i) => ({ ...row(12_000_100 - i, i, 12, 1), from: ME, to: i === 0 ? many : [LISI] })),
  );
  agent.recount(12);
}

const sorted = (sort: Sort): State => ({
  name: `list-sorted-${sort}`,
  agent: () => FakeAgent.full(),
  act: async (page) => {
    await open(page);
    await page.getByRole('button', { name: /列表选项|List options/ }).click();
    await page.getByRole('menuitemradio').nth(['newest', 'oldest', 'sender', 'subject', 'size'].indexOf(sort)).click();
    await page.waitForTimeout(300);
  },
});

export const list: State[] = [
  { name: 'unified', agent: () => FakeAgent.full() },
  ...(['comfortable', 'compact', 'line'] as const).flatMap(density),
  {
    name: 'list-opened',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.mouse.move(900, 400);
    },
  },
  {
    name: 'list-scrolled',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await page.mouse.move(400, 500);
      await page.mouse.wheel(0, 333);
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'list-options',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await page.getByRole('button', { name: /列表选项|List options/ }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  sorted('sender'),
  sorted('oldest'),
  ...(['comfortable', 'compact', 'line'] as const).map((which): State => ({
    name: `list-odd-${which}`,
    agent: changed((agent) => {
      agent.settings.density = which;
      odd(agent);
    }),
    act: (page) => open(page),
  })),
  {
    name: 'list-sent',
    agent: changed(odd),
    act: (page) => open(page, 12),
  },
  ...(['comfortable', 'line'] as const).map((which): State => ({
    name: `list-picked-${which}`,
    agent: changed((agent) => (agent.settings.density = which)),
    act: async (page) => {
      await open(page);
      for (const i of [0, 2, 3]) await page.locator('.mail').nth(i).locator('.pick').click();
      await page.mouse.move(900, 600);
      await page.waitForTimeout(200);
    },
  })),
  {
    name: 'list-all-picked',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await page.keyboard.press('Control+a');
      await page.locator('.note .link').waitFor();
      await page.waitForTimeout(1500);
    },
  },
  {
    name: 'list-too-many-picked',
    agent: () => FakeAgent.full(25_000, false),
    act: async (page) => {
      await open(page);
      await page.keyboard.press('Control+a');
      await page.locator('.note.warn').waitFor();
    },
  },
  {
    name: 'list-picking',
    agent: () => {
      const agent = FakeAgent.full(25_000, false);
      let asked = 0;
      const answer = agent.answer.bind(agent);
      agent.answer = (method, params) =>
        method === 'mail.list' && (params as { limit: number }).limit === 500 && (asked += 1) > 12
          ? new Promise(() => undefined)
          : answer(method, params);
      return agent;
    },
    act: async (page) => {
      await open(page);
      await page.keyboard.press('Control+a');
      await page.waitForTimeout(1500);
    },
  },
  {
    name: 'list-menu',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await page.locator('.mail').nth(1).click({ button: 'right' });
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'list-menu-many',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await first(page).click();
      await page
        .locator('.mail')
        .nth(3)
        .click({ modifiers: ['Shift'] });
      await page.locator('.mail').nth(2).click({ button: 'right' });
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'list-move',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await page.locator('.mail').nth(1).click({ button: 'right' });
      await page.getByRole('menuitem', { name: /移动到|Move to/ }).click();
      await page.locator('#move-folders').waitFor();
    },
  },
  {
    name: 'list-move-search',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await page.locator('.mail').nth(1).click({ button: 'right' });
      await page.getByRole('menuitem', { name: /移动到|Move to/ }).click();
      await page.locator('.move input').fill('二期');
    },
  },
  {
    name: 'list-person',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await open(page);
      await first(page).click({ button: 'right' });
      await page.getByRole('menuitem').last().click();
      await page.locator('.place').first().waitFor();
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'list-loading',
    agent: changed((agent) => (agent.overrides['mail.list'] = () => new Promise(() => undefined))),
    act: async (page) => {
      await page.locator('[data-folder="10"]').click();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'list-failed',
    agent: changed((agent) => {
      agent.overrides['mail.list'] = () => {
        throw fault('store_damaged');
      };
    }),
    act: (page) => open(page),
  },
  ...[0, 0.3, 1].map((share): State => ({
    name: `list-sync-${share * 100}`,
    agent: changed((agent) => {
      const rows = agent.mails.get(10) ?? [];
      agent.mails.set(10, rows.slice(0, Math.floor(rows.length * share)));
      agent.folders = agent.folders.map((each) =>
        each.id === 10 ? { ...each, total: 8204, synced: Math.floor(8204 * share), unread: 3 } : each,
      );
    }),
    act: async (page, agent) => {
      await open(page);
      agent.send({ kind: 'sync_progress', account: 1, folder: 10, done: Math.floor(8204 * share), total: 8204 });
      await page.waitForTimeout(300);
    },
  })),
  empty('folder', () => undefined, 17),
  empty('inbox', (agent) => agent.fill(10, 0), 10),
  empty('drafts', () => undefined, 11),
  empty('archive', () => undefined, 13),
  empty('junk', () => undefined, 18),
  empty('trash', (agent) => agent.fill(19, 0), 19),
  empty(
    'unread',
    (agent) =>
      agent.mails.set(
        10,
        (agent.mails.get(10) ?? []).map((one) => ({ ...one, unread: false })),
      ),
    10,
    1,
  ),
  empty(
    'starred',
    (agent) =>
      agent.mails.set(
        10,
        (agent.mails.get(10) ?? []).map((one) => ({ ...one, starred: false })),
      ),
    10,
    2,
  ),
  empty(
    'not-followed',
    (agent) => {
      agent.accounts = agent.accounts.map((each) => ({ ...each, state: { state: 'connected', watch: 'idle' } }));
    },
    17,
  ),
  empty(
    'offline',
    (agent) => {
      agent.fill(10, 0);
      agent.folders = agent.folders.map((each) => (each.id === 10 ? { ...each, total: 8204, synced: 0 } : each));
      agent.accounts = agent.accounts.map((each) => ({
        ...each,
        state: {
          state: 'offline',
          cause: { code: 'dns', step: 'imap_connect', host: 'imap.example', port: 993, detail: '' },
          retry_at: 0,
        },
      }));
    },
    10,
  ),
  {
    name: 'toast',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.keyboard.press('e');
      await page.locator('.toast').waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'delete-for-ever',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('[data-folder="19"]').click();
      await firstMail(page);
      await page.keyboard.press('Delete');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'newer-pill',
    agent: () => FakeAgent.full(),
    act: async (page, agent) => {
      await page.locator('[data-folder="10"]').click();
      await page.locator('[role=option]').first().waitFor();
      await page.mouse.move(400, 500);
      await page.mouse.wheel(0, 2500);
      await page.waitForTimeout(300);
      for (let i = 0; i < 3; i += 1) agent.arrive(10, `新 ${i}`);
      await page.locator('.pill').waitFor();
    },
  },
];
