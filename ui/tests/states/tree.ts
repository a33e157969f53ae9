//! Pictures of folders, accounts, and what is said above them.

import type { Page } from 'playwright-core';
import { causeOf, FakeAgent, fault } from '../agent';
import { folder } from '../mails';
import { changed, type State } from './state';

const at = (page: Page, id: number) => page.locator(`[data-folder="${id}"]`);
/** Opens the menu of a line, by its key. */
async function menu(page: Page, line: string): Promise<void> {
  await page.locator(line).focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menu').waitFor();
}
async function carry(page: Page, from: string, to: string): Promise<void> {
  const box = await page.locator(from).first().boundingBox();
  await page.locator(from).first().hover();
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + 30, (box?.y ?? 0) + 12);
  for (let i = 0; i < 3; i += 1) await page.locator(to).hover();
}
/** A mailbox with favourites, shared folders, and every state of an account. */
const rich = changed((agent) => {
  agent.folders = agent.folders.map((each) => ([15, 20].includes(each.id) ? { ...each, favourite: true } : each));
  agent.folders.push(
    folder(31, 1, '订阅', 'none', { telling: 'silent', unread: 128 }),
    folder(40, 1, '部门公告', 'none', { owner: 'shared', unread: 12 }),
    folder(41, 1, '制度', 'none', { owner: 'shared', parent: 40 }),
    folder(42, 1, '王五', 'none', { owner: 'other' }),
  );
  agent.accounts = agent.accounts.map((each) =>
    each.id === 2
      ? { ...each, telling: 'silent', state: { state: 'sign_in_needed', cause: causeOf('password') } }
      : each,
  );
});
/** Names of every kind, and ten levels. */
const long = changed((agent) => {
  for (let depth = 0; depth < 10; depth += 1)
    agent.folders.push(
      folder(300 + depth, 1, `第 ${depth + 1} 层`, 'none', { parent: depth ? 299 + depth : null, unread: depth }),
    );
  agent.folders.push(
    folder(400, 1, '关于印发《华东区域数据中心机房搬迁及设备割接工作实施方案》的往来邮件', 'none', { unread: 123_456 }),
    folder(401, 1, 'مشروع شنغهاي', 'none', { unread: 2, followed: true }),
    folder(402, 1, 'Customers and everything that they ever wrote', 'none', { followed: true, unread: 7 }),
    folder(403, 1, '🎉 年会', 'none'),
  );
  for (let i = 0; i < 40; i += 1) agent.folders.push(folder(500 + i, 1, `归类 ${i + 1}`, 'none', { unread: i % 3 }));
});

export const tree: State[] = [
  { name: 'tree-rich', agent: rich },
  { name: 'tree-long', agent: long, size: { width: 1280, height: 1000 } },
  {
    name: 'tree-folded',
    agent: rich,
    act: async (page) => {
      await at(page, 14).focus();
      await page.keyboard.press('ArrowLeft');
      for (const id of [2, 1]) await page.locator(`[data-account="${id}"]`).click();
    },
  },
  {
    name: 'tree-filter',
    agent: long,
    act: async (page) => {
      await page.locator('.find input').fill('9');
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'tree-filter-nothing',
    agent: long,
    act: (page) => page.locator('.find input').fill('不存在的文件夹'),
  },
  {
    name: 'folder-menu',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await at(page, 15).click({ button: 'right' });
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'folder-menu-telling',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await menu(page, '[data-folder="14"]');
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
      await page.getByRole('menuitemradio').first().waitFor();
    },
  },
  { name: 'folder-menu-trash', agent: () => FakeAgent.full(), act: (page) => menu(page, '[data-folder="19"]') },
  {
    name: 'folder-bell',
    agent: changed((agent) => {
      agent.accounts = agent.accounts.map((each) => ({
        ...each,
        telling: 'count',
        state: { state: 'connected', watch: 'idle' },
      }));
    }),
    act: async (page) => {
      await at(page, 14).locator('.bell').click();
      await page.getByRole('menu').waitFor();
    },
  },
  { name: 'account-menu', agent: rich, act: (page) => menu(page, '[data-account="2"]') },
  {
    name: 'folder-rename',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await at(page, 17).focus();
      await page.keyboard.press('F2');
      await page.waitForTimeout(100);
    },
  },
  {
    name: 'folder-rename-refused',
    agent: changed((agent) => {
      agent.overrides['folders.rename'] = () => {
        throw fault('bad_folder_name');
      };
    }),
    act: async (page) => {
      await at(page, 15).focus();
      await page.keyboard.press('F2');
      await page.keyboard.type('a/b');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'folder-new-waits',
    agent: changed((agent) => (agent.overrides['folders.create'] = () => new Promise(() => undefined))),
    act: async (page) => {
      await menu(page, '[data-folder="17"]');
      await page.getByRole('menuitem').nth(3).click();
      await page.keyboard.type('华北大区');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(100);
    },
  },
  {
    name: 'folder-delete',
    agent: changed((agent) => agent.fill(14, 1204)),
    act: async (page) => {
      await at(page, 14).focus();
      await page.keyboard.press('Delete');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'folder-move',
    agent: rich,
    act: async (page) => {
      await menu(page, '[data-folder="15"]');
      await page.getByRole('menuitem').nth(5).click();
      await page.getByRole('option').first().waitFor();
      await page.waitForTimeout(100);
    },
  },
  {
    name: 'drag-mails',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await at(page, 10).click();
      await carry(page, '[role=option]', '[data-folder="17"]');
    },
  },
  {
    name: 'drag-refused',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await at(page, 10).click();
      await carry(page, '[role=option]', '[data-folder="20"]');
    },
  },
  {
    name: 'drag-folder',
    agent: () => FakeAgent.full(),
    act: (page) => carry(page, '[data-folder="17"]', '[data-folder="14"]'),
  },
  {
    name: 'connections',
    agent: changed((agent) => {
      agent.accounts = [
        ...agent.accounts.map((each): typeof each =>
          each.id === 2
            ? { ...each, state: { state: 'offline', cause: causeOf('certificate_unknown'), retry_at: 1_795_402_500 } }
            : { ...each, state: { state: 'connected', watch: 'poll' } },
        ),
        {
          ...(agent.accounts[0] as (typeof agent.accounts)[0]),
          id: 3,
          name: '个人',
          address: 'zhangsan@phoenix.example',
          color: '#3f6db0',
          state: { state: 'sign_in_needed', cause: causeOf('authorization_code') },
        },
      ];
      const status = agent.status.bind(agent);
      agent.status = () => ({ ...status(), pending_operations: 3 });
    }),
    act: async (page) => {
      await page.locator('.state .over').click();
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(200);
    },
  },
  {
    name: 'sign-in-needed',
    agent: changed((agent) => {
      agent.accounts = agent.accounts.map((each) =>
        each.id === 1 ? { ...each, state: { state: 'sign_in_needed', cause: causeOf('password') } } : each,
      );
    }),
  },
  {
    name: 'offline',
    agent: changed((agent) => {
      agent.accounts = agent.accounts.map((each) => ({
        ...each,
        state: { state: 'offline', cause: causeOf('dns'), retry_at: 0 },
      }));
    }),
  },
  { name: 'paused', agent: changed((agent) => (agent.settings.paused_until = 1_795_420_000)) },
  { name: 'keychain-locked', agent: changed((agent) => (agent.trouble = fault('keychain_locked'))) },
  {
    name: 'small-drawer',
    agent: rich,
    size: { width: 480, height: 720 },
    act: (page) => page.locator('.title button').click(),
  },
];
