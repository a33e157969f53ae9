//! Pictures of the address book: empty, full, a card, a form, those that stand there twice, nobody found, many.

import type { Page } from 'playwright-core';
import { contact, FakeAgent } from '../agent';
import type { State } from './state';

async function opened(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.locator('.dialog.book .search').waitFor();
}

export function withPeople(): FakeAgent {
  const agent = FakeAgent.full();
  agent.groups = [
    { id: 51, name: '验收组', count: 0 },
    { id: 52, name: '供应商与合作单位（华东、华南、西南三区）', count: 0 },
  ];
  agent.contacts = [
    contact(1, 'Anna Schmidt', 'anna.schmidt@kehu.example', { company: 'Kehu GmbH', title: 'Purchasing' }),
    {
      ...contact(2, '李四', 'lisi@huadong.example', {
        emails: ['lisi@huadong.example', 'li.si@example.org'],
        phones: ['138 0000 0000', '021-60000000-8012'],
        company: '华东科技',
        department: '采购部',
        title: '经理',
        note: '周三下午不在。\n发票抬头见附件。',
      }),
      groups: [51, 52],
    },
    {
      ...contact(3, '王五', 'wangwu@gongyingshang.example', { company: '上海某某精密设备制造有限公司' }),
      groups: [51],
    },
    contact(4, '王五', 'wang5@example.org'),
  ];
  return agent;
}

export const contacts: State[] = [
  { name: 'contacts-empty', agent: () => FakeAgent.full(), act: opened },
  { name: 'contacts', agent: withPeople, act: opened },
  {
    name: 'contacts-card',
    agent: withPeople,
    act: async (page) => {
      await opened(page);
      await page.locator('#contact-2').click();
    },
  },
  {
    name: 'contacts-card-narrow',
    agent: withPeople,
    size: { width: 480, height: 760 },
    act: async (page) => {
      await opened(page);
      await page.locator('#contact-2').click();
    },
  },
  { name: 'contacts-narrow', agent: withPeople, size: { width: 480, height: 760 }, act: opened },
  {
    name: 'contacts-form',
    agent: withPeople,
    act: async (page) => {
      await opened(page);
      await page.locator('#contact-2').click();
      await page.locator('article header .icon').first().click();
      await page.locator('form .each input').first().fill('nobody');
    },
  },
  {
    name: 'contacts-doubles',
    agent: withPeople,
    act: async (page) => {
      await opened(page);
      await page.locator('.dialog.book nav .line').nth(1).click();
    },
  },
  {
    name: 'contacts-nobody',
    agent: withPeople,
    act: async (page) => {
      await opened(page);
      await page.keyboard.type('xyz');
      await page.locator('.dialog.book .none .btn').waitFor();
    },
  },
  {
    name: 'contacts-menu',
    agent: withPeople,
    act: async (page) => {
      await opened(page);
      await page.locator('.dialog.book [aria-haspopup=menu]').click();
      await page.getByRole('menu').waitFor();
    },
  },
];
