//! The settings: which page is open, and how a change is made.

import { agent } from '../agent/agent.svelte';
import { asApiError, type Settings } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain } from '../words/words.svelte';

export type SettingsPage = 'general' | 'telling' | 'network' | 'accounts';

class SettingsDialogState {
  open = $state(false);
  page = $state<SettingsPage>('general');

  show(page: SettingsPage = 'general'): void {
    this.page = page;
    this.open = true;
  }
}

export const settingsDialog = new SettingsDialogState();

/** Changes settings at once; a refusal is said. */
export async function change(part: Partial<Settings>): Promise<void> {
  try {
    await agent.change(part);
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}
