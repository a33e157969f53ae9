//! What the company fixes, as its members see it: beside each setting, in the search, in an overview, and in the mail.

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { causeOf, FakeAgent, fault } from './agent';
import { called, house, options, until, violations } from './house';
import { folder } from './mails';

const window = house();
const BY = '由“华东科技”管理';

/** 张三 at a company that fixes some things. */
function managed(): FakeAgent {
  const agent = FakeAgent.full();
  agent.signedIn();
  agent.company = {
    ...agent.company!,
    policy: {
      settings: ['bubbles', 'ask_outside', 'undo_seconds', 'signature', 'pictures', 'hologram'],
      folders: ['sent', '项目/报价'],
      issued: 1_795_000_000,
    },
  };
  agent.folders = agent.folders.map((each) => (each.id === 12 ? { ...each, followed: true, managed: true } : each));
  return agent;
}
async function settings(agent: FakeAgent, page: string, size?: { width: number; height: number }): Promise<Page> {
  const view = await window.start(agent, size);
  await view.getByRole('button', { name: '设置' }).click();
  await view.getByRole('tab', { name: page }).click();
  return view;
}
const line = (page: Page, id: string) => page.locator(`#set-${id}`);

describe('what the company fixes', () => {
  it('cannot be changed, says by whom, and leaves all else to the person', async () => {
    const agent = managed();
    const page = await settings(agent, '通知');
    await line(page, 'bubbles').getByText(BY).waitFor();
    const toggle = page.getByRole('switch', { name: '新邮件弹出通知' });
    expect(await toggle.isDisabled()).toBe(true);
    expect(await line(page, 'privacy').getByText(BY).count()).toBe(0);
    await line(page, 'privacy').getByRole('switch').click();
    await until(() => agent.settings.privacy);
    await page.getByRole('tab', { name: '写信' }).click();
    await line(page, 'undo_seconds').getByText(BY).waitFor();
    expect(await line(page, 'undo_seconds').locator('select').isDisabled()).toBe(true);
    expect(await line(page, 'ask_outside').getByRole('switch').isDisabled()).toBe(true);
    expect(await line(page, 'ask_subject').getByRole('switch').isDisabled()).toBe(false);
    expect(await violations(page)).toEqual([]);
    expect(called(agent, 'settings.set')).toHaveLength(1);
  });

  it('shows the signature and takes no word of another; that of a mailbox elsewhere is one’s own', async () => {
    const agent = managed();
    agent.accounts = [agent.accounts[0]!, { ...agent.accounts[1]!, address: 'san@home.example' }];
    const page = await settings(agent, '写信');
    const signature = line(page, 'signature');
    await signature.getByText('华东科技 · 项目部').waitFor();
    await signature.getByText(BY).waitFor();
    expect(await signature.locator('[contenteditable=true]').count()).toBe(0);
    expect(await signature.locator('input[type=checkbox]').isDisabled()).toBe(true);
    await page.locator('#author_account').selectOption({ label: 'san@home.example' });
    await signature.locator('[contenteditable=true]').waitFor();
    expect(await signature.getByText(BY).count()).toBe(0);
  });

  it('is marked where settings are searched for', async () => {
    const page = await settings(managed(), '通用');
    await page.keyboard.type('/');
    await page.getByPlaceholder('搜索设置').fill('弹出');
    const hit = page.getByRole('list', { name: '搜索结果' }).getByRole('button').filter({ hasText: BY });
    await hit.first().waitFor();
    await hit.first().click();
    await line(page, 'bubbles').getByText(BY).waitFor();
  });

  it('is listed with the company, and each entry leads to its setting', async () => {
    const agent = managed();
    const page = await settings(agent, '账号');
    await page.getByRole('button', { name: '查看公司管理的设置' }).click();
    const list = page.locator('.policy');
    await list.getByText('这些设置由公司规定').waitFor();
    await list.getByText('已发送和项目/报价').waitFor();
    // A name that this page does not know is passed over.
    expect(await list.locator('li button').count()).toBe(5);
    expect(await violations(page)).toEqual([]);
    await list.getByRole('button', { name: '发往公司外部时提醒' }).click();
    await page.locator('.line.lit').getByText(BY).waitFor();
    agent.send({ kind: 'company_changed', company: { ...agent.company!, policy: null } });
    await until(async () => (await page.getByText(BY).count()) === 0);
  });

  it('is not offered in a mail: pictures of the network', async () => {
    const agent = managed();
    agent.blocked = 2;
    const page = await window.start(agent);
    await options(page).first().click();
    await page.getByText('未加载此邮件中的远程图片').waitFor();
    await page.locator('.read').getByText(BY).waitFor();
    expect(await page.getByRole('button', { name: '显示图片' }).count()).toBe(0);
    await page.keyboard.press('Alt+i');
    await page.getByRole('button', { name: '更多' }).last().click();
    expect(await page.getByRole('menuitem', { name: /显示图片/ }).count()).toBe(0);
  });

  it('is not offered at a folder that is always followed', async () => {
    const agent = managed();
    agent.folders = [...agent.folders, folder(90, 1, '报价', 'none', { followed: true, managed: true })];
    const page = await window.start(agent);
    await page.locator('[data-folder="12"]').getByRole('button', { name: '实时关注' }).click();
    const follow = page.getByRole('menuitemcheckbox', { name: /关注/ });
    await follow.waitFor();
    expect(await follow.getAttribute('aria-disabled')).toBe('true');
    await page.getByText(BY).waitFor();
  });

  it('is said when it is tried all the same', async () => {
    const agent = FakeAgent.full();
    const page = await settings(agent, '通知');
    agent.overrides['settings.set'] = () => {
      throw fault('managed', { company: '华东科技', setting: 'bubbles' });
    };
    await line(page, 'bubbles').getByRole('switch').click();
    await line(page, 'bubbles').getByText('由“华东科技”统一管理').waitFor();
  });
});

describe('a mailbox that the company could not open', () => {
  it('is told of where the sign-in fails', async () => {
    const agent = new FakeAgent();
    agent.overrides['accounts.add'] = () => {
      throw fault('account_test', { shut: 'MailPlatformAway' }, causeOf('imap_disabled'));
    };
    const page = await window.start(agent);
    await page.locator('#address').fill('zhangsan@huadong.example');
    await page.keyboard.press('Enter');
    await page.locator('#secret').fill('abcdefgh');
    await page.keyboard.press('Enter');
    await page.getByText('公司也没能为您的邮箱打开客户端收发权限').waitFor();
  });
});
