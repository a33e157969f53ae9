//! Mails taken from the list, on their way to a folder.

import type { MailRow } from '../../host';
import { tn } from '../../words/words.svelte';
import { drag } from '../drag.svelte';
import { mailbox } from '../mailbox.svelte';

/** What is carried, as a list of ids in JSON. */
export const MAILS = 'application/x-qiyou-mails';

/** Begins a drag with a row: of all chosen mails if it is one of them. Gives the mail that was taken hold of. */
export function carry(event: DragEvent, row: MailRow | undefined): number | null {
  const { dataTransfer } = event;
  if (!row || !dataTransfer) {
    event.preventDefault();
    return null;
  }
  const mails = mailbox.selected.has(row.id) ? [...mailbox.selected] : [row.id];
  drag.mails = mails;
  dataTransfer.effectAllowed = 'move';
  dataTransfer.setData(MAILS, JSON.stringify(mails));
  const picture = document.createElement('div');
  picture.className = 'carried';
  picture.textContent = tn('list.carried', mails.length);
  document.body.append(picture);
  dataTransfer.setDragImage(picture, -10, -6);
  // The browser takes its picture after this task.
  setTimeout(() => picture.remove());
  // The row may be gone when its drag ends, and then nothing ends it: a drop does, too.
  const over = new AbortController();
  const end = () => {
    over.abort();
    setTimeout(() => (drag.mails = null));
  };
  document.addEventListener('dragend', end, { signal: over.signal });
  document.addEventListener('drop', end, { signal: over.signal, capture: true });
  return row.id;
}
