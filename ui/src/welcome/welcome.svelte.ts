//! The way from an address to a filled inbox, and from a refused password back to one that works.

import { agent } from '../agent/agent.svelte';
import {
  asApiError,
  host,
  type Account,
  type AccountSettings,
  type ApiError,
  type Cause,
  type CheckStep,
  type CompanyServers,
  type Credential,
  type Recognised,
} from '../host';
import { toasts } from '../shell/toasts.svelte';
import { t } from '../words/words.svelte';
import { blank, mayTryNext, UNREACHABLE } from './ways';

export type Page = 'address' | 'company' | 'mailbox' | 'proof' | 'secret' | 'servers' | 'testing' | 'failed' | 'added';

class Welcome {
  /** Shown although there are accounts already. */
  open = $state(false);
  page = $state<Page>('address');
  address = $state('');
  name = $state('');
  secret = $state('');
  settings = $state<AccountSettings>(blank(''));
  found = $state.raw<Recognised | null>(null);
  looking = $state(false);
  error = $state.raw<ApiError | null>(null);
  cause = $state.raw<Cause | null>(null);
  step = $state<CheckStep>('imap_connect');
  /** The account whose sign-in is repaired; nothing when a new one is added. */
  repairing = $state.raw<Account | null>(null);
  /** The account that was added. */
  added = $state.raw<Account | null>(null);
  /** Waits for the person in the browser. */
  waiting = $state(false);

  #run = 0;
  #grant: string | null = null;

  /** What was typed looks like an address. */
  readonly valid = $derived(/^[^\s@]+@[^\s@]+$/.test(this.address.trim()));

  /** Servers and ports are filled in. */
  readonly complete = $derived(
    (['imap', 'smtp'] as const).every((each) => {
      const { host, port } = this.settings[each];
      return host.trim() !== '' && port > 0 && port < 65_536;
    }),
  );

  constructor() {
    agent.on((event) => {
      if (event.kind === 'check_progress' && this.page === 'testing') this.step = event.step;
    });
  }

  /** Begins with an empty form. */
  add(): void {
    this.#reset();
    this.open = true;
  }

  /** Asks for a new secret of an account. */
  repair(account: Account): void {
    this.#reset();
    this.open = true;
    this.repairing = account;
    this.address = account.address;
    this.settings = structuredClone(account.settings);
    this.cause = account.state.state === 'sign_in_needed' ? account.state.cause : null;
    this.page = 'secret';
    void this.#help(account.address);
  }

  /** Only the provider's help is wanted; a failure costs a link. */
  async #help(address: string): Promise<void> {
    const run = this.#run;
    const found = await host.call('accounts.recognise', { address }).catch(() => null);
    if (run === this.#run) this.found = found;
  }

  #reset(): void {
    this.#run += 1;
    this.#grant = null;
    this.page = 'address';
    this.address = '';
    this.name = '';
    this.secret = '';
    this.settings = blank('');
    this.found = null;
    this.looking = false;
    this.waiting = false;
    this.error = null;
    this.cause = null;
    this.repairing = null;
    this.added = null;
  }

  close(): void {
    this.#reset();
    this.open = false;
  }

  /** Finds the servers of the address; the company's own, where it named them. */
  async recognise(own?: CompanyServers | null): Promise<void> {
    const address = this.address.trim();
    const run = (this.#run += 1);
    // An account that appears meanwhile must not take this page away.
    this.open = true;
    this.looking = true;
    this.error = null;
    try {
      const found = await host.call('accounts.recognise', { address });
      if (run !== this.#run) return;
      this.address = address;
      this.found = found;
      const [best] = found.candidates;
      this.settings = best ? structuredClone(best) : blank(address);
      if (own) {
        for (const each of ['imap', 'smtp'] as const)
          this.settings[each] = { ...own[each], user: this.settings[each].user || address };
      }
      this.page = own || (best && found.by !== 'guess') ? 'secret' : 'servers';
    } catch (error) {
      if (run === this.#run) this.error = asApiError(error);
    } finally {
      if (run === this.#run) this.looking = false;
    }
  }

  /** Signs in at the provider's page, then tests. */
  async signInByBrowser(): Promise<void> {
    const run = (this.#run += 1);
    this.waiting = true;
    this.error = null;
    try {
      const { grant } = await host.call('accounts.oauth', { address: this.address, provider: this.settings.provider });
      if (run !== this.#run) return;
      this.#grant = grant;
      await this.test();
    } catch (error) {
      if (run === this.#run) this.error = asApiError(error);
    } finally {
      this.waiting = false;
    }
  }

  /** What proves who the person is was entered already. */
  get armed(): boolean {
    return this.secret !== '' || (this.#grant !== null && this.settings.credential === 'oauth2');
  }

  /** A page back; from the first one, out. */
  back(): void {
    this.#run += 1;
    this.waiting = false;
    this.error = null;
    if (this.repairing && this.page === 'secret') return this.close();
    this.page = this.repairing ? 'secret' : 'address';
  }

  /** Where the browser cannot be used, most providers still give out a password for mail programs. */
  usePassword(): void {
    this.#run += 1;
    this.waiting = false;
    this.error = null;
    this.settings.credential = 'client_password';
  }

  /** Asks for the secret anew, and for a code where the server wants one. */
  again(): void {
    if (this.cause?.code === 'authorization_code' && this.settings.credential === 'password')
      this.settings.credential = 'authorization_code';
    this.secret = '';
    this.page = 'secret';
  }

  #credential(): Credential {
    return this.#grant !== null && this.settings.credential === 'oauth2'
      ? { kind: 'oauth', grant: this.#grant }
      : { kind: 'password', secret: this.secret };
  }

  /** Tests what was entered and takes it over when it works. */
  async test(evenOffline = false): Promise<void> {
    const run = (this.#run += 1);
    this.page = 'testing';
    this.error = null;
    this.cause = null;
    const others = evenOffline || this.repairing ? [] : this.#others();
    for (;;) {
      this.step = 'imap_connect';
      try {
        await this.#attempt(evenOffline);
        return;
      } catch (thrown) {
        if (run !== this.#run) return;
        const error = asApiError(thrown);
        const next = others.shift();
        if (next && error.cause && mayTryNext(error.cause.code)) {
          this.settings = next;
          continue;
        }
        this.error = error;
        this.cause = error.cause;
        this.page = 'failed';
        return;
      }
    }
  }

  /** Further candidates, unless the person typed settings of their own. */
  #others(): AccountSettings[] {
    const candidates = this.found?.candidates ?? [];
    const own = JSON.stringify(this.settings);
    const at = candidates.findIndex((candidate) => JSON.stringify(candidate) === own);
    return at < 0 ? [] : candidates.slice(at + 1).map((candidate) => structuredClone($state.snapshot(candidate)));
  }

  async #attempt(evenOffline: boolean): Promise<void> {
    const run = this.#run;
    const settings = $state.snapshot(this.settings);
    const credential = this.#credential();
    const { repairing } = this;
    if (repairing) {
      const report = await host.call('accounts.test', { settings, credential });
      if (report.failure) throw { code: 'account_test', args: {}, cause: report.failure } satisfies ApiError;
      await host.call('accounts.update', {
        account: repairing.id,
        name: null,
        color: null,
        settings: report.settings,
        credential,
        telling: null,
      });
      if (run !== this.#run) return;
      this.close();
      toasts.show(t('welcome.repaired'));
      return;
    }
    const account = await host.call('accounts.add', {
      address: this.address,
      name: this.name.trim(),
      color: null,
      settings,
      credential,
      even_offline: evenOffline,
    });
    if (run !== this.#run) return;
    this.secret = '';
    this.step = 'done';
    this.added = account;
    // The page of the new account stays until the person goes on, though there is an account now.
    this.open = true;
    this.page = 'added';
  }

  /** Gives up a running test. */
  cancel(): void {
    this.#run += 1;
    this.page = 'secret';
  }

  /** Whether the account may be added although its server does not answer. */
  get offerOffline(): boolean {
    return this.cause !== null && !this.repairing && UNREACHABLE.has(this.cause.code);
  }
}

export const welcome = new Welcome();
