//! What is told of mails that were sent, receipts, redirecting, templates and aliases.

import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { FakeAgent } from './agent';
import { fate } from './mails';
import { called, house, inbox, options, until, violations } from './house';
import type { DraftContent, OutboxEntry } from '../src/host/api';

const home = house();

/** The mail of the list's first row, opened, with this told of it. */
async function opened(told: Parameters<FakeAgent['told']['set']>[1], agent = FakeAgent.full()) {
  const id = agent.mails.get(10)?.[0]?.id ?? 0;
  agent.told.set(id, told);
  const page = await home.start(agent);
  await inbox(page);
  await options(page).first().click();
  await page.locator('article').waitFor();
  return { page, agent, id };
}

/** Something is told of the mail once more, and the page has taken it in. */
async function again(page: Page, agent: FakeAgent, id: number): Promise<void> {
  const before = called(agent, 'mail.get').length;
  const row = agent.mails.get(10)?.[0];
  if (row) row.subject = '又读了一遍';
  agent.send({ kind: 'reported', mails: [id] });
  await until(() => called(agent, 'mail.get').length > before);
  await page.locator('article').getByRole('heading', { name: '又读了一遍' }).waitFor();
}

const bar = (page: Page, text: string) => page.locator('.bar', { hasText: text });

describe('a delivery report', () => {
  it('says who, why and what to do, and the mail goes again with one click', async () => {
    const { page, agent, id } = await opened({
      report: { about: null, fates: [fate('lisi@huadong.example')] },
    });
    await bar(page, '没有送达 李四').waitFor();
    // A mail that is not here cannot go again.
    expect(await page.getByRole('button', { name: '再发一次' }).count()).toBe(0);
    agent.told.set(id, { fates: [fate('lisi@huadong.example')], report: null });
    agent.send({ kind: 'reported', mails: [id] });
    await page.getByRole('button', { name: '再发一次' }).waitFor();
    await bar(page, '对方邮箱已满').getByRole('button', { name: '查看' }).click();
    await page.getByText('服务器的答复：').waitFor();
    await page.getByText('请用电话或企业微信告诉对方清理邮箱').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '再发一次' }).click();
    await until(() => called(agent, 'mail.resend').length === 1);
    expect(called(agent, 'mail.resend')[0]).toMatchObject({ mail: id, to: [{ address: 'lisi@huadong.example' }] });
    // It is taken back as any mail, and can be written on then.
    await page.getByRole('button', { name: '撤销' }).click();
    await page.locator('.composer .words').waitFor();
    expect(agent.outbox).toEqual([]);
  });

  it('of several recipients is edited with the wrong ones marked', async () => {
    const { page, agent } = await opened({
      fates: [
        fate('lisi@huadong.example', { reason: 'no_such_user' }),
        fate('wangwu@huadong.example', { reason: 'refused' }),
        fate('zhaoliu@huadong.example', { outcome: 'read' }),
      ],
    });
    await bar(page, '有 2 位收件人没有收到').getByRole('button', { name: '修改后发送' }).click();
    await page.locator('.composer .words').waitFor();
    expect(called(agent, 'draft.create').at(-1)).toMatchObject({ kind: 'edit_as_new' });
    await until(async () => (await page.locator('.composer .bad').count()) === 2);
    await bar(page, '已读').waitFor();
  });

  it('marks the row of the mail', async () => {
    const agent = FakeAgent.full();
    agent.mails.set(
      10,
      (agent.mails.get(10) ?? []).map((row, i) => ({ ...row, undelivered: i === 0 })),
    );
    const page = await home.start(agent);
    await inbox(page);
    expect(await options(page).first().getByLabel('没有送达').count()).toBe(1);
    expect(await options(page).nth(1).getByLabel('没有送达').count()).toBe(0);
  });
});

describe('a receipt', () => {
  const asked = { receipt: { to: { name: '李四', address: 'lisi@huadong.example' }, automatic: true } };

  it('goes when one wants it, and nobody is asked again', async () => {
    const { page, agent } = await opened({ from: [{ name: '李四', address: 'lisi@huadong.example' }], ...asked });
    await bar(page, '李四 想知道你已读这封邮件').getByRole('button', { name: '发送回执' }).click();
    await page.getByText('回执已发送').waitFor();
    await until(async () => (await bar(page, '想知道').count()) === 0);
    const [params] = called(agent, 'mail.receipt');
    expect(params).toMatchObject({ send: true, automatic: false });
    expect(params?.['subject']).toContain('已读：');
  });

  it('that goes to somebody else is told so', async () => {
    const { page, agent } = await opened({
      receipt: { to: { name: '', address: 'spy@evil.example' }, automatic: false },
    });
    const line = bar(page, 'spy@evil.example');
    await line.getByRole('button', { name: '不发送' }).click();
    await until(async () => (await line.count()) === 0);
    expect(called(agent, 'mail.receipt')[0]).toMatchObject({ send: false });
  });

  it('goes by itself where that is chosen, once; and never where that is', async () => {
    const agent = FakeAgent.full();
    agent.settings.writing = { ...agent.settings.writing, receipts: 'always' };
    const { page, id } = await opened({ from: [{ name: '李四', address: 'lisi@huadong.example' }], ...asked }, agent);
    await until(() => called(agent, 'mail.receipt').length === 1);
    expect(called(agent, 'mail.receipt')[0]).toMatchObject({ send: true, automatic: true });
    expect(await bar(page, '想知道').count()).toBe(0);
    await again(page, agent, id);
    expect(called(agent, 'mail.receipt').length).toBe(1);
  });

  it('that still waits is no mail of the outbox, also after a start', async () => {
    const agent = FakeAgent.full();
    const entry: OutboxEntry = {
      id: 900,
      account: 1,
      state: 'waiting',
      created: 1_795_750_000,
      due: 1_795_750_000,
      subject: '已读：周报',
      message_id: 'receipt@huadong.example',
      recipients: ['lisi@huadong.example'],
      refused: [],
      size: 900,
      attempts: 1,
      cause: null,
      draft: null,
      receipt: true,
    };
    agent.outbox = [entry, { ...entry, id: 901, subject: '周报', receipt: false }];
    const page = await home.start(agent);
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    const sheet = page.getByRole('dialog', { name: '草稿与发件箱' });
    await sheet.getByText('周报').waitFor();
    expect(await sheet.locator('li').count()).toBe(1);
  });

  it('is nothing that is asked of who never sends one', async () => {
    const agent = FakeAgent.full();
    agent.settings.writing = { ...agent.settings.writing, receipts: 'never' };
    const { page, id } = await opened(asked, agent);
    await again(page, agent, id);
    expect(await bar(page, '回执').count()).toBe(0);
    expect(called(agent, 'mail.receipt')).toEqual([]);
  });
});

describe('a mail that is redirected', () => {
  it('goes on with nothing written into it', async () => {
    const { page, agent } = await opened({});
    await page.keyboard.press('Alt+b');
    const composer = page.locator('.composer');
    await composer.getByText('邮件原样转交').waitFor();
    expect(await composer.locator('.words').count()).toBe(0);
    expect(await composer.getByLabel('主题').count()).toBe(0);
    await page.keyboard.type('wangwu@huadong.example,');
    expect(await violations(page)).toEqual([]);
    await composer.getByRole('button', { name: '转交', exact: true }).click();
    await until(() => called(agent, 'draft.send').length === 1);
    const content = called(agent, 'draft.send')[0]?.['content'] as DraftContent;
    expect(content.to.map(({ address }) => address)).toEqual(['wangwu@huadong.example']);
  });
});

describe('templates', () => {
  const weekly = {
    id: 1,
    content: {
      name: '周报',
      subject: '{{项目}}周报',
      html: '<p>{{收件人}}，您好：</p><p>{{项目}}本周进展如下。</p><p>{{我}}</p>',
    },
  };

  it('fill in what is known and ask for the rest', async () => {
    const agent = FakeAgent.full();
    agent.templates = [weekly];
    const page = await home.start(agent);
    await page.keyboard.press('c');
    await page.locator('.composer .words').waitFor();
    await page.keyboard.type('李');
    await page.locator('.found .person').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '插入模板' }).click();
    await page.getByRole('menuitem', { name: '周报' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('收件人').inputValue()).toBe('李四');
    expect(await dialog.getByLabel('我').inputValue()).toBe('张三');
    expect(await violations(page)).toEqual([]);
    await dialog.getByLabel('项目').fill('<b>上海</b> & 二期');
    await dialog.getByLabel('项目').press('Enter');
    const words = page.locator('.composer .words');

    await words.getByText('李四，您好：').waitFor();
    expect(await words.innerText()).toContain('<b>上海</b> & 二期本周进展如下。');
    expect(await page.getByLabel('主题').inputValue()).toBe('<b>上海</b> & 二期周报');
    // What stands there is one more template, without the signature.
    await page.getByRole('button', { name: '插入模板' }).click();
    await page.getByRole('menuitem', { name: '存为模板…' }).click();
    await page.getByRole('dialog').getByLabel('模板名称').fill('上海周报');
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await until(() => agent.templates.length === 2);
    const kept = agent.templates[1]?.content;
    expect(kept?.name).toBe('上海周报');
    expect(kept?.html).toContain('李四，您好');
    expect(kept?.html).not.toContain('华东科技');
  });

  it('are written, changed, removed and had back in the settings', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.keyboard.press('Control+,');
    await page
      .getByRole('tab', { name: '写信' })
      .or(page.getByRole('button', { name: '写信' }))
      .first()
      .click();
    await page.getByRole('button', { name: '新建模板' }).click();
    await page.keyboard.type('感谢信');
    const form = page.locator('#set-templates form');
    await form.getByLabel('主题').fill('感谢');
    await form.locator('.words').click();
    await page.keyboard.type('感谢您的支持。');
    expect(await violations(page)).toEqual([]);
    await form.getByRole('button', { name: '保存' }).click();
    await until(() => agent.templates.length === 1);
    expect(agent.templates[0]?.content).toMatchObject({ name: '感谢信', subject: '感谢' });
    expect(agent.templates[0]?.content.html).toContain('感谢您的支持');
    await page.getByRole('button', { name: '删除“感谢信”' }).click();
    await until(() => agent.templates.length === 0);
    await page.getByRole('button', { name: '撤销' }).click();
    await until(() => agent.templates.length === 1);
  });
});

describe('an alias', () => {
  it('is one of the senders', async () => {
    const agent = FakeAgent.full(20, false);
    const authors = agent.settings.writing.authors;
    const author = authors['zhangsan@huadong.example'];
    if (author) authors['zhangsan@huadong.example'] = { ...author, aliases: ['sales@huadong.example'] };
    const page = await home.start(agent);
    await page.keyboard.press('c');
    await page.locator('.composer .words').waitFor();
    await page.locator('.composer select').selectOption({ label: 'sales@huadong.example' });
    await page.keyboard.press('Control+s');
    await until(() => called(agent, 'draft.save').length > 0);
    const content = called(agent, 'draft.save').at(-1)?.['content'] as DraftContent;
    expect([content.account, content.from]).toEqual([1, 'sales@huadong.example']);
  });
});
