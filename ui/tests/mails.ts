//! A mailbox for the tests of the window: 张三's, with the people of his company.

import type { Address, Body, Fate, Folder, Mail, MailRow, Role } from '../src/host/api';

/** Monday, 23 November 2026, 10:50 in Shanghai. */
export const NOW = Date.UTC(2026, 10, 23, 2, 50);

const person = (name: string, address: string): Address => ({ name, address });
export const ME = person('张三', 'zhangsan@huadong.example');
export const LISI = person('李四', 'lisi@huadong.example');
export const WANGWU = person('王五', 'wangwu@huadong.example');
export const ZHAOLIU = person('赵六', 'zhaoliu@huadong.example');

/** What became of a mail on its way to somebody: as it is, their mailbox was full. */
export const fate = (address: string, more: Partial<Fate> = {}): Fate => ({
  address,
  outcome: 'failed',
  reason: 'mailbox_full',
  detail: '552 5.2.2 <lisi@huadong.example>: Recipient address rejected: mailbox full',
  at: Math.floor(NOW / 1000) - 600,
  ...more,
});

type Sample = [from: Address, subject: string, preview: string, minutesAgo: number, marks?: Partial<MailRow>];

const SAMPLES: Sample[] = [
  [
    LISI,
    '回复：上海二期验收时间确认',
    '各位好，验收安排在周四下午两点，请提前准备设备清单与测试记录',
    8,
    { unread: true, attachments: true, starred: true },
  ],
  [
    person('财务共享中心', 'finance@huadong.example'),
    '【通知】11 月报销截止时间调整',
    '因系统升级，本月报销单请于 26 日 18:00 前提交，逾期',
    35,
    { unread: true },
  ],
  [
    person('Anna Kowalska', 'anna@phoenix.example'),
    'Re: Draft contract Phoenix v3',
    'Please find our remarks in the attached file. Two clauses are',
    52,
    { attachments: true, answered: true },
  ],
  [
    person('企业微信安全中心', 'no-reply@wework.example'),
    '验证码 482 913，10 分钟内有效',
    '您正在登录企业微信管理后台，请勿将验证码告诉他人。',
    79,
    { unread: true },
  ],
  [
    WANGWU,
    '供应链周报 第 47 周',
    '本周到货 128 批，延迟 3 批，主要原因为港口天气；详见附表。',
    123,
    { attachments: true, important: true },
  ],
  [ZHAOLIU, '数据中心割接方案评审', '回退步骤已补充到第 5 节，请运维同事再看一遍时间窗口。', 1500],
  [
    person('曾晓东', 'zengxiaodong@huadong.example'),
    '客户拜访纪要（11 月 21 日）',
    '客户对交付节奏表示满意，提出两点改进：一是培训材料',
    1560,
  ],
  [
    person('人力资源部', 'hr@huadong.example'),
    '元旦放假及调休安排',
    '根据国务院办公厅通知，2027 年元旦放假安排如下：1 月 1 日',
    3000,
    { forwarded: true },
  ],
  [person('محمد', 'm@phoenix.example'), 'مرحبا 🎉 مشروع شنغهاي', 'نص تجريبي من اليمين إلى اليسار', 4000],
  [
    person('一个名字特别特别长的供应商质量管理与持续改进委员会联络办公室', 'long@huadong.example'),
    '关于印发《华东区域数据中心机房搬迁及设备割接工作实施方案（征求意见稿）》并请各部门于本周五前反馈书面意见的通知',
    '',
    4100,
    { attachments: true },
  ],
];

/** One row of a list; number 0 is the newest. */
export function row(id: number, index: number, folder: number, account: number): MailRow {
  const sample = SAMPLES[index % SAMPLES.length] as Sample;
  const [from, subject, preview, minutes, marks] = sample;
  const round = Math.floor(index / SAMPLES.length);
  return {
    id,
    account,
    folder,
    from,
    to: [ME],
    subject: round === 0 ? subject : `${subject} #${index}`,
    preview,
    date: Math.floor(NOW / 1000) - minutes * 60 - round * 4200 * 60,
    size: 20_000,
    unread: false,
    starred: false,
    answered: false,
    forwarded: false,
    draft: false,
    attachments: false,
    important: false,
    undelivered: false,
    ...(round === 0 ? marks : {}),
  };
}

export function mail(fresh: MailRow): Mail {
  return {
    row: fresh,
    from: [fresh.from],
    reply_to: [],
    to: [ME, WANGWU, ZHAOLIU, LISI],
    cc: [person('采购部', 'purchasing@huadong.example')],
    sent_at: fresh.date,
    message_id: `<${fresh.id}@huadong.example>`,
    fates: [],
    report: null,
    receipt: null,
    attachments: fresh.attachments
      ? [
          {
            index: 0,
            name: '设备清单（最终版）.xlsx',
            mime_type: 'application/vnd.ms-excel',
            size: 88_064,
            inline: false,
            program: false,
          },
          {
            index: 1,
            name: '验收单-盖章.pdf',
            mime_type: 'application/pdf',
            size: 1_258_291,
            inline: false,
            program: false,
          },
        ]
      : [],
    folder_path: '项目 / 上海二期',
  };
}

export function folder(id: number, account: number, name: string, role: Role, more: Partial<Folder> = {}): Folder {
  return {
    id,
    account,
    parent: null,
    name,
    path: name,
    role,
    owner: 'personal',
    selectable: true,
    subscribed: true,
    followed: role === 'inbox',
    managed: false,
    telling: 'bubble',
    favourite: false,
    total: 0,
    unread: 0,
    synced: 0,
    ...more,
  };
}

export const BODY = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>text</title><style>
:root{color-scheme:light dark}body{margin:0;padding:8px 32px 24px;font:15px/1.75 "Noto Sans CJK SC",sans-serif;max-width:860px;box-sizing:border-box}
html{background:BG;color:INK}table{border-collapse:collapse}td,th{border:1px solid #8888;padding:6px 14px;text-align:left}</style>
<p>各位好：</p><p>验收安排在<strong>周四（11 月 26 日）下午两点</strong>，三楼第二会议室。请提前准备设备清单与测试记录，缺项请在周三下班前告诉我。</p>
<table><tr><th>项目</th><th>负责人</th><th>状态</th></tr><tr><td>网络割接</td><td>赵六</td><td>已完成</td></tr><tr><td>负载测试</td><td>王五</td><td>复测中</td></tr></table>
<p>如有疑问请直接电话联系，分机 8217。</p><p>谢谢！<br>李四</p></html>`;

/** An answer about a text that is there. */
export const READY: Body & { state: 'ready' } = {
  state: 'ready',
  html: '',
  plain: false,
  cut: false,
  remote_pictures: 0,
  carried: 0,
  links: [],
  language: null,
  warnings: [],
};
