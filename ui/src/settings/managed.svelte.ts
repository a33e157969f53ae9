//! What the company fixes, as the page shows it.

import { company } from '../welcome/company.svelte';
import { PAGES, SETTINGS, type Entry, type Setting } from './entries';

/** Who fixes a setting, if somebody does; of a mailbox, where it is the mailbox's. */
export function managedBy(setting: Setting, address?: string): string | null {
  const known = company.company;
  if (!known?.policy?.settings.includes(setting)) return null;
  const domain = address?.toLowerCase().split('@').pop();
  return domain === undefined || known.member.domains.includes(domain) ? known.name : null;
}

/** The settings that the company fixes, in the order of the pages. A name that this page does not have is passed over. */
export function managedEntries(): Entry[] {
  return PAGES.flatMap((page) =>
    SETTINGS[page]
      .filter((setting) => managedBy(setting) !== null)
      .map((setting): Entry => ({ page, setting, account: null })),
  );
}
