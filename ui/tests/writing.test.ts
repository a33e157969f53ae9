//! The composer's tools, its limits, and what becomes of a draft that is not written here alone.

import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { FakeAgent, fault } from './agent';
import { called, house, inbox, options, until, violations } from './house';
import type { DraftFile } from '../src/host/api';

const home = house();
const words = (page: Page) => page.locator('.composer .words');
const kept = (agent: FakeAgent) => [...called(agent, 'draft.save'), ...called(agent, 'draft.send')].at(-1)?.content;
const tool = (page: Page, name: string | RegExp) =>
  page.locator('.composer .format').getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });

async function began(agent = FakeAgent.full()) {
  const page = await home.start(agent);
  await page.keyboard.press('c');
  await words(page).waitFor();
  return { page, agent };
}

async function html(page: Page, agent: FakeAgent): Promise<string> {
  await page.keyboard.press('Control+s');
  await until(async () => (await page.getByText('草稿已保存').count()) > 0);
  return kept(agent)?.html ?? '';
}

/** What `paste` would bring. */
async function paste(page: Page, text: string, length = 0): Promise<void> {
  await page.evaluate(
    ([content, size]) => {
      const data = new DataTransfer();
      data.setData('text/html', content.padEnd(size, ' '));
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    },
    [text, length] as const,
  );
}

describe('the buttons of the editor', () => {
  it('each do to the text what they say', async () => {
    const { page, agent } = await began();
    await words(page).locator('p').first().click();
    await page.keyboard.type('验收');
    await page.keyboard.press('Shift+Home');
    const pressed: [string, RegExp][] = [
      ['加粗', /<strong>验收<\/strong>/],
      ['倾斜', /<em>/],
      ['下划线', /<u>/],
      ['删除线', /<s>/],
    ];
    for (const [name, looks] of pressed) {
      await tool(page, name).click();
      expect(await tool(page, name).getAttribute('aria-pressed'), name).toBe('true');
      expect(await html(page, agent), name).toMatch(looks);
      await tool(page, name).click();
      expect(await html(page, agent), name).not.toMatch(looks);
    }
    const chosen: [string | RegExp, string, RegExp][] = [
      [/^字体/, '宋体', /font-family:[^"]*SimSun/i],
      [/^字号/, '18', /font-size: ?18px/],
    ];
    for (const [name, item, looks] of chosen) {
      await tool(page, name).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
      expect(await html(page, agent), item).toMatch(looks);
    }
    for (const [name, looks] of [
      ['文字颜色', /[" ;]color: ?(#|rgb)/],
      ['背景颜色', /background-color: ?(#|rgb)/],
    ] as const) {
      await tool(page, name).click();
      await page.locator('.swatch').nth(2).click();
      expect(await html(page, agent), name).toMatch(looks);
    }
    await tool(page, '清除格式').click();
    expect(await html(page, agent)).not.toMatch(/font-|color:/);
    for (const [name, looks] of [
      ['居中', /text-align: ?center/],
      ['右对齐', /text-align: ?right/],
      ['项目符号', /<ul>/],
      ['编号', /<ol>/],
    ] as const) {
      await tool(page, name).click();
      expect(await html(page, agent), name).toMatch(looks);
    }
    await tool(page, '编号').click();
    await tool(page, '引用').click();
    expect(await html(page, agent)).toMatch(/<blockquote>/);
    await tool(page, '引用').click();
    await tool(page, '链接').click();
    await page.keyboard.type('example.com/x');
    await page.keyboard.press('Enter');
    expect(await html(page, agent)).toMatch(/<a[^>]*href="https:\/\/example.com\/x"[^>]*>验收<\/a>/);
    await words(page).locator('p').first().click();
    await page.keyboard.press('Home');
    await tool(page, '分隔线').click();
    expect(await html(page, agent)).toMatch(/<hr>/);
    await page.keyboard.press('Control+z');
    expect(await html(page, agent)).not.toMatch(/<hr>/);
  });

  it('have priority, receipt and plain text beside them', async () => {
    const { page, agent } = await began();
    const choose = async (name: string) => {
      await page.getByRole('button', { name: '更多选项' }).click();
      await page.getByRole('menuitemcheckbox', { name }).click();
    };
    await choose('高优先级');
    await choose('请求已读回执');
    await choose('纯文本');
    await until(() => kept(agent)?.plain === true);
    expect(kept(agent)).toMatchObject({ priority: 'high', receipt: true });
    await choose('低优先级');
    await until(() => kept(agent)?.priority === 'low');
  });
});

describe('before a mail goes', () => {
  it('it is asked whether it may leave the company, where that is chosen', async () => {
    const agent = FakeAgent.full();
    agent.settings.writing = { ...agent.settings.writing, ask_outside: true };
    const { page } = await began(agent);
    await page.keyboard.type('service@kehu.example, lisi@huadong.example,');
    await page.getByLabel('主题').fill('材料');
    await page.keyboard.press('Control+Enter');
    const question = page.getByRole('alertdialog');
    await question.getByText('service@kehu.example').waitFor();
    expect(called(agent, 'draft.send')).toEqual([]);
    await question.getByRole('button', { name: '仍然发送' }).click();
    await until(() => called(agent, 'draft.send').length === 1);
  });

  it('it is asked whether all of them are meant', async () => {
    const agent = FakeAgent.full();
    agent.settings.writing = { ...agent.settings.writing, ask_crowd: 3 };
    const page = await home.start(agent);
    await inbox(page);
    await options(page).first().click();
    await page.locator('iframe.now').waitFor();
    await page.keyboard.press('a');
    await words(page).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.classList.contains('words') === true));
    await page.keyboard.type('收到');
    await page.keyboard.press('Control+Enter');
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    await question.getByRole('button', { name: '取消' }).click();
    expect(called(agent, 'draft.send')).toEqual([]);
    expect(await words(page).count()).toBe(1);
  });
});

describe('several mails', () => {
  it('go on together, each whole', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await inbox(page);
    await options(page).first().click();
    await options(page)
      .nth(2)
      .click({ modifiers: ['Shift'] });
    await page.keyboard.press('f');
    await words(page).waitFor();
    const [begun] = called(agent, 'draft.create');
    expect(begun?.['kind']).toBe('forward_attached');
    expect((begun?.['mails'] as number[]).length).toBe(3);
  });
});

describe('what is large', () => {
  it('five megabytes of HTML are taken, or said to be too much, and the page goes on', async () => {
    const { page, agent } = await began();
    await words(page).locator('p').first().click();
    await paste(page, '<p>开头</p>' + '<table><tr><td>格</td></tr></table>'.repeat(200), 5_000_000);
    await until(async () => (await words(page).innerText()).includes('开头'));
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('之前');
    await until(() => kept(agent)?.html.includes('之前') === true);
    expect(await page.locator('.composer').count()).toBe(1);
  });

  it('a picture of 25 MB stands in the text; one above the limit is said to go by the button', async () => {
    const { page, agent } = await began();
    await words(page).locator('p').first().click();
    const drop = (size: number, name: string) =>
      page.evaluate(
        ([bytes, called]) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], called, { type: 'image/png' }));
          document.activeElement?.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
          );
        },
        [size, name] as const,
      );
    await drop(25_000_000, 'large.png');
    await until(() => called(agent, 'draft.paste').length === 1);
    await page.locator('.words img.picture').waitFor();
    await drop(45_000_000, 'huge.png');
    await page.locator('.toast', { hasText: 'huge.png' }).waitFor();
    expect(called(agent, 'draft.paste').length).toBe(1);
  });

  it('pictures are made smaller, in the text and beside it', async () => {
    const agent = FakeAgent.full();
    const { page } = await began(agent);
    // What was put in is what comes back.
    const data = new Map<number, { data: string; mime_type: string }>();
    const own = agent.answer.bind(agent);
    agent.overrides['draft.file'] = ({ file }) => data.get(file) ?? { data: '', mime_type: 'image/png' };
    agent.answer = async (method, given) => {
      const answer = await own(method, given);
      if (method === 'draft.paste') {
        const { data: bytes, mime_type } = given as { data: string; mime_type: string };
        data.set((answer as DraftFile).id, { data: bytes, mime_type });
      }
      return answer;
    };
    await words(page).locator('p').first().click();
    await page.keyboard.type('见图');
    await page.evaluate(async () => {
      const canvas = document.createElement('canvas');
      canvas.width = 1600;
      canvas.height = 900;
      const context = canvas.getContext('2d');
      const noise = context?.createImageData(1600, 900);
      if (!context || !noise) return;
      for (let i = 0; i < noise.data.length; i += 1) noise.data[i] = i % 4 === 3 ? 255 : (i * 7919) % 251;
      context.putImageData(noise, 0, 0);
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 1));
      const bitmap = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
      const file = new File([bitmap], 'photo.jpg', { type: 'image/jpeg' });
      const carried = new DataTransfer();
      carried.items.add(file);
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }),
      );
      const dropped = new DataTransfer();
      dropped.items.add(new File([bitmap], 'beside.jpg', { type: 'image/jpeg' }));
      document
        .querySelector('.composer')
        ?.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
    });
    await until(() => called(agent, 'draft.paste').length === 2);
    await page.getByText('图片共').waitFor();
    const before = kept(agent)?.html;
    await page.getByRole('button', { name: '缩小图片' }).click();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('menuitem', { name: '最长边 800 像素' }).click();
    await page.locator('.toast', { hasText: '缩小到' }).waitFor();
    expect(called(agent, 'draft.paste').length).toBe(4);
    const small = called(agent, 'draft.paste').at(-1)?.['data'] as string;
    const size = await page.evaluate(async (bytes) => {
      const image = new Image();
      image.src = `data:image/jpeg;base64,${bytes}`;
      await image.decode();
      return [image.naturalWidth, image.naturalHeight];
    }, small);
    expect(size).toEqual([800, 450]);
    const shown = kept(agent)?.html ?? '';
    expect(shown).not.toBe(before);
    const files = agent.drafts.find(({ entry }) => entry === null)?.files ?? [];
    expect(files.length).toBe(2);
    expect(shown).toContain(`cid:${files.find(({ content_id }) => content_id !== null)?.content_id}`);
  });
});

describe('a mail on its way', () => {
  it('shows how much of it went', async () => {
    const { page, agent } = await began();
    await page.keyboard.type('lisi@huadong.example,');
    await page.getByLabel('主题').fill('现场视频');
    await page.keyboard.press('Control+Enter');
    await until(() => agent.outbox.length === 1);
    const id = agent.outbox[0]?.id ?? 0;
    await until(async () => (await page.locator('.composer').count()) === 0);
    agent.onward(id, { state: 'sending', size: 20_000_000 });
    agent.send({ kind: 'outbox_progress', id, sent: 5_000_000 });
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    const bar = page.getByRole('dialog').getByRole('progressbar');
    await bar.waitFor();
    expect(await bar.evaluate((node: HTMLProgressElement) => node.position)).toBe(0.25);
    await page.getByText(/正在发送… .* \/ /).waitFor();
    agent.onward(id, { state: 'filing' });
    await until(async () => (await bar.count()) === 0);
  });
});

describe('a draft', () => {
  it('that was changed elsewhere is offered in both versions', async () => {
    const { page, agent } = await began();
    await words(page).locator('p').first().click();
    await page.keyboard.type('电脑上写的版本');
    await until(() => kept(agent)?.html.includes('电脑上') === true);
    const change = () => {
      agent.drafts = agent.drafts.map((draft) => ({ ...draft, elsewhere: 77 }));
      const [draft] = agent.drafts;
      if (draft) agent.send({ kind: 'draft_changed', id: draft.id, draft: FakeAgent.rowOf(draft) });
    };
    change();
    await page.getByText('在其他设备上修改过').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '保留当前版本' }).click();
    await until(async () => (await page.getByText('在其他设备上修改过').count()) === 0);
    expect(await words(page).innerText()).toContain('电脑上');
    change();
    await page.getByRole('button', { name: '使用那个版本' }).click();
    await words(page).getByText('手机上写的版本').waitFor();
    expect(await page.locator('.composer').count()).toBe(1);
  });

  it('comes back after the window died, with its files and its caret', async () => {
    const { page, agent } = await began();
    await page.keyboard.type('lisi@huadong.example,');
    await words(page).locator('p').first().click();
    await page.keyboard.type('前面后面');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(1000)], '清单.xlsx'));
      document
        .querySelector('.composer')
        ?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await until(() => (agent.drafts[0]?.files.length ?? 0) === 1);
    await until(() => kept(agent)?.html.includes('前面后面') === true);
    await page.keyboard.press('Control+s');
    await page.getByText('草稿已保存').waitFor();
    // As kill -9 would: what is not kept is lost.
    await page.reload();
    const bar = page.locator('.docked, [class*=dock]').first();
    await bar.waitFor();
    await bar.getByRole('button').first().click();
    await words(page).waitFor();
    await page.locator('.composer').getByText('清单.xlsx').waitFor();
    await words(page).focus();
    await page.keyboard.type('中间');
    expect(await words(page).innerText()).toContain('前面中间后面');
  });
});

describe('the default mail program', () => {
  it('is Qiyou when one wants it, and where that cannot be it is said', async () => {
    const agent = FakeAgent.full();
    const page = await home.start(agent);
    await page.keyboard.press('Control+,');
    await page.getByRole('button', { name: '设为默认' }).click();
    await page.getByText('企邮已是默认邮件程序').waitFor();
    agent.overrides['mail_program.choose'] = () => {
      throw fault('mail_program_not_kept');
    };
    await page.getByRole('button', { name: '设为默认' }).click();
    await page.getByText('当前桌面不允许程序更改默认邮件程序').waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
