//! What the editor begins with: room for the answer, the signature, and the line that says who wrote the original.

import { agent } from '../agent/agent.svelte';
import type { Account, Address, Author, Draft, DraftKind, Quoted } from '../host';
import { locale, t } from '../words/words.svelte';

/** Words as they stand in HTML. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const who = ({ name, address }: Address) => (name ? `${name} <${address}>` : address);

function when(quoted: Quoted): string {
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(quoted.date * 1000);
}

export function authorOf(account: Account | undefined): Author | undefined {
  return account && agent.settings?.writing.authors[account.address.toLowerCase()];
}

/** Whether the signature of answers stands below it. */
export const isAnswer = (kind: DraftKind): boolean => kind !== 'new' && kind !== 'edit_as_new';

/** The signature of an account, as the editor knows it; empty when there is none. */
export function signature(account: Account | undefined, answers: boolean): string {
  const author = authorOf(account);
  const html = (answers ? author?.reply_signature : author?.signature) ?? '';
  return html ? `<div data-signature="1">${html}</div>` : '';
}

/** The line above a quote. */
export function attribution({ kind, quoted }: Pick<Draft, 'kind' | 'quoted'>): string {
  const [author] = quoted?.from ?? [];
  if (!quoted || !author || kind === 'redirect') return '';
  if (kind === 'forward') {
    const list = (people: Address[]) => people.map(who).join('; ');
    const lines = [
      t('compose.forwarded'),
      t('compose.forwarded.from', { who: list(quoted.from) }),
      t('compose.forwarded.date', { when: when(quoted) }),
      ...(quoted.to.length > 0 ? [t('compose.forwarded.to', { who: list(quoted.to) })] : []),
      ...(quoted.cc.length > 0 ? [t('compose.forwarded.cc', { who: list(quoted.cc) })] : []),
      t('compose.forwarded.subject', { subject: quoted.subject }),
    ];
    return `<p>${lines.map(escaped).join('<br>')}</p>`;
  }
  return `<p>${escaped(t('compose.wrote', { when: when(quoted), who: who(author) }))}</p>`;
}

/** The first content of a draft that nothing was written into yet. */
export function opening(draft: Draft, account: Account | undefined): string {
  const { html } = draft.content;
  const whole = draft.kind === 'edit_as_new' || draft.kind === 'redirect';
  const below = whole ? '' : signature(account, isAnswer(draft.kind));
  const line = draft.content.quote ? attribution(draft) : '';
  const gap = below || line ? '<p></p>' : '';
  return `${html || '<p></p>'}${gap}${below}${line}`;
}
