//! Proving an address that WeCom does not tell: WeCom is asked, a code is mailed, or the admin is asked.

import { agent } from '../agent/agent.svelte';
import { asApiError, host, type AddressWay, type ApiError, type Company } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { t } from '../words/words.svelte';
import { company } from './company.svelte';
import { welcome } from './welcome.svelte';

/** `asked`: the admin is, and has not answered. */
export type ProvingStep = 'ways' | 'code' | 'asked' | 'refused';

class Proving {
  step = $state<ProvingStep>('ways');
  /** What is under way. */
  busy = $state<AddressWay | 'redeem' | 'withdraw' | 'look' | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** The code as it is typed, with whatever stands between its digits. */
  typed = $state('');
  readonly digits = $derived(this.typed.replace(/\D/g, ''));
  /** The ways that are open, without those that led to nothing for this address. */
  readonly ways = $derived((company.company?.member.ways ?? []).filter((way) => !this.#vain.includes(way)));

  #vain = $state.raw<AddressWay[]>([]);
  /** Addresses for which WeCom was asked: its answer would be the same, and its questions are few. */
  #looked = new Set<string>();
  #run = 0;

  constructor() {
    agent.on((event) => {
      if (event.kind !== 'company_changed' || welcome.page !== 'proof' || !event.company) return;
      this.#hears(event.company);
    });
  }

  /** Whether there is anything to prove about an address: it is the company's, and the company lets one. */
  concerns(address: string): boolean {
    const member = company.company?.member;
    const domain = address.trim().toLowerCase().split('@').at(-1) ?? '';
    return company.within && !!member && !member.address && member.ways.length > 0 && member.domains.includes(domain);
  }

  /** The page comes up: where one left off, if that was with this address. */
  enter(): void {
    this.#fresh();
    const request = company.company?.member.request;
    const same = request?.address === welcome.address.trim().toLowerCase();
    this.step = request && same ? (request.refused ? 'refused' : 'asked') : 'ways';
  }

  #fresh(): void {
    this.#run += 1;
    this.#vain = [];
    this.busy = null;
    this.error = null;
    this.typed = '';
  }

  /** One thing at a time; what goes wrong is said where the person is. */
  async #attempt(what: NonNullable<Proving['busy']>, work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    const run = this.#run;
    this.busy = what;
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      if (run !== this.#run) return;
      this.error = asApiError(thrown);
      this.#learn(what, this.error.code);
    } finally {
      if (run === this.#run) this.busy = null;
    }
  }

  /** What an error says about the way that was gone. */
  #learn(what: NonNullable<Proving['busy']>, code: ApiError['code']): void {
    if (what === 'redeem') {
      this.typed = '';
      if (code === 'mailed_code_over' || code === 'address_taken') this.step = 'ways';
      return;
    }
    const over = code === 'address_not_confirmed' || code === 'way_closed' || code === 'too_many_tries';
    if (over && what !== 'withdraw' && what !== 'look') this.#vain = [...this.#vain, what];
  }

  /** An account was set up by its password: whether WeCom knows the address, too, is asked without a word. */
  async quietly(address: string): Promise<void> {
    const member = company.company?.member;
    if (!this.concerns(address) || !member?.ways.includes('lookup') || this.#looked.has(address)) return;
    this.#looked.add(address);
    // A no changes nothing: the settings have the other ways.
    await host.call('company.look_address_up', { address }).catch(() => undefined);
  }

  go(way: AddressWay): Promise<void> {
    const { address } = welcome;
    if (way === 'lookup') this.#looked.add(address);
    return this.#attempt(way, async () => {
      const run = this.#run;
      if (way === 'code') {
        await host.call('company.mail_code', { address });
        if (run !== this.#run) return;
        this.typed = '';
        this.step = 'code';
        return;
      }
      const now = await host.call(way === 'lookup' ? 'company.look_address_up' : 'company.ask_admin', { address });
      if (run === this.#run) this.#hears(now);
    });
  }

  /** The code that came by mail. */
  redeem(): Promise<void> {
    return this.#attempt('redeem', async () => {
      const run = this.#run;
      const now = await host.call('company.redeem_code', { code: this.digits });
      if (run === this.#run) this.#hears(now);
    });
  }

  /** Asks no more, or has read the admin's no; other ways are open then. */
  withdraw(): Promise<void> {
    return this.#attempt('withdraw', async () => {
      const run = this.#run;
      await host.call('company.ask_admin_no_more', {});
      if (run === this.#run) this.step = 'ways';
    });
  }

  /** Whether the admin has answered. */
  look(): Promise<void> {
    return this.#attempt('look', async () => {
      await host.call('company.look', {});
      const view = await host.call('company.get', {});
      if (view.company) this.#hears(view.company);
      if (this.step === 'asked' && welcome.page === 'proof') toasts.show(t('proof.look.none'));
    });
  }

  /** Back to where the address is typed. */
  back(): void {
    this.#fresh();
    if (this.step === 'code') this.step = 'ways';
    else welcome.page = 'mailbox';
  }

  /** The address is used by the person's own password; nothing is proven. */
  skip(): void {
    this.#fresh();
    void this.#on(company.company);
  }

  #hears(now: Company): void {
    if (welcome.page !== 'proof') return;
    const { address, request } = now.member;
    if (address) {
      this.#fresh();
      welcome.address = address;
      toasts.show(t('proof.proven', { address }));
      void this.#on(now);
    } else if (request) this.step = request.refused ? 'refused' : 'asked';
  }

  /** On to the mail account, unless it is here. */
  async #on(now: Company | null): Promise<void> {
    const here = agent.accounts.some((account) => account.address.toLowerCase() === welcome.address.toLowerCase());
    if (here) welcome.close();
    else await welcome.recognise(now?.member.servers);
  }
}

export const proving = new Proving();
