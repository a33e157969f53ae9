//! One draft that is open: what stands in its fields, kept by the agent within a second of a pause.

import { agent } from '../agent/agent.svelte';
import {
  asApiError,
  host,
  type Account,
  type Address,
  type ApiError,
  type Draft,
  type DraftContent,
  type DraftFile,
  type OutboxEntry,
  type Priority,
} from '../host';
import { undoing } from '../mail/undo.svelte';
import { toasts } from '../shell/toasts.svelte';
import { bytes, explain, t } from '../words/words.svelte';
import { base64 } from './base64';
import { questions, type Asked } from './asking';
import { composing } from './composing.svelte';
import { isAnswer, opening, signature } from './opening';
import { sayOnItsWay, withdraw } from './sent';
import { large, renamed, shrunk } from './shrink';

/** A pause so long is kept; who writes without a pause is kept every so often. */
const PAUSE_MS = 600;
const AT_LEAST_MS = 3000;
/** What is dropped or pasted goes through the page's memory; larger files come from the disk by the button. */
const LARGEST = 40 * 1024 * 1024;
/** Pictures that every program shows. */
const SHOWN = /^image\/(png|jpeg|gif|webp|bmp)$/;

/** What the editor gives; it alone knows its text. */
export interface Text {
  html(): string;
  plain(): string;
  caret(): number;
  focus(): void;
  /** Puts another signature in the place of the one that is there. */
  sign(html: string): void;
  /** Words of what is written, without the signature. */
  words(): number;
  /** Puts something in at the caret. */
  insert(html: string): void;
  /** Shows another picture of the draft in the place of one. */
  swap(cid: string, by: string): void;
}

export type Field = 'to' | 'cc' | 'bcc';

export class Letter {
  readonly id: number;
  readonly kind: Draft['kind'];
  readonly mails: number[];
  readonly quoted: Draft['quoted'];
  /** What the editor begins with; what it held, while there is none. */
  html: string;
  caret: number;

  account = $state(0);
  /** The alias that it is written from; empty: the account's own address. */
  alias = $state('');
  to = $state.raw<Address[]>([]);
  cc = $state.raw<Address[]>([]);
  bcc = $state.raw<Address[]>([]);
  subject = $state('');
  plain = $state(false);
  priority = $state<Priority>('normal');
  receipt = $state(false);
  quote = $state(false);
  files = $state.raw<DraftFile[]>([]);
  limit = $state<number | null>(null);
  /** Another program wrote a version of it. */
  elsewhere = $state(false);
  shrinking = $state(false);
  /** The original's text is here. */
  quoteHere = $state(false);

  state = $state<'saved' | 'changed' | 'saving' | 'failed'>('saved');
  error = $state.raw<ApiError | null>(null);
  sending = $state(false);
  asked = $state.raw<Asked | null>(null);
  /** Recipients that a server refused. */
  culprits = $state.raw<ReadonlySet<string>>(new Set());
  /** One more each time that the caret is wanted here. */
  wantsFocus = $state(0);
  /** It was sent, thrown away or closed: a late save must not bring it back. */
  over = false;
  /** Nothing was written yet. */
  untouched: boolean;
  text: Text | null = null;
  /** When it was asked for, for the measurements. */
  readonly begun: number;

  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;
  #saving: Promise<void> = Promise.resolve();
  #answered = new Set<Asked['kind']>();

  constructor(draft: Draft, begun: number) {
    const { content } = draft;
    this.id = draft.id;
    this.kind = draft.kind;
    this.mails = draft.mails;
    this.quoted = draft.quoted;
    this.begun = begun;
    this.untouched = draft.version === 1;
    this.account = content.account;
    this.alias = content.from;
    this.to = content.to;
    this.cc = content.cc;
    this.bcc = content.bcc;
    this.subject = content.subject;
    this.plain = content.plain;
    this.priority = content.priority;
    this.receipt = content.receipt;
    this.quote = content.quote;
    this.html = this.untouched ? opening(draft, this.from) : content.html;
    this.caret = this.untouched ? 0 : content.caret;
    this.take(draft);
  }

  get from(): Account | undefined {
    return agent.byAccount.get(this.account);
  }

  get everybody(): Address[] {
    return [...this.to, ...this.cc, ...this.bcc];
  }

  /** Bytes as they go: files take four for three. */
  get size(): number {
    return this.files.reduce((sum, file) => sum + Math.ceil(file.size * 1.37), 0);
  }

  /** What the agent knows of it. */
  take(draft: Draft): void {
    this.files = draft.files;
    this.limit = draft.limit;
    this.elsewhere = draft.elsewhere !== null;
    this.quoteHere = draft.quoted?.here ?? false;
  }

  async refresh(): Promise<void> {
    const draft = await host.call('draft.get', { id: this.id }).catch(() => null);
    if (draft) this.take(draft);
  }

  content(): DraftContent {
    return {
      account: this.account,
      from: this.alias,
      to: this.to,
      cc: this.cc,
      bcc: this.bcc,
      subject: this.subject,
      html: this.text?.html() ?? this.html,
      plain: this.plain,
      priority: this.priority,
      receipt: this.receipt,
      quote: this.quote,
      caret: this.text?.caret() ?? this.caret,
    };
  }

  /** Something was changed: it is kept at the next pause. */
  touch(): void {
    if (this.over) return;
    const now = performance.now();
    if (this.state !== 'changed') this.#since = now;
    this.state = 'changed';
    this.untouched = false;
    clearTimeout(this.#timer);
    const rest = this.#since + AT_LEAST_MS - now;
    this.#timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(PAUSE_MS, rest)));
  }

  set<K extends 'account' | 'to' | 'cc' | 'bcc' | 'subject' | 'plain' | 'priority' | 'receipt' | 'quote'>(
    key: K,
    value: Letter[K],
  ): void {
    (this as Letter)[key] = value;
    this.touch();
  }

  /** Keeps what is not kept yet; `resting`: nobody writes on just now, so that its copy on the server need not wait. */
  flush(resting = false): Promise<void> {
    clearTimeout(this.#timer);
    this.#saving = this.#saving.then(() => this.#save(resting));
    return this.#saving;
  }

  async #save(resting: boolean): Promise<void> {
    if (this.over || (this.state !== 'changed' && (!resting || this.untouched))) return;
    this.state = 'saving';
    try {
      this.take(await host.call('draft.save', { id: this.id, content: this.content(), resting }));
      this.error = null;
      if (this.#isSaving()) this.state = 'saved';
    } catch (error) {
      this.error = asApiError(error);
      this.state = 'failed';
    }
  }

  /** What is typed while it is being kept makes it changed again. */
  #isSaving(): boolean {
    return this.state === 'saving';
  }

  /** Attaches files that have no place on the disk that we know of; the others come by the host's dialog. */
  async attach(files: readonly File[], inline = false): Promise<DraftFile[]> {
    const out: DraftFile[] = [];
    for (const file of files) {
      if (file.size > LARGEST) {
        toasts.fail(t('compose.by_button', { name: file.name, limit: bytes(LARGEST) }));
        continue;
      }
      try {
        const made = await host.call('draft.paste', {
          id: this.id,
          name: file.name || t('compose.picture'),
          mime_type: file.type,
          data: await base64(file),
          inline: inline && SHOWN.test(file.type) && !this.plain,
        });
        this.files = [...this.files.filter((each) => each.id !== made.id), made];
        this.touch();
        out.push(made);
      } catch (error) {
        toasts.fail(explain(asApiError(error)));
      }
    }
    return out;
  }

  /** Attaches mails of the list, whole. */
  async attachMails(mails: number[]): Promise<void> {
    try {
      this.take(await host.call('draft.attach_mails', { id: this.id, mails }));
      this.touch();
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** Makes the large pictures smaller, in the text and beside it. */
  async shrink(side: number): Promise<void> {
    let before = 0;
    let after = 0;
    this.shrinking = true;
    try {
      for (const file of large(this.files)) {
        const whole = await host.call('draft.file', { id: this.id, file: file.id });
        const small = await shrunk(whole.data, whole.mime_type, side).catch(() => null);
        if (!small) continue;
        const made = await host.call('draft.paste', {
          id: this.id,
          name: renamed(file.name, small.mime_type),
          mime_type: small.mime_type,
          data: small.data,
          inline: file.content_id !== null,
        });
        this.files = [...this.files.filter((each) => each.id !== made.id), made];
        if (file.content_id !== null && made.content_id !== null) this.text?.swap(file.content_id, made.content_id);
        // What was written shows the new one before the old one goes.
        this.touch();
        await this.flush();
        this.take(await host.call('draft.detach', { id: this.id, file: file.id }));
        before += file.size;
        after += small.size;
      }
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return;
    } finally {
      this.shrinking = false;
    }
    const sizes = { before: bytes(before), after: bytes(after) };
    toasts.show(before > 0 ? t('compose.shrunk', sizes) : t('compose.shrunk.none'));
  }

  /** Decides between this draft and the version of it that was written elsewhere. */
  async settle(take: boolean): Promise<void> {
    try {
      if (take) await this.flush();
      const draft = await host.call('draft.settle', { id: this.id, take });
      if (draft.id === this.id) {
        this.take(draft);
        return;
      }
      if (composing.alone === this) {
        this.over = true;
        await composing.startAlone(draft.id);
      } else {
        composing.forget(this);
        await composing.show(draft);
      }
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** Another account or alias sends it: the account's signature stands there instead. */
  sendBy(account: number, alias: string): void {
    this.alias = alias;
    if (account === this.account) {
      this.touch();
      return;
    }
    this.set('account', account);
    this.text?.sign(signature(this.from, isAnswer(this.kind)));
  }

  /** Sends it, now or at a time (unix seconds), once nothing is left to ask. */
  async send(at: number | null = null): Promise<void> {
    if (this.sending) return;
    const next = questions(this).find(({ kind }) => !this.#answered.has(kind));
    if (next) {
      this.asked = { ...next, at };
      return;
    }
    this.sending = true;
    this.error = null;
    clearTimeout(this.#timer);
    try {
      await this.#saving;
      const entry = await host.call('draft.send', { id: this.id, content: this.content(), at });
      this.#sent(entry);
    } catch (error) {
      this.error = asApiError(error);
      this.touch();
    } finally {
      this.sending = false;
    }
  }

  /** The question was answered. */
  answer(yes: boolean): void {
    const { asked } = this;
    this.asked = null;
    if (!asked || !yes) {
      this.text?.focus();
      return;
    }
    this.#answered.add(asked.kind);
    void this.send(asked.at);
  }

  /** When its mail goes, and how to take it back; for the window of its own. */
  sentAs = $state.raw<{ entry: OutboxEntry; back: () => Promise<void> } | null>(null);

  #sent(entry: OutboxEntry): void {
    if (composing.alone === this) {
      this.over = true;
      this.sentAs = {
        entry,
        back: async () => {
          await withdraw(entry);
          this.over = false;
          this.sentAs = null;
        },
      };
      return;
    }
    composing.forget(this);
    sayOnItsWay(entry, () => composing.open(this.id).then(() => undefined));
  }

  /** Throws it away; it can be had back. */
  async discard(said = true): Promise<void> {
    try {
      await this.#saving;
      composing.forget(this);
      await host.call('draft.discard', { id: this.id });
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return;
    }
    if (!said) return;
    const undo = undoing.add(async () => {
      await composing.show(await host.call('draft.restore', { id: this.id }));
      return t('compose.restored');
    });
    toasts.show(t('compose.discarded'), undo);
    if (composing.alone === this) host.window.close();
  }
}
