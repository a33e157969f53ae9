//! The three steps of a new account, and which page belongs to which.

import type { Page } from './welcome.svelte';

export const STEPS = ['sign_in', 'confirm', 'tell'] as const;

const STEP_OF: Record<Page, number> = {
  address: 0,
  company: 0,
  mailbox: 1,
  proof: 1,
  secret: 1,
  servers: 1,
  testing: 1,
  failed: 1,
  added: 2,
};

/** Index of the step that a page belongs to. */
export function stepOf(page: Page): number {
  return STEP_OF[page];
}
