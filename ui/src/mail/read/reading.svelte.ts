//! The mail that is read: its head, the state of its text, and whether pictures from the network may be shown.

import { agent } from '../../agent/agent.svelte';
import {
  asApiError,
  host,
  type Address,
  type ApiError,
  type Body,
  type BodyView,
  type Event,
  type Mail,
  type MailRow,
} from '../../host';
import { look } from '../../shell/look.svelte';
import { Ahead, sameView, type Near } from './ahead.svelte';
import { ruleFor } from './pictures';

const sender = (mail: Mail) => mail.from[0] ?? mail.row.from;
const inJunk = (row: MailRow) => agent.byFolder.get(row.folder)?.role === 'junk';
/** The entry of the settings that allows the pictures from the network that an address sends. */
const ruleOf = ({ address }: Address) => ruleFor(agent.settings?.pictures_from ?? [], address);
const allowed = (row: MailRow, from: Address) => !inJunk(row) && ruleOf(from) !== undefined;

const viewOf = (row: MailRow, from: Address): BodyView => ({
  remote: allowed(row, from),
  theme: look.theme,
  whole: false,
});

/** So long the mail before stays in view while the next one comes. */
const PATIENCE_MS = 150;
/** A page that is not drawn never comes to the next picture. */
const UNDRAWN_MS = 100;

/** Calls back once the page was drawn as it is now. */
function painted(done: () => void): void {
  // The one clears the other, so that what is called back is called once.
  let timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    done();
  }, UNDRAWN_MS);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = setTimeout(done);
  });
}

export class Reading {
  /** The mail that is meant; `mail` is it as soon as its head is here. */
  id = $state<number | null>(null);
  mail = $state.raw<Mail | null>(null);
  /** What is known of the text, without the text. */
  body = $state.raw<Body | null>(null);
  /** The sealed document around the text. */
  text = $state.raw('');
  /** All of a long text is wanted. */
  whole = $state(false);
  /** The text is asked for in another way than it is shown. */
  late = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** The mail takes long to come; time for a skeleton. */
  slow = $state(false);
  /** The mail is no more: deleted, or moved by another program. What is shown of it may stay. */
  gone = $state(false);
  /** It counts as read, or shall stay unread: how long it is open no longer matters. */
  settled = $state(false);

  /** The mails that may come next. */
  readonly ahead = new Ahead((mail) => viewOf(mail.row, sender(mail)));

  /** What the person wants for this mail alone; nothing while the rules decide. */
  #pictures = $state<boolean | null>(null);
  /** Where it lay when it was opened. */
  #home = $state<number | null>(null);
  /** How the text was asked for last. */
  #view: BodyView = { remote: false, theme: 'light', whole: false };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  readonly folder = $derived(this.mail ? agent.byFolder.get(this.mail.row.folder) : undefined);
  readonly junk = $derived(this.mail !== null && inJunk(this.mail.row));
  readonly from = $derived(this.mail ? sender(this.mail) : undefined);
  /** The entry of the settings that allows the sender's pictures. */
  readonly rule = $derived(this.from ? ruleOf(this.from) : undefined);
  /** Whether pictures from the network are shown. In junk they never are. */
  readonly remote = $derived(!this.junk && (this.#pictures ?? this.rule !== undefined));
  /** Only the beginning of the text is shown. */
  readonly cut = $derived(this.body?.state === 'ready' && this.body.cut);
  /** The folder that it went to while it was open. */
  readonly movedTo = $derived(this.folder && this.#home !== this.folder.id ? this.folder : undefined);
  /** Attachments that are listed: those inside the text only when the text does not show them. */
  readonly attachments = $derived.by(() => {
    const all = this.mail?.attachments ?? [];
    const inline = all.filter((each) => each.inline).length;
    return this.body?.state === 'ready' && inline > this.body.carried ? all : all.filter((each) => !each.inline);
  });

  /**
   * Opens a mail after `delay` milliseconds; what is opened meanwhile replaces it. The mail before stays that long. With
   * its row at hand, head and text are asked for at the same time.
   */
  open(id: number, delay = 0, row?: MailRow): void {
    if (id === this.id) return;
    clearTimeout(this.#timer);
    this.id = id;
    this.error = null;
    this.settled = false;
    this.#patience ??= setTimeout(() => this.#blank(), delay + PATIENCE_MS);
    const near = this.ahead.take(id);
    if (near && delay === 0) this.#come(near, row);
    // First the selection moves, then the mail comes: what follows a key must not wait for a long text.
    else if (near) painted(() => id === this.id && this.#come(near, row));
    else this.#timer = setTimeout(() => void this.#load(id, row), delay);
  }

  /** Shows a mail that is here already. */
  #come({ mail, body, view }: Near, row: MailRow | undefined): void {
    this.#calm();
    this.#view = view;
    this.#show(row ? { ...mail, row } : mail, body);
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
    this.whole = false;
    this.#home = mail?.row.folder ?? null;
    this.#take(body);
  }

  #take(body: Body | null): void {
    this.late = false;
    this.body = body?.state === 'ready' ? { ...body, html: '' } : body;
    this.text = body?.state === 'ready' ? body.html : '';
  }

  /** Shows the text as it is wanted now; to be called whenever that changes. */
  show(): void {
    // Looked at in any case: what was asked for early may be another view than the mail then turns out to need.
    const ready = this.body?.state === 'ready';
    const view: BodyView = { remote: this.remote, theme: look.theme, whole: this.whole };
    const { id } = this;
    if (sameView(view, this.#view) || id === null || !ready) return;
    this.late = true;
    void this.#text(id, view).then((body) => {
      if (id === this.id && view === this.#view) this.#take(body);
    });
  }

  async #load(id: number, row?: MailRow): Promise<void> {
    const enough = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
    const ask = (of: MailRow, from: Address) => this.#text(id, viewOf(of, from));
    const early = row && ask(row, row.from);
    try {
      const mail = await host.call('mail.get', { mail: id });
      const text = early ?? ask(mail.row, sender(mail));
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

  async #text(id: number, view: BodyView): Promise<Body> {
    this.#view = view;
    try {
      return await host.body(id, view);
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
    this.ahead.hear(event);
    const { id } = this;
    // Before its head is here there is nothing to keep up to date.
    if (id === null || (this.mail && this.mail.row.id !== id)) return;
    switch (event.kind) {
      case 'body_arrived':
        if (event.mail !== id) return;
        // The head's attachments may only be known now.
        void this.#look(id);
        void this.#text(id, this.#view).then((body) => id === this.id && this.#take(body));
        return;
      case 'mail_changed': {
        const row = event.rows.find((fresh) => fresh.id === id);
        if (row && this.mail) this.mail = { ...this.mail, row };
        return;
      }
      case 'reported':
        if (event.mails.includes(id)) void this.#look(id);
        return;
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
