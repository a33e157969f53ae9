//! Signing in by WeCom: the browser shows the code, the phone scans it, this page follows.

import { agent } from '../agent/agent.svelte';
import { asApiError, host, type ApiError, type Company } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, t } from '../words/words.svelte';
import { welcome } from './welcome.svelte';

/** `server`: nobody knows yet where the company's bridge is. */
export type CompanyStep = 'server' | 'starting' | 'waiting' | 'scanned' | 'confirmed' | 'refused' | 'over' | 'failed';

class CompanySignIn {
  step = $state<CompanyStep>('starting');
  /** The bridge's address as it is typed. */
  bridge = $state('');
  /** What the browser opens. */
  url = $state('');
  /** As they are typed, with whatever stands between them. */
  typed = $state('');
  readonly digits = $derived(this.typed.replace(/\D/g, ''));
  /** The digits are being brought to the bridge. */
  redeeming = $state(false);
  error = $state.raw<ApiError | null>(null);
  company = $state.raw<Company | null>(null);
  /** Whether one is with the company still: signed in, also while its bridge is away. */
  readonly within = $derived(this.company?.state === 'signed_in' || this.company?.state === 'away');
  readonly opensWebmail = $derived(this.within && this.company!.member.webmail);

  #run = 0;

  constructor() {
    agent.on((event) => {
      if (event.kind === 'company_changed') this.company = event.company;
      if (event.kind !== 'company_sign_in' || welcome.page !== 'company') return;
      const { progress } = event;
      if (progress.step === 'done') void this.#done();
      else {
        if (progress.step === 'failed') this.error = progress.error;
        this.step = progress.step;
      }
    });
  }

  /** What the agent knows of the company. */
  async load(): Promise<void> {
    const view = await host.call('company.get', {});
    this.company = view.company;
    this.bridge = view.bridge;
  }

  /** Opens the webmail in the browser, signed in. */
  async openWebmail(): Promise<void> {
    try {
      await host.call('company.webmail', {});
    } catch (thrown) {
      toasts.fail(explain(asApiError(thrown)));
    }
  }

  /** From the first page, or from the settings to sign in again. */
  async begin(): Promise<void> {
    const run = (this.#run += 1);
    welcome.open = true;
    welcome.page = 'company';
    this.step = 'starting';
    this.error = null;
    try {
      await this.load();
      if (run !== this.#run) return;
      if (this.bridge === '') this.step = 'server';
      else await this.start();
    } catch (error) {
      this.#fail(run, error);
    }
  }

  /** Opens the browser. */
  async start(): Promise<void> {
    const run = (this.#run += 1);
    this.step = 'starting';
    this.error = null;
    this.typed = '';
    try {
      const started = await host.call('company.sign_in', { bridge: this.bridge.trim() });
      if (run !== this.#run) return void host.call('company.cancel', {});
      this.url = started.url;
      // Unless an event was faster.
      if (this.step === 'starting') this.step = 'waiting';
    } catch (error) {
      this.#fail(run, error);
    }
  }

  /** Another address of the company's server. */
  another(): void {
    this.#run += 1;
    this.error = null;
    this.step = 'server';
  }

  #fail(run: number, thrown: unknown): void {
    if (run !== this.#run) return;
    this.error = asApiError(thrown);
    // What was typed is what has to be changed, and stays where it can be.
    this.step = this.error.code === 'bad_bridge' || this.error.code === 'not_a_bridge' ? 'server' : 'failed';
  }

  /** The six digits of the browser's page. */
  async redeem(): Promise<void> {
    this.redeeming = true;
    this.error = null;
    try {
      await host.call('company.redeem', { code: this.digits });
    } catch (thrown) {
      this.error = asApiError(thrown);
      this.typed = '';
      if (this.error.code === 'sign_in_over') this.step = 'over';
    } finally {
      this.redeeming = false;
    }
  }

  /** On to the page for those whose address nothing proves; what was asked of the admin goes on there. */
  mailless(): void {
    welcome.open = true;
    const { member } = this.company!;
    welcome.name = member.name;
    welcome.address = member.request?.address ?? welcome.address;
    welcome.page = member.request ? 'proof' : 'mailbox';
  }

  /** Back to where the address is asked for. */
  cancel(): void {
    this.#run += 1;
    void host.call('company.cancel', {}).catch(() => undefined);
    welcome.back();
  }

  /** Signed in: on to the mail account, unless it is here. */
  async #done(): Promise<void> {
    this.#run += 1;
    await this.load().catch(() => undefined);
    const member = this.company?.member;
    if (!member) return;
    const address = member.address ?? '';
    if (agent.accounts.some((account) => account.address.toLowerCase() === address)) {
      welcome.close();
      toasts.show(t('company.signed_in', { company: this.company?.name ?? '' }));
      return;
    }
    welcome.address = address;
    welcome.name = member.name;
    if (address) await welcome.recognise(member.servers);
    else this.mailless();
  }
}

export const company = new CompanySignIn();
