//! What is done with the attachments of a mail: opened, saved, all at once.

import { asApiError, host, type ApiError, type Attachment } from '../../host';
import { toasts } from '../../shell/toasts.svelte';
import { explain, t, tn } from '../../words/words.svelte';
import { isolated } from './isolate';

/** What saving all is called among the indices that are busy. */
const ALL = -1;

export class Attachments {
  /** Those that are fetched, opened or saved just now. */
  busy = $state.raw<ReadonlySet<number>>(new Set());
  /** What could not be opened, and why. */
  refused = $state.raw<{ attachment: Attachment; error: ApiError } | null>(null);

  readonly savingAll = $derived(this.busy.has(ALL));

  constructor(private readonly mail: number) {}

  async #during(index: number, work: () => Promise<void>): Promise<void> {
    if (this.busy.has(index)) return;
    this.busy = new Set([...this.busy, index]);
    try {
      await work();
    } finally {
      this.busy = new Set([...this.busy].filter((each) => each !== index));
    }
  }

  async open(attachment: Attachment): Promise<void> {
    const { index } = attachment;
    this.refused = null;
    await this.#during(index, async () => {
      try {
        await host.call('mail.open_attachment', { mail: this.mail, index });
      } catch (error) {
        this.refused = { attachment, error: asApiError(error) };
      }
    });
  }

  async save(attachment: Attachment): Promise<void> {
    const { index, name } = attachment;
    await this.#during(index, async () => {
      try {
        const path = await host.saveDialog(name || t('attachment.unnamed'));
        if (!path) return;
        await host.call('mail.save_attachment', { mail: this.mail, index, path });
        if (this.refused?.attachment.index === index) this.refused = null;
        toasts.show(t('attachment.saved', { name: isolated(name) }));
      } catch (error) {
        toasts.fail(explain(asApiError(error)));
      }
    });
  }

  /** Saves `count` attachments into one folder. */
  async saveAll(count: number): Promise<void> {
    await this.#during(ALL, async () => {
      let folder: string | null = null;
      try {
        folder = await host.folderDialog();
        if (!folder) return;
        const { paths } = await host.call('mail.save_attachments', { mail: this.mail, folder });
        if (paths.length < count) toasts.fail(t('attachment.saved_some', { saved: paths.length, count, folder }));
        else toasts.show(tn('attachment.saved_all', paths.length, { folder }));
      } catch (error) {
        const why = explain(asApiError(error));
        toasts.fail(folder ? t('attachment.saved_not_all', { why, folder }) : why);
      }
    });
  }

  dismiss(): void {
    this.refused = null;
  }
}
