//! Addresses that other programs hand over to be written to (`mailto:`, RFC 6068).

import type { Address } from '../host';
import { people } from './addresses';

export interface Wish {
  to: Address[];
  cc: Address[];
  bcc: Address[];
  subject: string;
  text: string;
}

/** Characters of a text that is taken from an address. */
const LONGEST = 100_000;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is no reason to lose an address.
    return text;
  }
}

/** What a `mailto:` asks for; nothing for any other address. No other field is taken: what is sent is the person's to say. */
export function mailtoWish(address: string): Wish | undefined {
  const found = /^mailto:([^?#]*)(?:\?([^#]*))?/i.exec(address.trim());
  if (!found) return undefined;
  const fields = (found[2] ?? '').split('&').map((field) => {
    const at = field.indexOf('=');
    return at < 0 ? [field, ''] : [field.slice(0, at), decoded(field.slice(at + 1))];
  });
  const of = (name: string) => fields.filter(([key]) => key?.toLowerCase() === name).map(([, value]) => value ?? '');
  const list = (texts: string[]) => texts.flatMap((text) => people(text));
  return {
    to: [...list((found[1] ?? '').split(',').map(decoded)), ...list(of('to'))],
    cc: list(of('cc')),
    bcc: list(of('bcc')),
    subject: (of('subject')[0] ?? '').replace(/\s+/g, ' ').trim(),
    text: of('body').join('\n').replace(/\r\n?/g, '\n').slice(0, LONGEST),
  };
}
