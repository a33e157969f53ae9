//! The settings: which page is open, what is pointed at, and how a change is made.

import { agent } from '../agent/agent.svelte';
import { asApiError, type ApiError, type Settings } from '../host';
import type { Entry, Setting, SettingsPage } from './entries';

export type { SettingsPage } from './entries';

/** How long a setting that was searched for is pointed at, in milliseconds. */
const POINTS_MS = 2500;

class SettingsDialogState {
  open = $state(false);
  page = $state<SettingsPage>('general');
  /** The account whose sheet is open on the page of accounts. */
  account = $state<number | null>(null);
  /** The account whose sheet was left last: its row has the focus again. */
  from = $state<number | null>(null);
  /** The licences are open on the page about Qiyou. */
  licences = $state(false);
  query = $state('');
  /** The setting that is pointed at. */
  lit = $state.raw<{ setting: Setting } | null>(null);
  /** An account whose repair was begun here: afterwards one comes back. */
  leftFor = $state<number | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;

  show(page: SettingsPage = 'general'): void {
    this.go(page);
    this.query = '';
    this.open = true;
  }

  /** Whether a sheet below the page is open. */
  get deep(): boolean {
    return this.page === 'accounts' ? agent.byAccount.has(this.account ?? -1) : this.page === 'about' && this.licences;
  }

  /** Back to the page. */
  up(): void {
    this.lit = null;
    this.from = this.account;
    this.account = null;
    this.licences = false;
  }

  /** Turns to a page. */
  go(page: SettingsPage): void {
    this.page = page;
    this.account = null;
    this.from = null;
    this.licences = false;
    this.lit = null;
  }

  /** Goes to a setting and points at it. */
  point(entry: Pick<Entry, 'page' | 'setting'> & { account?: { id: number } | null }): void {
    this.go(entry.page);
    this.account = entry.account?.id ?? null;
    this.lit = { setting: entry.setting };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.lit = null), POINTS_MS);
  }
}

export const settingsDialog = new SettingsDialogState();

/** What other parts of the window lend to the settings. */
export const settingsHooks: {
  /** Shows the sheet of all keys. */
  showShortcuts?: () => void;
} = {};

class Changes {
  /** Chosen, and not yet answered by the agent. */
  #pending = $state.raw<Partial<Settings>>({});
  /** What the agent refused last; it is said beside the setting. */
  refused = $state.raw<{ keys: (keyof Settings)[]; error: ApiError } | null>(null);

  #before: Promise<void> = Promise.resolve();

  /** The settings with what was just chosen; a refused choice is taken back here, and so wherever it is shown. */
  readonly shown = $derived(agent.settings && { ...agent.settings, ...this.#pending });

  /** Changes settings at once, one change after the other. True when the agent took it. */
  change(part: Partial<Settings>): Promise<boolean> {
    const keys = Object.keys(part) as (keyof Settings)[];
    this.#pending = { ...this.#pending, ...part };
    this.refused = null;
    const done = this.#before.then(async () => {
      try {
        await agent.change(part);
        return true;
      } catch (error) {
        this.refused = { keys, error: asApiError(error) };
        return false;
      } finally {
        // A later choice of the same setting stays until its own answer.
        this.#pending = Object.fromEntries(
          Object.entries(this.#pending).filter(
            ([key, value]) => !(key in part) || value !== part[key as keyof Settings],
          ),
        );
      }
    });
    this.#before = done.then(() => undefined);
    return done;
  }

  /** Why the last change of `key` was refused, if it was. */
  why(key: keyof Settings | undefined): ApiError | null {
    return key !== undefined && this.refused?.keys.includes(key) ? this.refused.error : null;
  }
}

export const changes = new Changes();

/** Changes settings at once; a refusal is taken back and said beside the setting. */
export function change(part: Partial<Settings>): void {
  void changes.change(part);
}
