//! Folder and mail that one was at, kept over the window's end and over a crash of the page.

import type { Scope } from '../host';

const KEY = 'qiyou.place';

export interface KeptPlace {
  scope: Scope;
  mail: number | null;
}

/** What was kept; nothing when there is none, or none that makes sense. */
export function keptPlace(): KeptPlace | null {
  try {
    const { scope, mail } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<KeptPlace>;
    const known = scope?.kind === 'unified' || (scope?.kind === 'folder' && Number.isSafeInteger(scope.folder));
    return known ? { scope, mail: Number.isSafeInteger(mail) ? (mail ?? null) : null } : null;
  } catch {
    return null;
  }
}

/** The mails with a person are a way through, no place to come back to. */
export function keepPlace(scope: Scope, mail: number | null): void {
  if (scope.kind !== 'person') localStorage.setItem(KEY, JSON.stringify({ scope, mail } satisfies KeptPlace));
}
