//! What is asked once before a mail goes. Each can be switched off in the settings.

import { agent } from '../agent/agent.svelte';
import { t, tn } from '../words/words.svelte';
import type { Letter } from './letter.svelte';

export interface Asked {
  kind: 'attachment' | 'subject' | 'outside' | 'crowd';
  title: string;
  text: string;
  yes: string;
  /** When the mail was to go. */
  at: number | null;
}

/** A word that promises a file, in whatever language it is written. */
function promise(text: string): string | undefined {
  const lower = text.toLowerCase();
  const words = t('compose.ask.attachment.words').split(' ');
  // A word of letters is meant whole: nobody who attacks attaches.
  return words.find((word) => (/^[a-z]+$/.test(word) ? new RegExp(`\\b${word}\\b`).test(lower) : lower.includes(word)));
}

const domain = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/** All that there is to ask about a mail, in order. */
export function questions(letter: Letter): Omit<Asked, 'at'>[] {
  const writing = agent.settings?.writing;
  if (!writing || letter.everybody.length === 0) return [];
  const written = letter.kind !== 'redirect';
  const out: Omit<Asked, 'at'>[] = [];
  const ask = (kind: Asked['kind'], title: string, text: string) =>
    out.push({ kind, title, text, yes: t('compose.ask.send') });
  if (written && writing.ask_subject && letter.subject.trim() === '')
    ask('subject', t('compose.ask.subject'), t('compose.ask.subject.text'));
  const attached = letter.files.some((file) => file.content_id === null);
  const words = `${letter.subject}\n${letter.text?.plain() ?? ''}`;
  const promised = promise(letter.kind === 'new' ? words : (letter.text?.plain() ?? ''));
  if (written && writing.ask_attachment && !attached && promised)
    ask('attachment', t('compose.ask.attachment'), t('compose.ask.attachment.text', { word: promised }));
  const own = domain(letter.from?.address ?? '');
  const outside = letter.everybody.filter((person) => domain(person.address) !== own);
  if (writing.ask_outside && own && outside.length > 0) {
    const who = outside.slice(0, 3).map((person) => person.address);
    ask('outside', tn('compose.ask.outside', outside.length), t('compose.ask.outside.text', { who: who.join(', ') }));
  }
  const count = letter.everybody.length;
  if (writing.ask_crowd > 0 && count >= writing.ask_crowd && letter.kind === 'reply_all')
    ask('crowd', tn('compose.ask.crowd', count), t('compose.ask.crowd.text'));
  return out;
}
