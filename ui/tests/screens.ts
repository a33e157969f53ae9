//! A picture of every state, in both languages and themes: `npm run screens [folder] [part of a name]`.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { commands } from './states/commands';
import { company } from './states/company';
import { compose } from './states/compose';
import { contacts } from './states/contacts';
import { list } from './states/list';
import { reading } from './states/reading';
import { reports } from './states/reports';
import { settings } from './states/settings';
import type { State } from './states/state';
import { tree } from './states/tree';
import { welcome } from './states/welcome';
import { browser, open } from './window';

const STATES: State[] = [
  ...reading,
  ...list,
  ...tree,
  ...welcome,
  ...settings,
  ...commands,
  ...company,
  ...compose,
  ...contacts,
  ...reports,
];

async function picture(
  from: Browser,
  state: State,
  language: 'zh-CN' | 'zh-TW' | 'en',
  theme: 'light' | 'dark',
  folder: string,
): Promise<void> {
  const agent = state.agent();
  agent.settings = { ...agent.settings, language, theme };
  const { page, context, errors } = await open(from, agent, state.size, state.query ? { query: state.query } : {});
  try {
    await page.locator('main, .list').first().waitFor();
    await page.waitForTimeout(250);
    await state.act?.(page, agent);
    await page.waitForTimeout(100);
    await page.screenshot({ path: join(folder, `${state.name}-${language}-${theme}.png`) });
    if (errors.length > 0) throw new Error(errors.join('\n'));
  } finally {
    await context.close();
  }
}

const folder = process.argv[2] ?? join('..', 'target', 'screens');
const only = process.argv[3];
await mkdir(folder, { recursive: true });
const chromium = await browser();
let failed = 0;
for (const state of STATES.filter((each) => !only || each.name.includes(only))) {
  for (const language of state.languages ?? (['zh-CN', 'en'] as const)) {
    for (const theme of ['light', 'dark'] as const) {
      try {
        await picture(chromium, state, language, theme, folder);
      } catch (error) {
        failed += 1;
        console.error(`${state.name} ${language} ${theme}: ${String(error).slice(0, 600)}`);
      }
    }
  }
}
await chromium.close();
console.log(`pictures in ${folder}, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
