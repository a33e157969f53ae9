//! What the window knows of the agent: accounts, folders, settings, and whether it is there at all.

import { asApiError, host, type Account, type ApiError, type Event, type Folder, type Settings } from '../host';
import { calm } from '../host/queries';
import { speak } from '../words/words.svelte';

/** Waiting times between attempts to reach an agent that does not answer, in milliseconds. */
const BACK_OFF = [1000, 2000, 5000, 10_000, 30_000];

class Agent {
  /** `troubled`: the agent answers, but cannot open its store (a locked keychain, a damaged file). */
  phase = $state<'starting' | 'ready' | 'failed' | 'troubled'>('starting');
  /** Whether the line to the agent stands; while it does not, what is shown may be old. */
  up = $state(true);
  error = $state.raw<ApiError | null>(null);
  accounts = $state.raw<Account[]>([]);
  folders = $state.raw<Folder[]>([]);
  settings = $state.raw<Settings | null>(null);
  /** Why accounts or store cannot be used. */
  trouble = $state.raw<ApiError | null>(null);
  /** First syncs under way, by folder. */
  progress = $state.raw<ReadonlyMap<number, { done: number; total: number }>>(new Map());

  readonly byFolder = $derived(new Map(this.folders.map((folder) => [folder.id, folder])));
  readonly byAccount = $derived(new Map(this.accounts.map((account) => [account.id, account])));

  /** Resolves once everything is known for the first time. */
  readonly met: Promise<void>;
  #greet: () => void = () => undefined;
  #listeners = new Set<(event: Event) => void>();
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Asked for events already; a second time would double them. */
  #hearing = false;
  /** What the agent holds for the system's language, so that window, tray and bubbles agree on it. */
  #system: string | undefined;
  #again = calm(() => this.load(), 500);

  constructor() {
    this.met = new Promise((resolve) => (this.#greet = resolve));
  }

  /** Hears every event after the state here has taken it in. */
  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Connects; tries again by itself, ever more slowly, while no agent answers. */
  async start(): Promise<void> {
    try {
      if (!this.#hearing) await host.events((event) => this.#hear(event));
      this.#hearing = true;
      await this.load();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.error = asApiError(error);
    if (this.phase === 'ready') return;
    this.phase = this.trouble ? 'troubled' : 'failed';
    this.#later();
  }

  /** Tries again after a while; what is cured meanwhile is noticed. */
  #later(): void {
    clearTimeout(this.#timer);
    const wait = BACK_OFF[Math.min(this.#attempt++, BACK_OFF.length - 1)];
    this.#timer = setTimeout(() => this.phase !== 'ready' && void this.start(), wait);
  }

  /** Asks for everything anew. */
  async load(): Promise<void> {
    try {
      // What is refused of the rest is said only after the status has told why.
      // A status comes at once, also from an agent that is still opening its store and knows of no account yet.
      const rest = Promise.all([
        host.call('accounts.list', {}),
        host.call('folders.list', { account: null }),
        host.call('settings.get', {}),
      ]);
      rest.catch(() => undefined);
      const status = await host.call('status', {});
      this.trouble = status.trouble;
      this.#system = status.language;
      this.up = true;
      const [accounts, folders, settings] = await rest;
      await this.#set(settings);
      this.accounts = inOrder(accounts);
      this.folders = folders;
      this.error = null;
      // Without accounts nothing else can be done before the trouble is cured.
      this.phase = status.trouble && accounts.length === 0 ? 'troubled' : 'ready';
      if (this.phase === 'troubled') return this.#later();
      this.#attempt = 0;
      this.#greet();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Resolves when the language is spoken. */
  #set(settings: Settings): Promise<void> {
    this.settings = settings;
    return speak(settings.language, this.#system);
  }

  /** Changes some settings. Throws an `ApiError`. */
  async change(part: Partial<Settings>): Promise<void> {
    if (!this.settings) return;
    await this.#set(await host.call('settings.set', { ...this.settings, ...part }));
  }

  #hear(event: Event): void {
    switch (event.kind) {
      case 'account_changed':
        this.accounts = inOrder([...this.accounts.filter((account) => account.id !== event.account.id), event.account]);
        break;
      case 'account_removed':
        this.accounts = this.accounts.filter((account) => account.id !== event.account);
        this.folders = this.folders.filter((folder) => folder.account !== event.account);
        break;
      case 'folders_changed':
        this.folders = merged(this.folders, event.folders, event.removed);
        break;
      case 'sync_progress': {
        const progress = new Map(this.progress);
        if (event.done >= event.total) progress.delete(event.folder);
        else progress.set(event.folder, { done: event.done, total: event.total });
        this.progress = progress;
        break;
      }
      case 'settings_changed':
        void this.#set(event.settings);
        break;
      case 'trouble_changed':
        this.trouble = event.trouble;
        break;
      case 'goodbye':
        this.up = false;
        break;
      case 'overflow':
        this.#again();
        break;
    }
    if (event.kind !== 'goodbye') this.up = true;
    this.#listeners.forEach((listener) => listener(event));
  }
}

function inOrder(accounts: Account[]): Account[] {
  return [...accounts].sort((a, b) => a.position - b.position || a.id - b.id);
}

function merged(folders: Folder[], changed: Folder[], removed: number[]): Folder[] {
  const fresh = new Map(changed.map((folder) => [folder.id, folder]));
  const gone = new Set(removed);
  const next = folders.filter((folder) => !gone.has(folder.id)).map((folder) => fresh.get(folder.id) ?? folder);
  const known = new Set(next.map((folder) => folder.id));
  return [...next, ...changed.filter((folder) => !known.has(folder.id))];
}

export const agent = new Agent();
