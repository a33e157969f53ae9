//! Pictures of writing: new, answering, files, questions, drafts and outbox, a window of its own.

import type { Page } from 'playwright-core';
import { FakeAgent } from '../agent';
import { openedMail, type State } from './state';

const words = (page: Page) => page.locator('.composer .words');

async function began(page: Page): Promise<void> {
  await page.keyboard.press('c');
  await words(page).waitFor();
}

async function filled(page: Page): Promise<void> {
  await began(page);
  await page.keyboard.type('lisi@huadong.example, nobody, service@kehu.example,');
  await page.locator('.composer .line input').fill('上海二期验收材料与会议安排');
  await words(page).locator('p').first().click();
  await page.keyboard.type('各位好，验收材料见附件，周四下午两点在三号会议室开会。');
  await page.evaluate(async () => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(900_000)], '设备清单（最终版）.xlsx'));
    data.items.add(new File([new Uint8Array(20_000_000)], '现场视频.mp4'));
    document
      .querySelector('.composer')
      ?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    await new Promise((resolve) => setTimeout(resolve, 1200));
  });
}

async function refused(page: Page, agent: FakeAgent): Promise<void> {
  const send = async (subject: string, at: number | null): Promise<number> => {
    const { id } = (await agent.answer('draft.create', {
      kind: 'new',
      account: 1,
      mails: [],
      to: [{ name: '李四', address: 'lisi@huadong.example' }],
      cc: [],
      bcc: [],
      subject,
      prefix: '',
      text: '各位好',
    })) as { id: number };
    const draft = agent.drafts.find((each) => each.id === id);
    if (!draft) throw new Error('no draft');
    const entry = (await agent.answer('draft.send', { id, content: draft.content, at })) as { id: number };
    return entry.id;
  };
  const now = Math.floor(Date.now() / 1000);
  agent.onward(await send('已经发出的周报', null), { state: 'sent', draft: null });
  await send('下周一的提醒', now + 3 * 86_400);
  agent.onward(await send('正在发送的合同', null), { state: 'sending' });
  agent.onward(await send('给供应商的报价', null), {
    state: 'refused',
    refused: [{ address: 'nobody@kehu.example', code: 550, text: '用户不存在 (MI:NHD)' }],
    cause: { code: 'server_said', step: 'done', host: 'smtp', port: 465, detail: '550 用户不存在' },
  });
  agent.onward(await send('验收单', null), { state: 'needs_you' });
  await agent.answer('draft.create', {
    kind: 'new',
    account: 1,
    mails: [],
    to: [],
    cc: [],
    bcc: [],
    subject: '还没写完的邮件',
    prefix: '',
    text: '张总好，关于上次说的事',
  });
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.getByRole('dialog').waitFor();
  await page.waitForTimeout(300);
}

export const compose: State[] = [
  { name: 'compose-new', agent: () => FakeAgent.full(), act: began },
  { name: 'compose-filled', agent: () => FakeAgent.full(), act: filled },
  { name: 'compose-narrow', agent: () => FakeAgent.full(), size: { width: 520, height: 760 }, act: filled },
  {
    name: 'compose-reply',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.keyboard.press('r');
      await words(page).waitFor();
      await page.keyboard.type('收到，我会按时参加。');
      await page.getByRole('button', { name: /^(原邮件|Original mail)$/ }).click();
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'compose-completion',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await began(page);
      await page.keyboard.type('李');
      await page.locator('.found .person').first().waitFor();
    },
  },
  {
    name: 'compose-question',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await began(page);
      await page.keyboard.type('lisi@huadong.example,');
      await page.locator('.composer .line input').fill('材料');
      await words(page).locator('p').first().click();
      await page.keyboard.type('请见附件');
      await page.keyboard.press('Control+Enter');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'compose-later',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await began(page);
      await page.locator('.composer .later').click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'compose-find',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await filled(page);
      await words(page).locator('p').first().click();
      await page.keyboard.press('Control+f');
      await page.getByRole('search').locator('input').waitFor();
      await page.keyboard.type('会议');
      await page.locator('.composer .hit.now').waitFor();
    },
  },
  {
    name: 'compose-sent',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await began(page);
      await page.keyboard.type('lisi@huadong.example,');
      await page.locator('.composer .line input').fill('材料');
      await page.keyboard.press('Control+Enter');
      await page.locator('.toast').waitFor();
    },
  },
  { name: 'outbox', agent: () => FakeAgent.full(), act: refused },
  {
    name: 'outbox-empty',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.keyboard.press('g');
      await page.keyboard.press('o');
      await page.getByRole('dialog').waitFor();
    },
  },
];
