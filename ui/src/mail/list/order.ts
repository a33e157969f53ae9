//! Which mails belong to a list, and in which order they stand.

import type { Filter, MailRow, Sort } from '../../host';

export const SORTS: readonly Sort[] = ['newest', 'oldest', 'sender', 'subject', 'size'];

/** Whether a mail belongs to a filtered list. */
export function fits(row: MailRow, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'unread':
      return row.unread;
    case 'starred':
      return row.starred;
    case 'attachments':
      return row.attachments;
  }
}

/** Whether the order is that of time, which is all that a row tells with certainty. */
export function byDate(sort: Sort): boolean {
  return sort === 'newest' || sort === 'oldest';
}

/** Whether a mail stands above another; only for orders of time. */
export function standsBefore(row: MailRow, other: MailRow, sort: Sort): boolean {
  const newer = row.date > other.date || (row.date === other.date && row.id > other.id);
  return sort === 'oldest' ? !newer && row.id !== other.id : newer;
}

/** Whether a mail is from or to somebody, as far as its row says. */
export function concerns(row: MailRow, address: string): boolean {
  const wanted = address.toLowerCase();
  return row.from.address.toLowerCase() === wanted || row.to.some((each) => each.address.toLowerCase() === wanted);
}
