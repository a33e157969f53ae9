//! People as they are typed and pasted: `张三 <a@b>; c@d，e@f`.

import type { Address } from '../host';

/** Whether mail can be sent there: `local@domain`, letters of every language in both. */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || local.length > 64 || text.length > 254 || /[\s<>()[\],;:"\p{Cc}]/u.test(local)) return false;
  return /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?)+$/u.test(
    domain,
  );
}

/** What separates people, as long as it does not stand within quotes or brackets. */
const PARTS = /[,;，；、\n\r\t]/;

function pieces(text: string): string[] {
  const out: string[] = [];
  let piece = '';
  let quoted = false;
  let angled = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    else if (char === '<' && !quoted) angled = true;
    else if (char === '>' && !quoted) angled = false;
    if (PARTS.test(char) && !quoted && !angled) {
      out.push(piece);
      piece = '';
    } else piece += char;
  }
  // A quote that was never closed was only a character.
  if (quoted && PARTS.test(piece)) return [...out, ...piece.split(PARTS)];
  return [...out, piece];
}

function unquoted(name: string): string {
  const text = name.trim();
  const inner = /^"(.*)"$/s.exec(text)?.[1] ?? /^'(.*)'$/s.exec(text)?.[1];
  return (inner ?? text).replace(/\\(.)/g, '$1').trim();
}

/** One person. What is no address stays, so that it can be seen and mended. */
function person(piece: string): Address[] {
  const text = piece.replace(/^mailto:/i, '').trim();
  if (!text) return [];
  const angle = /^(.*?)[<＜]\s*([^<>＜＞]*?)\s*[>＞]\s*$/s.exec(text);
  if (angle) {
    const name = unquoted(angle[1] ?? '');
    const address = (angle[2] ?? '').trim().replace(/^mailto:/i, '');
    return [{ name: name.toLowerCase() === address.toLowerCase() ? '' : name, address }];
  }
  // `c@d e@f`, `张三 a@b`.
  const words = text.split(/\s+/);
  const addresses = words.filter((word) => isAddress(word));
  if (words.length > 1 && addresses.length === words.length) return addresses.map((address) => ({ name: '', address }));
  const last = words.at(-1) ?? '';
  if (words.length > 1 && addresses.length === 1 && isAddress(last))
    return [{ name: unquoted(words.slice(0, -1).join(' ')), address: last }];
  return [{ name: '', address: text }];
}

/** Everybody that a text names. */
export function people(text: string): Address[] {
  return pieces(text).flatMap(person);
}

/** Whether a text names more than one, or ends in what ends a name. */
export function isList(text: string): boolean {
  return PARTS.test(text);
}

const key = (address: Address) => address.address.toLowerCase();

/** Adds people that are not there yet. */
export function joined(list: readonly Address[], more: readonly Address[]): Address[] {
  const known = new Set(list.map(key));
  const out = [...list];
  for (const each of more) {
    if (known.has(key(each))) continue;
    known.add(key(each));
    out.push(each);
  }
  return out;
}

/** As it is copied: `张三 <a@b>`. */
export function written({ name, address }: Address): string {
  if (!name) return address;
  return /^[\p{L}\p{N} ._-]+$/u.test(name)
    ? `${name} <${address}>`
    : `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`;
}
