//! Texts that mails are begun with, and the fields in them: `{{name}}`.

import { agent } from '../agent/agent.svelte';
import { asApiError, host, type Template, type TemplateContent } from '../host';
import { displayName } from '../mail/people';
import { undoing } from '../mail/undo.svelte';
import { toasts } from '../shell/toasts.svelte';
import { explain, locale, t } from '../words/words.svelte';
import type { Letter } from './letter.svelte';
import { authorOf, escaped } from './opening';

const FIELD = /\{\{\s*([^{}<>]{1,60}?)\s*\}\}/g;

/** The fields of a template, each once, in order. */
export function fieldsOf({ subject, html }: TemplateContent): string[] {
  return [...new Set([...`${subject}\n${html}`.matchAll(FIELD)].map(([, name]) => name ?? ''))];
}

/** The template with its fields filled in; one that nobody filled in stays. */
export function filled(content: TemplateContent, values: ReadonlyMap<string, string>): TemplateContent {
  const put = (text: string, as: (value: string) => string) =>
    text.replace(FIELD, (whole, name: string) => {
      const value = values.get(name);
      return value ? as(value) : whole;
    });
  return { ...content, subject: put(content.subject, String), html: put(content.html, escaped) };
}

/** What the words of a catalogue call a field that is filled in by itself. */
const KNOWN = ['recipient', 'date', 'me'] as const;
type Known = (typeof KNOWN)[number];
/** A field as it is written. */
export const example = (known: Known): string => `{{${t(`template.known.${known}`).split(' ')[0]}}}`;

/** What is known of a mail's fields. */
export function valuesOf(letter: Letter, fields: readonly string[]): Map<string, string> {
  const [first] = letter.to;
  const account = letter.from;
  const values: Record<Known, string> = {
    recipient: first ? displayName(first) : '',
    date: new Intl.DateTimeFormat(locale(), { dateStyle: 'long' }).format(Date.now()),
    me: authorOf(account)?.name || (account?.address ?? ''),
  };
  return new Map(
    fields.map((field) => {
      const known = KNOWN.find((each) => t(`template.known.${each}`).split(' ').includes(field.toLowerCase()));
      return [field, known ? values[known] : ''];
    }),
  );
}

/** What is written, as a template: without the signature, and without pictures, which belong to this one mail. */
export function asTemplate(html: string): string {
  const document = new DOMParser().parseFromString(html, 'text/html');
  document.querySelectorAll('[data-signature], img').forEach((node) => node.remove());
  return document.body.innerHTML;
}

class Templates {
  all = $state.raw<Template[]>([]);
  #started = false;

  /** Asks for them; from then on events tell. */
  async start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    agent.on((event) => {
      if (event.kind === 'templates_changed' || event.kind === 'overflow') void this.#load();
    });
    await this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.all = await host.call('templates.list', {});
    } catch {
      // An agent that cannot answer now tells when it can.
    }
  }

  async save(id: number | null, content: TemplateContent): Promise<boolean> {
    try {
      await host.call('templates.save', { id, content });
      return true;
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return false;
    }
  }

  async remove({ id, content }: Template): Promise<void> {
    try {
      await host.call('templates.remove', { id });
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return;
    }
    const undo = undoing.add(async () => {
      await host.call('templates.save', { id: null, content });
      return t('template.restored');
    });
    toasts.show(t('template.removed'), undo);
  }
}

export const templates = new Templates();
