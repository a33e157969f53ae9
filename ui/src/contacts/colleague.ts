//! Colleagues: what the enterprise says of them, and their departments in words.

import { host, type ColleagueCard } from '../host';

/** Who of the enterprise has this address, if anybody; one that cannot be asked for is nobody's. */
export const colleagueAt = (address: string): Promise<ColleagueCard | null> =>
  host.call('directory.person', { userid: '', address }).catch(() => null);

/** A department by the names that lead to it. The company stands above all and tells nothing. */
export function pathWords(path: readonly string[]): string {
  return (path.length > 1 ? path.slice(1) : path).join(' / ');
}
