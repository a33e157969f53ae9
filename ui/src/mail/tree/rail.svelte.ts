//! The rail: its lines, where the keyboard stands among them, and what is done by choosing one.

import { agent } from '../../agent/agent.svelte';
import type { Folder } from '../../host';
import { locale } from '../../words/words.svelte';
import { mailbox } from '../mailbox.svelte';
import { folderEdit } from './folder-edit.svelte';
import { folderName } from './folder-names';
import { folds } from './folds.svelte';
import { fits } from './initials';
import { lines, type Line } from './lines';
import { alike, kept, root, shape, type Shape } from './tree';

/** With more folders than this there is a field to find one. */
const MANY = 40;

class Rail {
  /** Key of the line where the keyboard stands. */
  cursor = $state<string | null>(null);
  /** What is typed into the field that finds folders. */
  wanted = $state('');
  /** Asks the tree to focus a line. */
  focus = $state.raw<{ key: string } | null>(null);

  #last: { folders: readonly Folder[]; locale: string; shape: Shape } | undefined;

  /** Sorting thousands of names takes longer than a frame; a changed count needs none of it. */
  readonly shape = $derived.by(() => {
    const folders = agent.folders;
    const language = locale();
    const last = this.#last;
    const known = last && last.locale === language && alike(last.folders, folders) ? last.shape : undefined;
    this.#last = { folders, locale: language, shape: known ?? shape(folders, language) };
    return this.#last.shape;
  });

  /** Unread mails of all inboxes. */
  readonly unread = $derived(
    agent.folders.reduce((sum, folder) => sum + (folder.role === 'inbox' ? folder.unread : 0), 0),
  );
  readonly many = $derived(agent.folders.length > MANY);
  /** A name that is being typed must have its place. */
  readonly filtering = $derived(this.many && this.wanted.trim() !== '' && !folderEdit.now);
  /** The folders that the filter fits, without those that only hold them. */
  readonly hits = $derived(
    new Set(
      this.filtering
        ? agent.folders.filter((folder) => fits(folderName(folder), this.wanted)).map((folder) => folder.id)
        : [],
    ),
  );

  readonly kept = $derived(this.filtering ? kept(agent.folders, (folder) => this.hits.has(folder.id)) : null);

  readonly lines = $derived(
    lines({
      accounts: agent.accounts,
      byId: agent.byFolder,
      shape: this.shape,
      folded: folds,
      kept: this.kept,
      making: folderEdit.making,
    }),
  );
  readonly #places = $derived(new Map(this.lines.map((line, i) => [line.key, i])));

  /** The line that shows what the list shows. */
  readonly current = $derived.by(() => {
    const { scope } = mailbox.list;
    if (scope?.kind === 'unified') return 'unified';
    if (scope?.kind !== 'folder') return null;
    const favourite = `v${scope.folder}`;
    const folder = `d${scope.folder}`;
    // Whoever came by the favourites stays there.
    if (this.cursor === favourite && this.#places.has(favourite)) return favourite;
    return this.#places.has(folder) ? folder : favourite;
  });

  /** The line that Tab comes to. */
  readonly reachable = $derived.by(() => {
    for (const key of [this.cursor, this.current])
      if (key !== null && this.#places.has(key)) return this.#places.get(key) ?? 0;
    return 0;
  });

  index(key: string): number {
    return this.#places.get(key) ?? -1;
  }

  line(key: string | undefined): Line | undefined {
    return key === undefined ? undefined : this.lines[this.index(key)];
  }

  /** What a click, or Enter, means. */
  choose(line: Line): void {
    switch (line.kind) {
      case 'unified':
        return mailbox.show({ kind: 'unified' });
      case 'favourite':
      case 'folder':
        this.cursor = line.key;
        if (line.folder.selectable) return mailbox.show({ kind: 'folder', folder: line.folder.id });
        return this.fold(line);
      default:
        return this.fold(line);
    }
  }

  /** Folds or unfolds; while a filter shows everything, nothing. */
  fold(line: Line): void {
    if (line.expanded === undefined || this.filtering) return;
    switch (line.kind) {
      case 'favourites':
        return folds.group('favourites');
      case 'account':
        return folds.account(line.account.id);
      case 'owner':
        return folds.group(root(line.account.id, line.owner));
      case 'folder':
        return folds.folder(line.folder.id);
    }
  }

  /** Unfolds a line and its siblings. */
  unfoldAll(line: Line): void {
    const at = this.index(line.key);
    const siblings: Line[] = [];
    const look = (from: number, by: number) => {
      for (let i = from; (this.lines[i]?.level ?? 0) >= line.level; i += by) {
        const each = this.lines[i];
        if (each?.level === line.level && each.expanded === false) siblings.push(each);
      }
    };
    look(at, -1);
    look(at + 1, 1);
    folds.open(siblings.flatMap((each) => (each.kind === 'folder' ? [each.folder.id] : [])));
    siblings.filter((each) => each.kind !== 'folder').forEach((each) => this.fold(each));
  }
}

export const rail = new Rail();
