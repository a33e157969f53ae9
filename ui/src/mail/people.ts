//! Names and faces of people.

import type { Address } from '../host';

/** Dark enough for white letters (AA) in both themes. */
const COLORS = [
  '#a05f33',
  '#3f6db0',
  '#7a5aa6',
  '#0b746c',
  '#85661d',
  '#55763a',
  '#a0485e',
  '#35748a',
  '#6a6f2a',
  '#8a4f8f',
];

export function displayName(address: Address): string {
  return address.name.trim() || address.address;
}

/** The first Han character (a person's surname), or the initial. */
export function initial(address: Address): string {
  const name = displayName(address);
  const han = name.match(/\p{Script=Han}/u);
  if (han) return han[0];
  const letter = name.match(/[\p{L}\p{N}]/u);
  return (letter?.[0] ?? '?').toUpperCase();
}

/** A colour that stays the same for an address. */
export function faceColor(address: Address): string {
  let hash = 0;
  for (const char of address.address.toLowerCase() || address.name)
    hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[hash % COLORS.length] ?? '#0b746c';
}
