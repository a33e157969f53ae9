//! The mail that is read: its head, the state of its text, and whether pictures from the network may be shown.

import { agent } from '../../agent/agent.svelte';
import { asApiError, host, type ApiError, type Body, type Event, type Mail } from '../../host';
import { carried, ruleFor } from './pictures';

/** So long the mail before stays in view while the next one comes. */
const PATIENCE_MS = 150;

export class Reading {
  /** The mail that is meant; `mail` is it as soon as its head is here. */
  id = $state<number | null>(null);
  mail = $state.raw<Mail | null>(null);
  /** What is known of the text; the text itself is in the sealed frame. */
  body = $state.raw<Body | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** The mail takes long to come; time for a skeleton. */
  slow = $state(false);
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
  #patience: ReturnType<typeof setTimeout> | undefined;

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

  /** Opens a mail after `delay` milliseconds; what is opened meanwhile replaces it. The mail before stays that long. */
  open(id: number, delay = 0): void {
    if (id === this.id) return;
    clearTimeout(this.#timer);
    this.id = id;
    this.error = null;
    this.settled = false;
    this.#patience ??= setTimeout(() => this.#blank(), delay + PATIENCE_MS);
    this.#timer = setTimeout(() => void this.#load(id), delay);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#calm();
    this.id = null;
    this.error = null;
    this.settled = false;
    this.#show(null, null);
  }

  #calm(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.slow = false;
  }

  /** The next mail takes long: the one before must not be taken for it. */
  #blank(): void {
    this.slow = true;
    this.#show(null, null);
  }

  #show(mail: Mail | null, body: Body | null): void {
    this.mail = mail;
    this.gone = false;
    this.#pictures = null;
    this.#home = mail?.row.folder ?? null;
    this.#take(body);
  }

  #take(body: Body | null): void {
    this.carried = body?.state === 'ready' ? carried(body.html) : 0;
    // The frame asks for the text itself: no second copy is kept here.
    this.body = body?.state === 'ready' ? { ...body, html: '' } : body;
    if (body) this.version += 1;
  }

  async #load(id: number): Promise<void> {
    const enough = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
    const text = this.#text(id);
    try {
      const mail = await host.call('mail.get', { mail: id });
      // Head and text come into view together, unless the text takes long.
      const body = await Promise.race([text, enough]);
      if (id !== this.id) return;
      this.#calm();
      this.#show(mail, body);
      if (!body) await text.then((late) => id === this.id && this.#take(late));
    } catch (error) {
      if (id !== this.id) return;
      this.#calm();
      this.#show(null, null);
      this.error = asApiError(error);
    }
  }

  /** What is known of the text, without pictures: the frame loads it, with them or without. */
  async #text(id: number): Promise<Body> {
    try {
      return await host.call('mail.body', { mail: id, remote: false });
    } catch (error) {
      return { state: 'failed', error: asApiError(error) };
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
    // Before its head is here there is nothing to keep up to date.
    if (id === null || (this.mail && this.mail.row.id !== id)) return;
    switch (event.kind) {
      case 'body_arrived':
        if (event.mail !== id) return;
        // The head's attachments may only be known now.
        void this.#look(id);
        void this.#text(id).then((body) => id === this.id && this.#take(body));
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
