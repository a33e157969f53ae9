//! Writing, in Chromium with an agent in memory.

import { describe, expect, it } from 'vitest';
import { FakeAgent, somebody } from './agent';
import { called, carry, house, until, violations } from './house';
import type { DraftContent } from '../src/host/api';

const home = house();
const composer = '.composer';

function saved(agent: FakeAgent): DraftContent | undefined {
  const last = agent.calls.filter(({ method }) => method === 'draft.save' || method === 'draft.send').at(-1);
  return (last?.params as { content: DraftContent } | undefined)?.content;
}

async function written(agent = FakeAgent.full()) {
  const page = await home.start(agent);
  await page.keyboard.press('c');
  await page.locator(`${composer} .words`).waitFor();
  return { page, agent };
}

describe('what is written', () => {
  it('is looked through, and its words are counted', async () => {
    const { page } = await written();
    await page.keyboard.type('lisi@huadong.example,');
    await page.locator(`${composer} .line input`).fill('x');
    await page.keyboard.press('Enter');
    await page.keyboard.type('验收材料 Version 2.0 见附件。');
    await page.keyboard.press('Enter');
    await page.keyboard.type('验收时间是周四，VERSION 以附件为准。');
    await page.keyboard.press('Control+f');
    const field = page.getByRole('search').locator('input');
    await field.waitFor();
    await page.keyboard.type('version');
    await page.getByText('第 1 处，共 2 处').waitFor();
    expect(await page.locator(`${composer} .hit`).allInnerTexts()).toEqual(['Version', 'VERSION']);
    await page.keyboard.press('Enter');
    expect(await page.locator(`${composer} .hit.now`).innerText()).toBe('VERSION');
    await page.keyboard.press('Escape');
    // What was found is chosen, and written over.
    await page.keyboard.type('版本');
    expect(await page.locator(`${composer} .words`).innerText()).toContain('周四，版本 以附件为准');
    expect(await page.locator(`${composer} .hit`).count()).toBe(0);
    await page.keyboard.press('Control+f');
    await page.keyboard.type('没有的');
    await page.getByText('没有找到').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.locator(composer).count()).toBe(1);
    await until(() => page.evaluate(() => document.activeElement?.classList.contains('words') ?? false));
    await page.getByRole('button', { name: '更多选项' }).click();
    // 4 + 2 + 3, then 7 + 2 + 5; the signature does not count.
    await page.getByText('正文 23 字').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

describe('a new mail', () => {
  it('is written by the keyboard alone, kept within a second, sent, and taken back', async () => {
    const { page, agent } = await written();
    // The caret stands where the recipients are.
    await page.keyboard.type('李');
    await page.locator('.found .person').first().waitFor();
    expect(await page.locator('.found .person').count()).toBe(2);
    await page.keyboard.press('Enter');
    await page.keyboard.type('wangwu@huadong.example, ');
    expect(await page.locator(`${composer} .who`).allInnerTexts()).toEqual(['李四', 'wangwu@huadong.example']);
    await page.getByLabel('主题').focus();
    await page.keyboard.type('周报');
    await page.keyboard.press('Enter');
    await page.keyboard.type('本周完成了三件事。');
    await until(() => saved(agent)?.html.includes('三件事') === true);
    expect(saved(agent)).toMatchObject({
      subject: '周报',
      to: [
        { name: '李四', address: 'lisi@huadong.example' },
        { name: '', address: 'wangwu@huadong.example' },
      ],
    });
    await page.getByText('草稿已保存').waitFor();
    expect(saved(agent)?.html).toContain('华东科技');
    await page.keyboard.press('Control+Enter');
    await page.getByText('邮件已发送').waitFor();
    expect(await page.locator(composer).count()).toBe(0);
    // A key of the list takes it back.
    await page.keyboard.press('Control+z');
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .words`).innerText()).toContain('三件事');
    expect(agent.outbox).toEqual([]);
    expect(await violations(page)).toEqual([]);
  });

  it('marks what is no address, and says so instead of sending', async () => {
    const { page, agent } = await written();
    await page.keyboard.type('nobody');
    await page.keyboard.press('Enter');
    expect(await page.locator(`${composer} .who.bad`).innerText()).toContain('nobody');
    await page.getByLabel('主题').fill('x');
    await page.getByRole('button', { name: '发送', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'nobody' }).waitFor();
    expect(agent.outbox).toEqual([]);
    // A double click makes it text again.
    await page.locator(`${composer} .who.bad`).dblclick();
    await page.keyboard.type('@x.example');
    await page.keyboard.press('Enter');
    expect(await page.locator(`${composer} .who.bad`).count()).toBe(0);
  });

  it('finds colleagues with their department, tells why somebody cannot be chosen, and shows their cards', async () => {
    const agent = FakeAgent.full();
    const zhao = {
      userid: 'zhaoliu',
      path: ['示例集团', '华东', '财务部'],
      title: '会计',
      phone: '13800000000',
      unreachable: null,
    };
    agent.enterprise = [
      somebody('赵六', 'zhaoliu@huadong.example', { colleague: zhao }),
      somebody('赵六', '', { colleague: { ...zhao, userid: 'other', title: '', unreachable: 'ambiguous' } }),
      somebody('赵家', '', { department: { id: 7, path: ['示例集团', '赵家'], count: 200, more: true } }),
      somebody('赵组', '', { department: { id: 8, path: ['示例集团', '华东', '赵组'], count: 1, more: false } }),
    ];
    agent.cards = [
      {
        userid: 'zhaoliu',
        name: '赵六',
        alias: '',
        address: 'zhaoliu@huadong.example',
        unreachable: null,
        departments: [zhao.path, ['示例集团', '华北', '审计部']],
        title: zhao.title,
        phone: zhao.phone,
        mails: 12,
      },
    ];
    const { page } = await written(agent);
    await page.keyboard.type('赵');
    const rows = page.locator('.found .person');
    await rows.first().waitFor();
    const told = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(told[0]).toContain('赵六 zhaoliu@huadong.example 华东 / 财务部 · 会计');
    expect(told[1]).toContain('可能对应多个邮箱');
    expect(told[2]).toContain('超过 200 人');
    expect(told[3]).toContain('1 人');
    expect(await page.locator('.found .greyed').count()).toBe(2);
    expect(await violations(page)).toEqual([]);
    // Who cannot be chosen is passed over by the keyboard, and a click does nothing.
    await page.keyboard.press('ArrowDown');
    expect(await rows.nth(3).getAttribute('aria-selected')).toBe('true');
    await rows.nth(1).click({ force: true });
    expect(await page.locator(`${composer} .who`).count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator(`${composer} .who`).allInnerTexts()).toEqual(['赵六']);
    await page.locator(`${composer} .who`).click();
    const card = page.getByRole('dialog', { name: '赵六' });
    await card.waitFor();
    for (const words of ['华东 / 财务部', '华北 / 审计部', '会计', '13800000000', '与此人的邮件（12）'])
      await card.getByText(words).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    // The keys are where they were; a department becomes its people, nobody twice.
    await page.keyboard.type('赵组');
    await rows.first().waitFor();
    await page.keyboard.press('Enter');
    await until(() => agent.calls.some(({ method }) => method === 'directory.department'));
    await until(async () => (await rows.count()) === 0);
    expect(await page.locator(`${composer} .who`).allInnerTexts()).toEqual(['赵六']);
  });

  it('splits a pasted list by Chinese and other signs', async () => {
    const { page } = await written();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/plain', '张三 <a@b.cn>; c@d.cn，"Li, Si" <e@f.cn>、g@h.cn');
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    expect(await page.locator(`${composer} .who`).allInnerTexts()).toEqual(['张三', 'c@d.cn', 'Li, Si', 'g@h.cn']);
  });

  it('asks once about a forgotten attachment and a missing subject', async () => {
    const { page, agent } = await written();
    await page.keyboard.type('lisi@huadong.example,');
    await page.locator(`${composer} .words`).click();
    await page.keyboard.type('请见附件');
    await page.keyboard.press('Control+Enter');
    await page.getByText('没有写主题').waitFor();
    await page.getByRole('button', { name: '仍然发送' }).click();
    await page.getByText('是不是忘了附件？').waitFor();
    await page.getByRole('button', { name: '取消' }).click();
    expect(agent.outbox).toEqual([]);
    // The subject was answered; only the attachment is asked about again.
    await page.keyboard.press('Control+Enter');
    await page.getByText('是不是忘了附件？').waitFor();
    await page.getByRole('button', { name: '仍然发送' }).click();
    await page.getByText('邮件已发送').waitFor();
  });

  it('does not send or break a line while an input method composes', async () => {
    const { page, agent } = await written();
    await page.keyboard.type('lisi@huadong.example,');
    await page.getByLabel('主题').fill('输入法');
    await page.locator(`${composer} .words p`).first().click();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
    await cdp.send('Input.dispatchKeyEvent', {
      type: 'keyDown',
      key: 'Enter',
      code: 'Enter',
      windowsVirtualKeyCode: 229,
      modifiers: 2,
    });
    await cdp.send('Input.insertText', { text: '你好' });
    expect(agent.outbox).toEqual([]);
    expect(await page.locator(`${composer} .words p`).first().innerText()).toBe('你好');
    // A candidate in the field of recipients is no recipient yet.
    await page.getByRole('combobox', { name: '收件人' }).focus();
    await cdp.send('Input.imeSetComposition', { text: "li'si", selectionStart: 5, selectionEnd: 5 });
    await cdp.send('Input.dispatchKeyEvent', {
      type: 'keyDown',
      key: 'Enter',
      code: 'Enter',
      windowsVirtualKeyCode: 229,
    });
    expect(await page.locator(`${composer} .who`).count()).toBe(1);
    await cdp.send('Input.insertText', { text: '李' });
    await page.locator('.found .person').first().waitFor();
  });

  it('takes tables from office programs, and pictures from the clipboard', async () => {
    const { page, agent } = await written();
    await page.locator(`${composer} .words`).click();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData(
        'text/html',
        '<html><head><style>td{mso-x:y}</style></head><body><!--[if gte mso 9]><xml/><![endif]--><table width=200><tr><td class=xl65>合计</td><td style="color:red">120</td></tr></table><p class=MsoNormal><b>完</b><o:p></o:p></p></body></html>',
      );
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    await page.locator('.words td', { hasText: '120' }).waitFor();
    await page.keyboard.press('Control+End');
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array([1, 2, 3])], 'shot.png', { type: 'image/png' }));
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    await page.locator('.words img.picture').waitFor();
    await until(() => /<img[^>]*src="cid:p\d+@qiyou"/.test(saved(agent)?.html ?? ''));
    expect(saved(agent)?.html).toContain('<table');
    expect(saved(agent)?.html).not.toContain('Mso');
    expect(saved(agent)?.html).not.toContain('data:');
  });
});

describe('an answer', () => {
  it('stands under its mail, quotes it sealed, and goes with it', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.keyboard.press('j');
    await page.locator('iframe.now').waitFor();
    await page.keyboard.press('r');
    await page.locator(`${composer} .words`).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.classList.contains('words') === true));
    await page.keyboard.type('好的');
    await until(() => saved(agent)?.html.includes('好的') === true);
    const content = saved(agent);
    expect(content?.html.startsWith('<p>好的</p>')).toBe(true);
    expect(content?.html).toContain('写道：');
    expect(content?.quote).toBe(true);
    expect(content?.subject.startsWith('回复：')).toBe(true);
    // What stands above is folded below; opened it is as sealed as any mail.
    await page.getByRole('button', { name: '原邮件', exact: true }).click();
    const frame = page.locator(`${composer} iframe`);
    await frame.waitFor();
    expect(await frame.getAttribute('sandbox')).toBe('allow-same-origin');
    await page.getByRole('button', { name: '原邮件选项' }).click();
    await page.getByRole('menuitem', { name: '编辑原文' }).click();
    await page.getByText('要编辑原文吗？').waitFor();
    await page.getByRole('button', { name: '编辑原文' }).click();
    await page.locator('.words td', { hasText: '二' }).waitFor();
    await until(() => saved(agent)?.quote === false);
    expect(await violations(page)).toEqual([]);
    // Escape puts it away; it stays a draft.
    await page.locator(`${composer} .words`).click();
    await page.keyboard.press('Escape');
    await until(async () => (await page.locator(composer).count()) === 0);
    expect(agent.drafts.filter(({ entry }) => entry === null)).toHaveLength(1);
  });

  it('that nothing was written into leaves no draft', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.keyboard.press('j');
    await page.locator('iframe.now').waitFor();
    await page.keyboard.press('a');
    await page.locator(`${composer} .words`).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.classList.contains('words') === true));
    await page.keyboard.press('Escape');
    await until(() => agent.drafts.every(({ entry }) => entry !== null));
  });
});

describe('drafts and outbox', () => {
  it('show what waits, what was refused and what asks, and reopen a mail with the culprits marked', async () => {
    const { page, agent } = await written();
    await page.keyboard.type('lisi@huadong.example, nobody@kehu.example,');
    await page.getByLabel('主题').fill('报价');
    await page.locator(`${composer} .words`).click();
    await page.keyboard.type('您好');
    await page.keyboard.press('Control+Enter');
    await page.getByText('邮件已发送').waitFor();
    const id = agent.outbox[0]?.id ?? 0;
    agent.onward(id, {
      state: 'refused',
      refused: [{ address: 'nobody@kehu.example', code: 550, text: '用户不存在' }],
    });
    await page.getByText('“报价”没有发出去').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    const sheet = page.getByRole('dialog', { name: '草稿与发件箱' });
    await sheet.getByText('550 用户不存在').waitFor();
    expect(await violations(page)).toEqual([]);
    await sheet.getByRole('button', { name: '撤回并编辑' }).click();
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .who.bad`).innerText()).toContain('nobody@kehu.example');
  });

  it('bring back a draft that was thrown away', async () => {
    const { page, agent } = await written();
    await page.locator(`${composer} .words`).click();
    await page.keyboard.type('不要了');
    await page.locator(composer).getByRole('button', { name: '舍弃' }).click();
    await page.getByText('草稿已舍弃').waitFor();
    await page.keyboard.press('Control+z');
    await page.locator(`${composer} .words`).waitFor();
    expect(agent.drafts.filter(({ entry }) => entry === null)).toHaveLength(1);
  });
});

describe('another program', () => {
  it('hands over an address to write to', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent, undefined, {
      query: '?mailto=mailto:lisi@huadong.example%3Fsubject=%E4%BD%A0%E5%A5%BD%26body=%E6%AD%A3%E6%96%87',
    });
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .who`).allInnerTexts()).toEqual(['lisi@huadong.example']);
    expect(await page.getByLabel('主题').inputValue()).toBe('你好');
    expect(await page.locator(`${composer} .words`).innerText()).toContain('正文');
    expect(agent.outbox).toEqual([]);
  });
});

describe('a window of its own', () => {
  it('shows the draft, sends it, and lets it be taken back', async () => {
    const agent = FakeAgent.full();
    const { id } = (await agent.answer('draft.create', {
      kind: 'new',
      account: 1,
      mails: [],
      to: [],
      cc: [],
      bcc: [],
      subject: '独立窗口',
      prefix: '',
      text: '正文',
    })) as { id: number };
    const page = await home.start(agent, { width: 820, height: 680 }, { query: `?draft=${id}` });
    await page.locator('.words').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('combobox', { name: '收件人' }).focus();
    await page.keyboard.type('lisi@huadong.example,');
    await page.keyboard.press('Control+Enter');
    await page.getByText('邮件已发送').waitFor();
    await page.getByRole('button', { name: '撤销' }).click();
    await page.locator('.words').waitFor();
    expect(agent.outbox).toEqual([]);
  });
});

describe('the settings of writing', () => {
  it('give a name and a signature to an account, and the next mail has it', async () => {
    const agent = FakeAgent.full();
    agent.settings = { ...agent.settings, writing: { ...agent.settings.writing, authors: {} } };
    const page = await home.start(agent);
    await page.keyboard.press('Control+,');
    await page.getByRole('tab', { name: '写信' }).click();
    await page.getByLabel('发件人姓名').fill('张三');
    await page.getByLabel('发件人姓名').blur();
    await page.locator('.box .words').click();
    await page.keyboard.type('华东科技 张三');
    await until(() => agent.settings.writing.authors['zhangsan@huadong.example']?.signature.includes('华东') === true);
    expect(agent.settings.writing.authors['zhangsan@huadong.example']?.name).toBe('张三');
    await page.getByLabel('回复和转发时也用').check();
    await until(
      () => agent.settings.writing.authors['zhangsan@huadong.example']?.reply_signature.includes('华东') === true,
    );
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('撤回时间').selectOption({ label: '不等待，立即发送' });
    await until(() => agent.settings.writing.undo_seconds === 0);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('c');
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .words`).innerText()).toContain('华东科技 张三');
    // Without time to take it back there is nothing to take back.
    await page.keyboard.type('lisi@huadong.example,');
    await page.getByLabel('主题').fill('x');
    await page.keyboard.press('Control+Enter');
    await page.getByText('邮件已发送').waitFor();
    expect(await page.locator('.toast button').count()).toBe(0);
  });
});

describe('a folder of drafts', () => {
  it('is where one goes on writing, by Enter and by a button', async () => {
    const agent = FakeAgent.full();
    agent.fill(11, 2);
    const page = await home.start(agent);
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.locator('[role=option]').first().click();
    await page.getByRole('button', { name: '继续写' }).click();
    await page.locator(`${composer} .words`).waitFor();
    await page.keyboard.press('Escape');
    await until(async () => (await page.locator(composer).count()) === 0);
    await page.locator('[role=option]').nth(1).click();
    await page.keyboard.press('Enter');
    await page.locator(`${composer} .words`).waitFor();
    expect(called(agent, 'draft.continue')).toHaveLength(2);
  });
});

describe('a file that is dropped', () => {
  it('is attached; one that is too large for that is named with the way that works', async () => {
    const { page, agent } = await written();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(1000)], '合同.pdf', { type: 'application/pdf' }));
      data.items.add(new File([new Uint8Array(41 * 1024 * 1024)], '录像.mp4', { type: 'video/mp4' }));
      document
        .querySelector('.composer')
        ?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await page.locator('.files li', { hasText: '合同.pdf' }).waitFor();
    await page.getByText('“录像.mp4”超过').waitFor();
    expect(agent.drafts[0]?.files).toHaveLength(1);
    await page.getByRole('button', { name: '移除 合同.pdf' }).click();
    await until(() => agent.drafts[0]?.files.length === 0);
  });
});

describe('a mail of the list', () => {
  it('is attached by dragging it onto what is written', async () => {
    const { page, agent } = await written();
    await carry(page, page.locator('[role=option]').first(), page.locator(`${composer} .words`));
    await page.mouse.up();
    await page.locator('.files li', { hasText: '.eml' }).waitFor();
    expect(agent.calls.some(({ method }) => method === 'draft.attach_mails')).toBe(true);
    expect(agent.drafts[0]?.files).toHaveLength(1);
  });
});

describe('another account', () => {
  it('signs with its own signature, and what was written stays', async () => {
    const agent = FakeAgent.full();
    agent.settings.writing = {
      ...agent.settings.writing,
      authors: {
        ...agent.settings.writing.authors,
        'lisi@huadong.example': { name: '客服', signature: '<p>客服中心</p>', reply_signature: '', aliases: [] },
      },
    };
    const { page } = await written(agent);
    await page.locator(`${composer} .words p`).first().click();
    await page.keyboard.type('您好');
    expect(await page.locator(`${composer} .words`).innerText()).toContain('华东科技');
    await page.locator(`${composer} select`).selectOption({ label: 'lisi@huadong.example' });
    await until(() => saved(agent)?.html.includes('客服中心') === true);
    expect(saved(agent)?.html).not.toContain('华东科技');
    expect(saved(agent)?.html).toContain('您好');
    expect(saved(agent)?.account).toBe(2);
  });
});

describe('chips', () => {
  it('are dragged from one field to another', async () => {
    const { page, agent } = await written();
    await page.keyboard.type('lisi@huadong.example, wangwu@huadong.example,');
    await page.getByRole('button', { name: '抄送' }).click();
    await carry(
      page,
      page.locator(`${composer} .who`).first(),
      page.locator(`${composer} .field`).nth(1).locator('input'),
    );
    await page.mouse.up();
    await until(() => saved(agent)?.cc.length === 1);
    expect(saved(agent)?.to.map(({ address }) => address)).toEqual(['wangwu@huadong.example']);
    expect(saved(agent)?.cc[0]?.address).toBe('lisi@huadong.example');
  });
});

describe('what was written', () => {
  it('is there when the mail is shown again', async () => {
    const { page, agent } = await written();
    await page.locator(`${composer} .words p`).first().click();
    await page.keyboard.type('写了一半');
    const minimise = page.locator('.docked').getByRole('button', { name: '收起' });
    await minimise.click();
    await until(async () => (await page.locator(composer).count()) === 0);
    await until(() => saved(agent)?.html.includes('写了一半') === true);
    await minimise.click();
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .words`).innerText()).toContain('写了一半');
    await page.keyboard.type('，又写');
    await until(() => /写了一半.*又写/s.test(saved(agent)?.html ?? ''));
  });

  it('under a mail is there when one comes back to it', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.keyboard.press('j');
    await page.locator('iframe.now').waitFor();
    await page.keyboard.press('r');
    await page.locator(`${composer} .words`).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.classList.contains('words') === true));
    await page.keyboard.type('好的');
    await page.locator('[role=option]').nth(3).click();
    await until(async () => (await page.locator(composer).count()) === 0);
    await page.locator('[role=option]').first().click();
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .words`).innerText()).toContain('好的');
    expect(saved(agent)?.html).toContain('好的');
  });
});

describe('a mail whose text is still being fetched', () => {
  it('is written anew only when it came, so that nothing is lost', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.keyboard.press('j');
    await page.locator('iframe.now').waitFor();
    const quoted = { from: [], to: [], cc: [], subject: 'x', date: 0, here: false };
    let asked = 0;
    agent.overrides['draft.get'] = ({ id }) => {
      const draft = agent.drafts.find((each) => each.id === id);
      if (!draft) throw new Error('no draft');
      asked += 1;
      if (asked < 3) return { ...draft, quoted };
      return { ...draft, version: 2, quoted: null, content: { ...draft.content, html: '<p>取回的原文</p>' } };
    };
    const create = agent.answer.bind(agent);
    agent.answer = async (method, params) => {
      const answer = await create(method, params);
      return method === 'draft.create' ? { ...(answer as object), quoted } : answer;
    };
    await page.keyboard.press('Alt+e');
    await page.locator(`${composer} .words`).waitFor();
    expect(await page.locator(`${composer} .words`).innerText()).toContain('取回的原文');
    expect(asked).toBeGreaterThanOrEqual(3);
  });
});
