//! The mail that is read: its head, the state of its text, and whether pictures from the network may be shown.

import { asApiError, host, type ApiError, type Body, type Event, type Mail } from '../../host';

export class Reading {
  id = $state<number | null>(null);
  mail = $state.raw<Mail | null>(null);
  /** What is known of the text; the text itself is in the sealed frame. */
  body = $state.raw<Body | null>(null);
  error = $state.raw<ApiError | null>(null);
  remote = $state(false);
  /** Counts up when the frame must be loaded anew. */
  version = $state(0);

  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Opens a mail after `delay` milliseconds; what is opened meanwhile replaces it. */
  open(id: number, delay = 0): void {
    if (id === this.id) return;
    this.close();
    this.id = id;
    this.#timer = setTimeout(() => void this.#load(id), delay);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.id = null;
    this.mail = null;
    this.body = null;
    this.error = null;
    this.remote = false;
  }

  async #load(id: number): Promise<void> {
    this.error = null;
    try {
      const text = this.#text(id);
      const mail = await host.call('mail.get', { mail: id });
      if (id === this.id) this.mail = mail;
      await text;
    } catch (error) {
      if (id === this.id) this.error = asApiError(error);
    }
  }

  async #text(id: number): Promise<void> {
    try {
      const body = await host.call('mail.body', { mail: id, remote: this.remote });
      if (id !== this.id) return;
      // The frame asks for the text itself: no second copy is kept here.
      this.body = body.state === 'ready' ? { ...body, html: '' } : body;
      this.version += 1;
    } catch (error) {
      if (id === this.id) this.body = { state: 'failed', error: asApiError(error) };
    }
  }

  /** Tries again what failed. */
  retry(): void {
    if (this.id === null) return;
    this.body = null;
    void this.#load(this.id);
  }

  showPictures(): void {
    this.remote = true;
    this.version += 1;
  }

  hear(event: Event): void {
    const { id } = this;
    if (id === null) return;
    switch (event.kind) {
      case 'body_arrived':
        if (event.mail === id) {
          // The head's attachments may only be known now.
          void host
            .call('mail.get', { mail: id })
            .then((mail) => (this.id === id ? (this.mail = mail) : mail))
            .catch(() => undefined);
          void this.#text(id);
        }
        return;
      case 'mail_changed': {
        const row = event.rows.find((fresh) => fresh.id === id);
        if (row && this.mail) this.mail = { ...this.mail, row };
        return;
      }
      case 'overflow':
        if (this.body?.state !== 'ready') void this.#load(id);
        return;
    }
  }
}
