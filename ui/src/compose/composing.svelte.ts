//! Which drafts are open in this window, and where: under the mail that they answer, or docked at the window's foot.

import { tick } from 'svelte';
import { focusPane } from '../commands/panes';
import { asApiError, host, type Draft, type DraftCreateParams, type DraftKind } from '../host';
import { toasts } from '../shell/toasts.svelte';
import { explain, t } from '../words/words.svelte';
import { Letter } from './letter.svelte';
import { mailtoWish } from './mailto';

/** Drafts that stand open, by the window; what was open when the program died opens again. */
const KEPT = 'compose-open';
/** A text that is fetched is asked for so often, and given up after so many times. */
const PAUSE_MS = 300;
const TRIES = 200;

/** What stands before the subject of an answer, and of what is passed on. */
function prefix(kind: DraftKind): string {
  if (kind === 'reply' || kind === 'reply_all') return t('compose.prefix.reply');
  if (kind === 'forward' || kind === 'forward_attached') return t('compose.prefix.forward');
  return '';
}

class Composing {
  /** At the foot of the window. */
  docked = $state.raw<Letter | null>(null);
  /** Under the mail that it answers. */
  inline = $state.raw<Letter | null>(null);
  /** This window shows one draft and nothing else. */
  alone = $state.raw<Letter | null>(null);
  /** The docked one shows its title alone. */
  small = $state(false);

  /** Begins a mail and shows it. */
  async begin(params: Partial<DraftCreateParams> & { kind: DraftKind }): Promise<Letter | null> {
    const asked = performance.now();
    try {
      const draft = await host.call('draft.create', {
        account: null,
        mails: [],
        to: [],
        cc: [],
        bcc: [],
        subject: '',
        text: '',
        prefix: prefix(params.kind),
        ...params,
      });
      return await this.show(draft, asked);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return null;
    }
  }

  /** A draft whose text is a mail's that is still being fetched: what would be written before it came would be lost. */
  async #whole(draft: Draft): Promise<Draft> {
    if (draft.kind !== 'edit_as_new' || draft.quoted === null) return draft;
    toasts.show(t('compose.quote.coming'));
    for (let tries = 0; tries < TRIES; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const now = await host.call('draft.get', { id: draft.id });
      if (now.quoted === null) return now;
    }
    throw asApiError({ code: 'offline', args: {}, cause: null });
  }

  /** Shows a draft that is here: an answer under its mail, anything else docked. */
  async show(given: Draft, asked = performance.now()): Promise<Letter> {
    const draft = await this.#whole(given);
    const open = this.of(draft.id);
    if (open) {
      this.small = false;
      open.wantsFocus++;
      return open;
    }
    const letter = new Letter(draft, asked);
    const answers = draft.kind === 'reply' || draft.kind === 'reply_all' || draft.kind === 'forward';
    if (answers && this.alone === null) {
      await this.inline?.flush();
      this.inline = letter;
    } else {
      await this.docked?.flush();
      this.docked = letter;
      this.small = false;
    }
    this.#keep();
    return letter;
  }

  /** Opens a draft by its number. */
  async open(id: number): Promise<void> {
    try {
      await this.show(await host.call('draft.get', { id }));
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** Goes on with a mail of a folder of drafts. */
  async goOn(mail: number): Promise<void> {
    const asked = performance.now();
    try {
      await this.show(await host.call('draft.continue', { mail }), asked);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  async startAlone(id: number): Promise<void> {
    this.alone = new Letter(await this.#whole(await host.call('draft.get', { id })), performance.now());
  }

  of(id: number): Letter | null {
    return [this.inline, this.docked, this.alone].find((letter) => letter?.id === id) ?? null;
  }

  /** Takes a draft off the window; it stays among the drafts. */
  async close(letter: Letter): Promise<void> {
    await letter.flush(true);
    this.forget(letter);
    if (letter.untouched) await letter.discard(false);
    if (this.alone === letter) host.window.close();
  }

  forget(letter: Letter): void {
    if (this.docked === letter) this.docked = null;
    if (this.inline === letter) this.inline = null;
    letter.over = true;
    this.#keep();
    void tick().then(() => {
      if (document.activeElement === document.body) focusPane('list');
    });
  }

  /** Gives a draft a window of its own. */
  async popOut(letter: Letter): Promise<void> {
    await letter.flush();
    this.forget(letter);
    try {
      await host.openDraft(letter.id);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** A `mailto:` address wants to be written to. */
  async mailto(address: string | null): Promise<void> {
    const wish = address && mailtoWish(address);
    if (wish) await this.begin({ kind: 'new', ...wish });
  }

  /** What stood open when the window was left comes back. */
  async restore(): Promise<void> {
    let open: number[] = [];
    try {
      open = (JSON.parse(localStorage.getItem(KEPT) ?? '[]') as unknown[]).filter((id) => typeof id === 'number');
    } catch {
      // What cannot be read is as good as nothing.
    }
    for (const id of open.slice(0, 2)) {
      const draft = await host.call('draft.get', { id }).catch(() => null);
      if (draft && draft.entry === null && this.of(id) === null) {
        this.docked = new Letter(draft, performance.now());
        this.small = true;
      }
    }
    this.#keep();
  }

  #keep(): void {
    const open = [this.inline, this.docked].flatMap((letter) => (letter ? [letter.id] : []));
    localStorage.setItem(KEPT, JSON.stringify(open));
  }
}

export const composing = new Composing();
