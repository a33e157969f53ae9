//! Pictures of reading a mail.

import type { Page } from 'playwright-core';
import type { Address, Attachment, Mail } from '../../src/host/api';
import { FakeAgent, fault } from '../agent';
import { LISI, mail, ME, NOW, row, WANGWU } from '../mails';
import { firstMail, openedMail, changed, type State } from './state';

/** An agent whose mails have this in their heads. The sender is nobody whose account is here. */
export function heads(
  more: (fresh: Mail) => Partial<Mail> = () => ({}),
  change: (agent: FakeAgent) => void = () => undefined,
): () => FakeAgent {
  return changed((agent) => {
    for (const [id, rows] of agent.mails)
      agent.mails.set(
        id,
        rows.map((one, i) => (i < 20 ? { ...one, ...more(mail(one)).row } : one)),
      );
    agent.overrides['mail.get'] = ({ mail: id }) => {
      const found = [...agent.mails.values()].flat().find((one) => one.id === id);
      if (!found) throw fault('not_found');
      const head = mail(found);
      return { ...head, ...more(head), row: found };
    };
    change(agent);
  });
}

export function attachment(index: number, name: string, more: Partial<Attachment> = {}): Attachment {
  return {
    index,
    name,
    mime_type: 'application/octet-stream',
    size: 48_000 + index * 7919,
    inline: false,
    program: false,
    ...more,
  };
}

export function crowd(count: number): Address[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `同事${i + 1}`,
    address: `colleague${i + 1}@huadong.example`,
  }));
}

const PHISHING = [
  { kind: 'link_elsewhere', shown: 'https://exmail.qq.com/login', host: 'exmai1-qq.example.ru' },
  { kind: 'name_is_other_address', name: 'ceo@huadong.example', address: 'ceo.huadong@mail.example.ru' },
  { kind: 'program_attached', name: '工资表.xlsx.exe' },
] as const;

async function opened(page: Page): Promise<void> {
  await firstMail(page);
  await page.locator('iframe.now').waitFor();
  await page.waitForTimeout(200);
}

const NARROW = { width: 620, height: 760 };
const MIDDLE = { width: 900, height: 760 };

export const reading: State[] = [
  { name: 'mail', agent: changed((agent) => (agent.blocked = 2)), act: openedMail },
  { name: 'mail-900', agent: changed((agent) => (agent.blocked = 2)), act: openedMail, size: MIDDLE },
  { name: 'mail-620', agent: changed((agent) => (agent.blocked = 2)), act: opened, size: NARROW },
  {
    name: 'mail-classic',
    agent: changed((agent) => {
      agent.blocked = 2;
      agent.settings.layout = 'classic';
    }),
    act: openedMail,
  },
  {
    name: 'mail-long-words',
    agent: () => FakeAgent.full(),
    size: { width: 1280, height: 1100 },
    act: async (page) => {
      await page.locator('[data-folder="10"]').click();
      await page.locator('[role=option]').nth(9).click();
      await page.locator('iframe.now').waitFor();
    },
  },
  {
    name: 'mail-long-subject',
    agent: heads((head) => ({
      row: { ...head.row, subject: '关于华东区域数据中心搬迁的通知（征求意见稿）'.repeat(450) },
    })),
    act: opened,
  },
  {
    name: 'mail-rtl',
    agent: heads((head) => ({
      row: { ...head.row, subject: 'مرحبا 🎉 مشروع شنغهاي' },
      from: [{ name: 'محمد \u202eevil', address: 'm@phoenix.example' }],
      to: [{ name: 'فاطمة', address: 'f@phoenix.example' }, ME],
    })),
    act: async (page) => {
      await opened(page);
      await page.locator('button.to').click();
    },
  },
  {
    name: 'mail-head-unfolded',
    agent: heads((head) => ({
      reply_to: [{ name: '', address: 'reply@huadong.example' }],
      row: { ...head.row, date: head.row.date + 1200 },
    })),
    act: async (page) => {
      await openedMail(page);
      await page.locator('button.to').click();
    },
  },
  {
    name: 'mail-people-40',
    agent: heads(() => ({ to: [ME, ...crowd(39)] })),
    act: async (page) => {
      await openedMail(page);
      await page.locator('button.to').click();
    },
  },
  {
    name: 'mail-people-2000',
    agent: heads(() => ({ to: crowd(2000) })),
    act: async (page) => {
      await openedMail(page);
      await page.locator('button.to').click();
      await page.locator('.people > .link').click();
    },
  },
  {
    name: 'mail-person-card',
    agent: heads(
      () => ({ from: [WANGWU] }),
      (agent) => {
        agent.settings.vips = [WANGWU.address];
        agent.settings.pictures_from = ['@huadong.example'];
      },
    ),
    act: async (page) => {
      await openedMail(page);
      await page.locator('button.sender').click();
      await page.locator('.card').waitFor();
    },
  },
  {
    name: 'mail-pictures-menu',
    agent: changed((agent) => (agent.blocked = 2)),
    act: async (page) => {
      await openedMail(page);
      await page.locator('.always').click();
    },
  },
  {
    name: 'mail-more-menu',
    agent: changed((agent) => {
      agent.blocked = 2;
      agent.settings.pictures_from = [LISI.address];
    }),
    act: async (page) => {
      await openedMail(page);
      await page.locator('.tools button').last().click();
      await page.locator('.menu').waitFor();
    },
  },
  {
    name: 'mail-move-menu',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await page.getByRole('button', { name: /^(移动到…|Move to…)$/ }).click();
      await page.locator('.menu.move').waitFor();
    },
  },
  {
    name: 'mail-dangerous',
    agent: heads(
      (head) => ({
        row: { ...head.row, subject: '【人事】请重新登录邮箱确认工资表', attachments: true },
        from: [{ name: 'ceo@huadong.example', address: 'ceo.huadong@mail.example.ru' }],
        attachments: [attachment(0, '工资表.xlsx.exe', { program: true }), attachment(1, '说明.pdf')],
      }),
      (agent) => {
        agent.warnings = [...PHISHING];
        agent.blocked = 1;
      },
    ),
    act: async (page) => {
      await opened(page);
      await page.locator('.bar.warn .link').click();
    },
  },
  {
    name: 'mail-warning-folded',
    agent: changed((agent) => (agent.warnings = [PHISHING[0]])),
    act: opened,
  },
  {
    name: 'mail-junk',
    agent: changed((agent) => {
      agent.fill(18, 12);
      agent.blocked = 3;
    }),
    act: async (page) => {
      await page.locator('[data-folder="18"]').click();
      await page.waitForTimeout(150);
      await opened(page);
    },
  },
  {
    name: 'mail-attachments-60',
    agent: heads((head) => ({
      row: { ...head.row, attachments: true },
      attachments: Array.from({ length: 60 }, (_, i) =>
        attachment(
          i,
          [
            '现场照片.jpg',
            '设备清单（最终版，请勿外传，含各机房机柜编号与序列号）.xlsx',
            '会议纪要.docx',
            '图纸.dwg',
            '汇报.pptx',
            '日志.7z',
            'README',
          ][i % 7] ?? '',
        ),
      ),
    })),
    act: opened,
  },
  {
    name: 'mail-attachment-refused',
    agent: heads(
      (head) => ({
        row: { ...head.row, attachments: true },
        attachments: [attachment(0, '安装程序.exe', { program: true }), attachment(1, '说明.pdf')],
      }),
      (agent) => {
        agent.overrides['mail.open_attachment'] = () => {
          throw fault('attachment_dangerous', { name: '安装程序.exe' });
        };
      },
    ),
    act: async (page) => {
      await opened(page);
      await page.locator('li .open').first().click();
      await page.locator('.refused').waitFor();
    },
  },
  {
    name: 'mail-attachment-fetching',
    agent: changed((agent) => (agent.overrides['mail.open_attachment'] = () => new Promise(() => undefined))),
    act: async (page) => {
      await openedMail(page);
      await page.locator('li .open').first().click();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'mail-source',
    agent: changed((agent) => {
      agent.overrides['mail.source'] = () => ({
        text: `Received: from mail.huadong.example (10.0.0.5)\r\n\tby imaphz.qiye.163.com; Mon, 23 Nov 2026 10:42:00 +0800\r\nFrom: =?utf-8?B?5p2O5Zub?= <lisi@huadong.example>\r\nTo: zhangsan@huadong.example\r\nSubject: =?utf-8?B?5Zue5aSN77ya5LiK5rW35LqM5pyf?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>各位好：</p>\r\n${'<p>验收安排在周四下午两点，三楼第二会议室。</p>\r\n'.repeat(60)}`,
        truncated: true,
      });
    }),
    act: async (page) => {
      await openedMail(page);
      await page.locator('.tools button').last().click();
      await page.getByRole('menuitem', { name: /源码|source/ }).click();
      await page.locator('pre').waitFor();
    },
  },
  {
    name: 'mail-gone',
    agent: () => FakeAgent.full(),
    act: async (page, agent) => {
      await openedMail(page);
      const id = Number(await page.locator('iframe.now').getAttribute('data-mail'));
      agent.overrides['mail.get'] = () => {
        throw fault('not_found');
      };
      agent.send({ kind: 'mail_removed', folder: 10, mails: [id] });
      await page.locator('.bar.warn').waitFor();
    },
  },
  {
    name: 'mail-moved',
    agent: () => FakeAgent.full(),
    act: async (page, agent) => {
      await openedMail(page);
      const id = Number(await page.locator('iframe.now').getAttribute('data-mail'));
      const found = [...agent.mails.values()].flat().find((one) => one.id === id) ?? row(id, 0, 10, 1);
      agent.overrides['mail.get'] = () => mail({ ...found, folder: 13 });
      agent.send({ kind: 'mail_removed', folder: 10, mails: [id] });
      await page.locator('.bar').waitFor();
    },
  },
  {
    name: 'mail-cut',
    agent: changed(
      (agent) =>
        (agent.overrides['mail.body'] = () => ({
          state: 'ready',
          html: '',
          plain: false,
          cut: true,
          remote_pictures: 0,
          carried: 0,
          links: [],
          language: null,
          warnings: [],
        })),
    ),
    act: async (page) => {
      await firstMail(page);
      await page.locator('.bar').waitFor();
    },
  },
  {
    name: 'mail-body-failed',
    agent: changed((agent) => (agent.overrides['mail.body'] = () => ({ state: 'failed', error: fault('offline') }))),
    act: async (page) => {
      await firstMail(page);
      await page.locator('.bar.bad').waitFor();
    },
  },
  {
    name: 'mail-body-loading',
    agent: changed((agent) => {
      agent.overrides['mail.body'] = () => ({ state: 'fetching' });
      agent.accounts = agent.accounts.map((each) => ({
        ...each,
        state: {
          state: 'offline',
          cause: { code: 'dns', step: 'imap_connect', host: 'imaphz.qiye.163.com', port: 993, detail: '' },
          retry_at: Math.floor(NOW / 1000) + 60,
        },
      }));
    }),
    act: async (page) => {
      await firstMail(page);
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'mail-none',
    agent: () => FakeAgent.full(),
    act: (page) => page.locator('[data-folder="10"]').click(),
  },
  {
    name: 'mail-many-selected',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('[data-folder="10"]').click();
      await firstMail(page);
      for (let i = 0; i < 5; i += 1) await page.keyboard.press('Shift+ArrowDown');
    },
  },
  {
    name: 'mail-many-selected-620',
    agent: () => FakeAgent.full(),
    size: { width: 900, height: 620 },
    act: async (page) => {
      await firstMail(page);
      for (let i = 0; i < 5; i += 1) await page.keyboard.press('Shift+ArrowDown');
    },
  },
  {
    name: 'mail-own-window',
    agent: heads(() => ({})),
    query: '?mail=10008204&alone',
    size: { width: 760, height: 700 },
    act: async (page) => page.locator('iframe.now').waitFor(),
  },
  {
    name: 'mail-own-window-done',
    agent: heads(() => ({})),
    query: '?mail=10008204&alone',
    size: { width: 760, height: 700 },
    act: async (page) => {
      await page.locator('iframe.now').waitFor();
      await page.keyboard.press('e');
      await page.locator('.done h1').waitFor();
    },
  },
  {
    name: 'mail-print',
    agent: changed((agent) => (agent.blocked = 1)),
    act: async (page) => {
      await openedMail(page);
      await page.emulateMedia({ media: 'print' });
    },
  },
];
