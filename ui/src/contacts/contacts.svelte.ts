//! The address book as the page shows it.

import { agent } from '../agent/agent.svelte';
import {
  asApiError,
  host,
  type BookChange,
  type BookFormat,
  type Contact,
  type ContactContent,
  type ContactGroup,
} from '../host';
import { undoing } from '../mail/undo.svelte';
import { toasts } from '../shell/toasts.svelte';
import { explain, t, tn } from '../words/words.svelte';

/** A contact that is being changed, or (without a number) begun. */
export interface Editing {
  id: number | null;
  content: ContactContent;
  groups: number[];
}

const EMPTY: ContactContent = { name: '', emails: [], phones: [], company: '', department: '', title: '', note: '' };

class Contacts {
  open = $state(false);
  /** People, or those that stand there twice. */
  page = $state<'people' | 'doubles'>('people');
  query = $state('');
  group = $state<number | null>(null);
  list = $state.raw<Contact[]>([]);
  groups = $state.raw<ContactGroup[]>([]);
  total = $state(0);
  doubles = $state.raw<Contact[][]>([]);
  chosen = $state<number | null>(null);
  editing = $state<Editing | null>(null);
  /** The first answer is here. */
  loaded = $state(false);
  readonly contact = $derived(this.list.find(({ id }) => id === this.chosen) ?? null);

  #asked = 0;
  #listens = false;

  show(): void {
    this.page = 'people';
    this.open = true;
    if (!this.#listens)
      agent.on((event) => {
        if (this.open && (event.kind === 'contacts_changed' || event.kind === 'overflow')) void this.load();
      });
    this.#listens = true;
    void this.load();
  }

  /** Asks for what is shown, and (when somebody changed) for those that stand there twice. */
  async load(changed = true): Promise<void> {
    const mine = ++this.#asked;
    try {
      const book = await host.call('contacts.list', { query: this.query, group: this.group });
      if (changed) this.doubles = await host.call('contacts.doubles', {});
      if (mine !== this.#asked) return;
      this.list = book.contacts;
      this.groups = book.groups;
      this.total = book.total;
      this.loaded = true;
      if (!this.list.some(({ id }) => id === this.chosen)) this.chosen = null;
      if (this.group !== null && !this.groups.some(({ id }) => id === this.group)) this.look(null);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  search(query: string): void {
    this.query = query;
    void this.load(false);
  }

  look(group: number | null): void {
    this.page = 'people';
    this.group = group;
    void this.load(false);
  }

  choose(id: number | null): void {
    this.chosen = id;
    this.editing = null;
  }

  /** A new contact, or one that is changed. */
  edit(contact: Contact | null, content: Partial<ContactContent> = {}): void {
    this.editing = contact
      ? { id: contact.id, content: structuredClone(contact.content), groups: [...contact.groups] }
      : { id: null, content: { ...EMPTY, ...content }, groups: this.group === null ? [] : [this.group] };
  }

  async save(): Promise<void> {
    const { editing } = this;
    if (!editing) return;
    try {
      const { id } = await host.call('contacts.save', $state.snapshot(editing));
      this.editing = null;
      this.query = '';
      if (this.group !== null && !editing.groups.includes(this.group)) this.group = null;
      await this.load();
      this.chosen = id;
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** Says what was done, with a way back. */
  #done(words: string, change: BookChange): void {
    const undo = undoing.add(async () => {
      await host.call('contacts.revert', change);
      return t('contacts.reverted');
    });
    toasts.show(words, undo);
  }

  async #change(job: Promise<BookChange>, words: string): Promise<void> {
    try {
      const change = await job;
      this.choose(null);
      this.#done(words, change);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  remove(contact: Contact): Promise<void> {
    return this.#change(
      host.call('contacts.remove', { ids: [contact.id] }),
      t('contacts.removed', { who: called(contact) }),
    );
  }

  merge(set: Contact[]): Promise<void> {
    const ids = set.map(({ id }) => id);
    return this.#change(host.call('contacts.merge', { ids }), tn('contacts.merged', ids.length));
  }

  async import(): Promise<void> {
    try {
      const got = await host.importContacts();
      if (!got) return;
      const { change, known, unreadable } = got;
      const said = [
        tn('contacts.imported', change.added.length),
        ...(change.before.length > 0 ? [tn('contacts.completed', change.before.length)] : []),
        ...(known > 0 ? [tn('contacts.known', known)] : []),
        ...(unreadable > 0 ? [tn('contacts.unreadable', unreadable)] : []),
      ];
      this.#done(said.join(t('contacts.and')), change);
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  async export(format: BookFormat): Promise<void> {
    const name = `${t('contacts.title')}.${format.startsWith('csv') ? 'csv' : 'vcf'}`;
    try {
      const path = await host.saveDialog(name);
      if (path === null) return;
      const count = await host.call('contacts.export', { path, format, group: this.group });
      toasts.show(tn('contacts.exported', count));
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** False when the name is taken, or nothing could be kept. */
  async saveGroup(id: number | null, name: string): Promise<boolean> {
    try {
      await host.call('groups.save', { id, name });
      return true;
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
      return false;
    }
  }

  async removeGroup(id: number): Promise<void> {
    try {
      await host.call('groups.remove', { id });
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }

  /** From anywhere: shows somebody's contact, or begins one. */
  async add(person: { name: string; address: string }): Promise<void> {
    try {
      const known = await host.call('contacts.find', { address: person.address });
      this.query = '';
      this.group = null;
      this.show();
      if (known) this.choose(known.id);
      else this.edit(null, { name: person.name, emails: [person.address] });
    } catch (error) {
      toasts.fail(explain(asApiError(error)));
    }
  }
}

/** What somebody is called. */
export function called({ content }: Contact): string {
  return content.name || content.emails[0] || content.phones[0] || '';
}

export const contacts = new Contacts();
