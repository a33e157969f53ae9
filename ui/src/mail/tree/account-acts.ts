//! What is done with an account from the rail.

import { asApiError, host, type Account, type Telling } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain, t } from '../../words/words.svelte';

async function said(work: () => Promise<unknown>, words?: string): Promise<void> {
  try {
    await work();
    if (words !== undefined) toasts.show(words);
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}

/** Looks for new mail now; of all accounts when none is named. */
export function sync(account: Account | null): Promise<void> {
  return said(
    () => host.call('sync', { account: account?.id ?? null, wait: false }),
    account ? t('account.syncing', { name: account.name }) : t('account.syncing_all'),
  );
}

/** How loudly an account's mail is told of at most. */
export function tellOf(account: Account, telling: Telling): Promise<void> {
  return said(() =>
    host.call('accounts.update', {
      account: account.id,
      name: null,
      color: null,
      settings: null,
      credential: null,
      telling,
    }),
  );
}
