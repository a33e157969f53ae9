//! One account's test, step by step, with what is known of it.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host, type ApiError, type Cause, type CheckReport, type CheckStep } from '../../host';

export const STEPS: Exclude<CheckStep, 'done'>[] = [
  'imap_connect',
  'imap_sign_in',
  'imap_inbox',
  'smtp_connect',
  'smtp_sign_in',
];

export class Check {
  running = $state(false);
  /** The step that is under way; where it failed, the step that failed. */
  step = $state<CheckStep>('imap_connect');
  report = $state.raw<CheckReport | null>(null);
  /** It could not be tested at all. */
  error = $state.raw<ApiError | null>(null);
  /** The provider's page that helps, where it has one. */
  help = $state<string | null>(null);

  readonly cause: Cause | null = $derived(this.report?.failure ?? this.error?.cause ?? null);
  readonly good = $derived(this.report !== null && this.report.failure === null);
  readonly over = $derived(this.report !== null || this.error !== null);

  async run(account: number, address: string): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.step = 'imap_connect';
    this.report = null;
    this.error = null;
    this.help = null;
    const off = agent.on((event) => {
      if (event.kind === 'check_progress' && event.step !== 'done') this.step = event.step;
    });
    try {
      this.report = await host.call('accounts.check', { account });
      if (this.report.failure) this.step = this.report.failure.step;
    } catch (error) {
      this.error = asApiError(error);
    } finally {
      off();
      this.running = false;
    }
    // Only a link is wanted; a failure costs no more than it.
    if (this.cause)
      this.help = await host.call('accounts.recognise', { address }).then(
        (found) => found.help_url,
        () => null,
      );
  }
}
