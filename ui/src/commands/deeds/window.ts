//! The window and the program behind it.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host } from '../../host';
import { settingsDialog } from '../../settings/settings.svelte';
import { now } from '../../shell/now.svelte';
import { toasts } from '../../shell/toasts.svelte';
import { explain } from '../../words/words.svelte';
import { company } from '../../welcome/company.svelte';
import { palette } from '../palette.svelte';
import { sheet } from '../sheet.svelte';
import type { Deed } from './deed';

const HOUR_MS = 3_600_000;

async function ask(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}

const paused = () => (agent.settings?.paused_until ?? 0) * 1000 > now.ms;

export const window = {
  palette: { run: () => palette.show('commands') },
  shortcuts: { run: () => sheet.show() },
  settings: { run: () => settingsDialog.show() },
  sync: { run: () => ask(() => host.call('sync', { account: null, wait: false })) },
  webmail: {
    can: () => company.opensWebmail,
    run: () => company.openWebmail(),
  },
  pause: {
    can: () => !paused(),
    run: () => ask(() => host.call('pause', { until: Math.floor((Date.now() + HOUR_MS) / 1000) })),
  },
  go_on: { can: paused, run: () => ask(() => host.call('pause', { until: null })) },
} satisfies Record<string, Deed>;
