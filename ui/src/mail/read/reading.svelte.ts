//! The mail that is read: its head, the state of its text, and whether pictures from the network may be shown.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host, type ApiError, type Body, type Event, type Mail } from '../../host';
import { carried, ruleFor } from './pictures';

export class Reading {
  id = $state<number | null>(null);
  mail = $state.raw<Mail | null>(null);
  /** What is known of the text; the text itself is in the sealed frame. */
  body = $state.raw<Body | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Counts up when the frame must be loaded anew. */
  version = $state(0);
  /** The mail is no more: deleted, or moved by another program. What is shown of it may stay. */
  gone = $state(false);
  /** It counts as read, or shall stay unread: how long it is open no longer matters. */
  settled = $state(false);
  /** Pictures that the text shows by itself. */
  carried = $state(0);

  /** What the person wants for this mail alone; nothing while the rules decide. */
  #pictures = $state<boolean | null>(null);
  /** Where it lay when it was opened. */
  #home = $state<number | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly folder = $derived(this.mail ? agent.byFolder.get(this.mail.row.folder) : undefined);
  readonly junk = $derived(this.folder?.role === 'junk');
  readonly from = $derived(this.mail ? (this.mail.from[0] ?? this.mail.row.from) : undefined);
  /** The entry of the settings that allows the sender's pictures. */
  readonly rule = $derived(ruleFor(agent.settings?.pictures_from ?? [], this.from?.address ?? ''));
  /** Whether pictures from the network are shown. In junk they never are. */
  readonly remote = $derived(!this.junk && (this.#pictures ?? this.rule !== undefined));
  /** The folder that it went to while it was open. */
  readonly movedTo = $derived(this.folder && this.#home !== this.folder.id ? this.folder : undefined);
  /** Attachments that are listed: those inside the text only when the text does not show them. */
  readonly attachments = $derived.by(() => {
    const all = this.mail?.attachments ?? [];
    const inline = all.filter((each) => each.inline).length;
    return this.body?.state === 'ready' && inline > this.carried ? all : all.filter((each) => !each.inline);
  });

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
    this.gone = false;
    this.settled = false;
    this.carried = 0;
    this.#pictures = null;
    this.#home = null;
  }

  async #load(id: number): Promise<void> {
    this.error = null;
    try {
      const text = this.#text(id);
      const mail = await host.call('mail.get', { mail: id });
      if (id === this.id) {
        this.mail = mail;
        this.#home = mail.row.folder;
      }
      await text;
    } catch (error) {
      if (id === this.id) this.error = asApiError(error);
    }
  }

  async #text(id: number): Promise<void> {
    try {
      // Asked only for what is known of the text. The frame loads the text itself, with pictures or without.
      const body = await host.call('mail.body', { mail: id, remote: false });
      if (id !== this.id) return;
      this.carried = body.state === 'ready' ? carried(body.html) : 0;
      this.body = body.state === 'ready' ? { ...body, html: '' } : body;
      this.version += 1;
    } catch (error) {
      if (id === this.id) this.body = { state: 'failed', error: asApiError(error) };
    }
  }

  /** Asks where the mail is now, and what it has. */
  async #look(id: number): Promise<void> {
    try {
      const mail = await host.call('mail.get', { mail: id });
      if (id !== this.id) return;
      this.mail = mail;
      this.gone = false;
    } catch (error) {
      if (id === this.id && asApiError(error).code === 'not_found') this.gone = true;
    }
  }

  /** Tries again what failed. */
  retry(): void {
    if (this.id === null) return;
    this.body = null;
    void this.#load(this.id);
  }

  /** Shows the pictures of this mail, or hides them; nothing lets the rules decide. */
  pictures(show: boolean | null): void {
    this.#pictures = show;
  }

  hear(event: Event): void {
    const { id } = this;
    if (id === null) return;
    switch (event.kind) {
      case 'body_arrived':
        if (event.mail !== id) return;
        // The head's attachments may only be known now.
        void this.#look(id);
        void this.#text(id);
        return;
      case 'mail_changed': {
        const row = event.rows.find((fresh) => fresh.id === id);
        if (row && this.mail) this.mail = { ...this.mail, row };
        return;
      }
      case 'mail_removed':
        if (event.mails.includes(id)) void this.#look(id);
        return;
      case 'list_changed':
        // It may have come back.
        if (event.folder === this.#home && (this.gone || this.movedTo)) void this.#look(id);
        return;
      case 'account_removed':
        if (event.account === this.mail?.row.account) this.close();
        return;
      case 'overflow':
        if (this.body?.state === 'ready') void this.#look(id);
        else void this.#load(id);
        return;
    }
  }
}
