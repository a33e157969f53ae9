//! What is dragged over the rail, and where it would fall.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host, type Account, type Folder } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain, t } from '../../words/words.svelte';
import { drag } from '../drag.svelte';
import { mailbox } from '../mailbox.svelte';
import { verdict, type Carried, type Verdict } from './drops';
import { folderEdit } from './folder-edit.svelte';
import { lineName } from './folder-names';
import type { Line } from './lines';
import { rail } from './rail.svelte';

/** A folded line opens after being pointed at so long. */
const UNFOLD_MS = 600;

export const MAILS = 'application/x-qiyou-mails';
export const FOLDER = 'application/x-qiyou-folder';
export const ACCOUNT = 'application/x-qiyou-account';

class Carry {
  folder = $state.raw<Folder | null>(null);
  account = $state.raw<Account | null>(null);
  /** The line below the pointer, and what dropping there would do. */
  over = $state.raw<{ key: string; verdict: Verdict } | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly carried = $derived.by((): Carried | null => {
    if (this.folder) return { kind: 'folder', folder: this.folder };
    if (this.account) return { kind: 'account', account: this.account };
    return drag.mails ? mailsOf(drag.mails) : null;
  });

  /** What the drop would do, in words. */
  readonly words = $derived.by(() => {
    const line = rail.line(this.over?.key);
    const over = this.over?.verdict;
    if (!over || !line || over.kind === 'nothing') return null;
    return t(`drop.${over.words}`, { name: lineName(line) });
  });

  /** The pointer is over a line; whether it may be dropped there. */
  hover(line: Line, lower: boolean): boolean {
    const { carried } = this;
    if (!carried) return false;
    const next = verdict(carried, line, rail.shape, lower);
    if (this.over?.key !== line.key) {
      clearTimeout(this.#timer);
      if (line.expanded === false && carried.kind !== 'account')
        this.#timer = setTimeout(() => this.carried && rail.fold(line), UNFOLD_MS);
    }
    if (this.over?.key !== line.key || JSON.stringify(this.over.verdict) !== JSON.stringify(next))
      this.over = { key: line.key, verdict: next };
    return next.kind !== 'no' && next.kind !== 'nothing';
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.over = null;
  }

  end(): void {
    this.leave();
    this.folder = null;
    this.account = null;
  }

  drop(line: Line): void {
    const { carried } = this;
    const what = this.over?.key === line.key ? this.over.verdict : undefined;
    this.end();
    drag.mails = null;
    if (!carried || !what) return;
    if (carried.kind === 'mails' && what.kind === 'act') void mailbox.act(what.action, [...carried.ids]);
    if (carried.kind === 'folder' && what.kind === 'nest') void folderEdit.move(carried.folder, what.parent);
    if (carried.kind === 'folder' && what.kind === 'favour')
      void folderEdit.update(carried.folder, { favourite: true });
    if (carried.kind === 'account' && what.kind === 'order' && line.kind === 'account')
      void place(carried.account, line.account, what.after);
  }

  /** The place where favourites will be, while there are none. */
  favour(): void {
    const { folder } = this;
    this.end();
    if (folder) void folderEdit.update(folder, { favourite: true });
  }
}

/** Whose mails they are, as far as the list knows. */
function mailsOf(ids: readonly number[]): Carried {
  const { scope } = mailbox.list;
  if (scope?.kind === 'folder') {
    const folder = agent.byFolder.get(scope.folder);
    return { kind: 'mails', ids, accounts: new Set(folder ? [folder.account] : []), from: scope.folder };
  }
  const rows = ids.flatMap((id) => mailbox.list.row(id) ?? []);
  const folders = new Set(rows.map((row) => row.folder));
  const [only] = folders;
  return {
    kind: 'mails',
    ids,
    accounts: new Set(rows.map((row) => row.account)),
    from: folders.size === 1 && rows.length === ids.length ? (only ?? null) : null,
  };
}

/** Puts an account before or after another one. */
async function place(account: Account, beside: Account, after: boolean): Promise<void> {
  const ids = agent.accounts.map((each) => each.id).filter((id) => id !== account.id);
  ids.splice(ids.indexOf(beside.id) + (after ? 1 : 0), 0, account.id);
  await order(ids);
}

/** Moves an account by one place. */
export async function shift(account: Account, by: 1 | -1): Promise<void> {
  const other = agent.accounts[agent.accounts.findIndex((each) => each.id === account.id) + by];
  if (other) await place(account, other, by > 0);
}

async function order(accounts: number[]): Promise<void> {
  try {
    await host.call('accounts.order', { accounts });
    await agent.load();
  } catch (error) {
    toasts.fail(explain(asApiError(error)));
  }
}

export const carry = new Carry();
