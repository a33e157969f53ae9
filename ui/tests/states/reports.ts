//! Pictures of what is told of sent mails, of receipts, redirecting and templates.

import type { Page } from 'playwright-core';
import type { Mail } from '../../src/host/api';
import { FakeAgent } from '../agent';
import { fate, LISI } from '../mails';
import { openedMail, type State } from './state';

/** All mails of the inbox are told of so. */
function told(part: Partial<Mail>): () => FakeAgent {
  return () => {
    const agent = FakeAgent.full();
    for (const { id } of (agent.mails.get(10) ?? []).slice(0, 12)) agent.told.set(id, part);
    const rows = agent.mails.get(10) ?? [];
    agent.mails.set(
      10,
      rows.map((row, i) => ({ ...row, undelivered: i === 1 || i === 4 })),
    );
    return agent;
  };
}

async function unfolded(page: Page): Promise<void> {
  await openedMail(page);
  await page.locator('.bar.bad [aria-expanded]').click();
  await page.locator('.bar.bad ul').waitFor();
}

const several = [
  fate('lisi@huadong.example', { reason: 'no_such_user', detail: '550 5.1.1 User unknown' }),
  fate('wangwu@huadong.example', { reason: 'refused', detail: '554 5.7.1 邮件被判定为垃圾邮件' }),
  fate('zhaoliu@huadong.example', { outcome: 'delayed', reason: 'unreachable' }),
  fate('zhangsan@huadong.example', { outcome: 'read' }),
];

function withTemplates(): FakeAgent {
  const agent = FakeAgent.full();
  agent.templates = [
    { id: 1, content: { name: '项目周报', subject: '{{项目}}周报', html: '<p>{{收件人}}，您好：</p>' } },
    { id: 2, content: { name: '会议通知', subject: '会议通知', html: '<p>各位好</p>' } },
  ];
  return agent;
}

export const reports: State[] = [
  {
    name: 'draft-elsewhere',
    agent: () => FakeAgent.full(),
    act: async (page, agent) => {
      await page.keyboard.press('c');
      await page.locator('.composer .words').waitFor();
      const id = agent.drafts[0]?.id ?? 0;
      const file = { id: 1, name: 'photo.jpg', mime_type: 'image/jpeg', size: 4_200_000, content_id: null };
      agent.drafts = agent.drafts.map((draft) => ({
        ...draft,
        elsewhere: 77,
        files: [{ ...file, state: 'whole' as const }],
      }));
      agent.send({ kind: 'draft_changed', id, draft: null });
      await page.locator('.elsewhere').waitFor();
    },
  },
  { name: 'report-failed', agent: told({ fates: [fate('lisi@huadong.example')] }), act: unfolded },
  { name: 'report-several', agent: told({ fates: several }), act: unfolded },
  {
    name: 'report-narrow',
    agent: told({ report: { about: 3, fates: several } }),
    act: unfolded,
    size: { width: 700, height: 760 },
  },
  { name: 'receipt-asked', agent: told({ receipt: { to: LISI, automatic: false } }), act: openedMail },
  {
    name: 'redirect',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.keyboard.press('Alt+b');
      await page.locator('.composer .note').waitFor();
      await page.keyboard.type('wangwu@huadong.example,');
      await page.locator('.composer').getByText('王五').first().waitFor();
    },
  },
  {
    name: 'template-menu',
    agent: withTemplates,
    act: async (page) => {
      await page.keyboard.press('c');
      await page.locator('.composer .words').waitFor();
      await page.locator('.composer .foot .icon').nth(1).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'template-fields',
    agent: withTemplates,
    act: async (page) => {
      await page.keyboard.press('c');
      await page.locator('.composer .words').waitFor();
      await page.locator('.composer .foot .icon').nth(1).click();
      await page.getByRole('menuitem').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'template-settings',
    agent: withTemplates,
    act: async (page) => {
      await page.keyboard.press('Control+,');
      await page.getByRole('dialog').waitFor();
      await page
        .getByText(/^(写信|Writing)$/)
        .first()
        .click();
      await page.locator('#set-templates').getByRole('button').last().click();
      await page.locator('#set-templates .ProseMirror').waitFor();
      await page.locator('#set-templates').scrollIntoViewIfNeeded();
    },
  },
];
