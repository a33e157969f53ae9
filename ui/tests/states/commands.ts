//! Pictures of commands: palette, shortcut sheet, hint of a sequence, undo, high contrast, sizes, `mailto:`.

import type { Page } from 'playwright-core';
import { FakeAgent } from '../agent';
import { changed, firstMail, openedMail, type State } from './state';

async function palette(page: Page, typed = ''): Promise<void> {
  await firstMail(page);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(typed);
}

async function keys(page: Page, ...all: string[]): Promise<void> {
  for (const key of all) await page.keyboard.press(key);
}

const narrow = { width: 620, height: 760 };

export const commands: State[] = [
  { name: 'palette', agent: () => FakeAgent.full(), act: (page) => palette(page) },
  { name: 'palette-found', agent: () => FakeAgent.full(), act: (page) => palette(page, 'sh') },
  { name: 'palette-empty', agent: () => FakeAgent.full(), act: (page) => palette(page, '量子纠缠') },
  {
    name: 'palette-recent',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      for (const typed of ['density compact', 'starred', 'theme']) {
        await palette(page, typed);
        await page.keyboard.press('Enter');
        await page.getByRole('combobox').waitFor({ state: 'hidden' });
      }
      await palette(page);
    },
  },
  {
    name: 'palette-move',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.locator('[data-folder="10"]').click();
      await firstMail(page);
      await keys(page, 'Shift+ArrowDown', 'Shift+ArrowDown', 'v');
      await page.getByRole('combobox').waitFor();
    },
  },
  {
    name: 'palette-go',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await firstMail(page);
      await keys(page, 'g', 'f');
      await page.getByRole('combobox').fill('sjx');
    },
  },
  { name: 'palette-narrow', agent: () => FakeAgent.full(), size: narrow, act: (page) => palette(page, 'gd') },
  {
    name: 'shortcuts',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await keys(page, '?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'shortcuts-outlook',
    agent: changed((agent) => (agent.settings.keys = 'outlook')),
    size: { width: 900, height: 760 },
    act: async (page) => {
      await keys(page, '?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'shortcuts-narrow',
    agent: () => FakeAgent.full(),
    size: narrow,
    act: async (page) => {
      await keys(page, '?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'shortcuts-search',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await keys(page, '?');
      await page.getByRole('searchbox').fill('已读');
    },
  },
  {
    name: 'shortcuts-print',
    agent: () => FakeAgent.full(),
    size: { width: 794, height: 1123 },
    act: async (page) => {
      await keys(page, '?');
      await page.getByRole('dialog').waitFor();
      await page.emulateMedia({ media: 'print' });
    },
  },
  {
    name: 'sequence-go',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await keys(page, 'g');
    },
  },
  {
    name: 'sequence-view',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await keys(page, 'Alt+v');
    },
  },
  {
    name: 'undone',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await keys(page, 'e', 'z');
      await page.locator('.toast', { hasText: /撤销：|Undone/ }).waitFor();
    },
  },
  {
    name: 'focus-mail',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await openedMail(page);
      await keys(page, 'F6');
    },
  },
  {
    name: 'contrast-forced',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.emulateMedia({ forcedColors: 'active' });
      await openedMail(page);
      await keys(page, 'ArrowDown');
    },
  },
  {
    name: 'contrast-forced-palette',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.emulateMedia({ forcedColors: 'active' });
      await palette(page, 'a');
    },
  },
  {
    name: 'contrast-more',
    agent: () => FakeAgent.full(),
    act: async (page) => {
      await page.emulateMedia({ contrast: 'more' });
      await openedMail(page);
      await keys(page, 'ArrowDown');
    },
  },
  ...[80, 150, 200].map((zoom): State => ({
    name: `zoom-${zoom}`,
    agent: changed((agent) => (agent.settings.zoom = zoom)),
    act: firstMail,
  })),
  {
    name: 'zoom-150-menu',
    agent: changed((agent) => (agent.settings.zoom = 150)),
    act: async (page) => {
      await page.locator('[data-folder="15"]').click({ button: 'right' });
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'zoom-200-palette',
    agent: changed((agent) => (agent.settings.zoom = 200)),
    act: (page) => palette(page, 'a'),
  },
];
