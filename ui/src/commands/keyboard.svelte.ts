//! The keyboard: from a pressed key, or two in a row, to a command.

import type { KeySet } from '../host';
import { commands, keySet, platform } from './commands.svelte';
import { keysOf, passesText, stroke } from './keys';
import { palette } from './palette.svelte';
import { settle } from './panes';
import { entries, type CommandId, type Entry } from './table';

/** How long the first key of a sequence waits for the second. */
const WAIT_MS = 1000;
/** A sequence that begins with a combination is read from its hint by most people. */
const READ_MS = 5000;

/** Fields that letters are typed into. */
const TEXT =
  'textarea, select, [contenteditable=""], [contenteditable="true"], input:not([type="checkbox"]):not([type="radio"]):not([type="button"]):not([type="range"])';
/** What floats has keys of its own. */
const FLOATS = '[role="dialog"], [role="alertdialog"], [role="menu"], [data-keys="own"]';
/** What Enter and Space press. */
const PRESSED = 'button, a[href], summary, [role="treeitem"], [role="tab"], input, [role="separator"]';
/** What scrolls a text that has the focus, and chooses all of it. */
const READS = /^(Shift\+)?(Arrow\w+|Page\w+|Home|End|Space)$|^Mod\+a$/;

type Known = ReadonlyMap<string, Entry & { id: CommandId }>;
const TABLES = new Map<KeySet, Known>();

/** Keys of a set, sequences by both strokes. */
function table(set: KeySet): Known {
  const found = TABLES.get(set);
  if (found) return found;
  const made: Known = new Map(entries.flatMap((entry) => keysOf(entry, set, platform).map((key) => [key, entry])));
  TABLES.set(set, made);
  return made;
}

export interface Continuation {
  key: string;
  id: CommandId;
}

class Keyboard {
  /** The first stroke of a sequence that waits for its second. */
  begun = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** What may follow the first stroke. */
  readonly continuations = $derived.by((): Continuation[] => {
    const { begun } = this;
    if (begun === null) return [];
    return [...table(keySet())].flatMap(([key, { id }]) =>
      key.startsWith(`${begun} `) && commands.can(id) ? [{ key: key.slice(begun.length + 1), id }] : [],
    );
  });

  #begin(first: string): void {
    this.#end();
    this.begun = first;
    this.#timer = setTimeout(() => this.#end(), first.includes('+') ? READ_MS : WAIT_MS);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.begun = null;
  }

  /** Also hears another document, such as a mail's frame; gives the way to end it. */
  listen(other: Document): () => void {
    const hear = (event: KeyboardEvent) => this.hear(event);
    other.addEventListener('keydown', hear);
    return () => other.removeEventListener('keydown', hear);
  }

  hear(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const pressed = stroke(event, platform);
    if (!pressed) return;
    const target = event.target as Element;
    const first = this.begun;
    if (first !== null) {
      // Whatever follows ends the sequence; a key that does not belong to it must not do something else.
      this.#end();
      event.preventDefault();
      return this.#run(table(keySet()).get(`${first} ${pressed}`), event);
    }
    const typing = target.closest(TEXT) !== null;
    if (typing && !passesText(pressed, platform)) return;
    const known = table(keySet());
    const entry = known.get(pressed);
    if (!entry) {
      if (typing || floats(target) || ![...known.keys()].some((key) => key.startsWith(`${pressed} `))) return;
      event.preventDefault();
      if (!event.repeat) this.#begin(pressed);
      return;
    }
    if (floats(target) && !entry.everywhere) return;
    if (/^(Enter|Space)$/.test(pressed) && target.closest(PRESSED)) return;
    // In the mail the arrows scroll.
    if (READS.test(pressed) && reads(target)) return;
    // Where there is nothing to go back from, Escape is for whatever else stands there.
    if (pressed === 'Escape' && !commands.can(entry.id)) return;
    event.preventDefault();
    if (event.repeat && !entry.repeats) return;
    this.#run(entry, event);
  }

  #run(entry: (Entry & { id: CommandId }) | undefined, event: KeyboardEvent): void {
    if (!entry) return;
    event.stopPropagation();
    void commands.run(entry.id).then(settle);
  }
}

function floats(target: Element): boolean {
  if (palette.mode !== null || target.closest(FLOATS)) return true;
  // The focus may have been lost to the page while a dialog stands.
  return document.querySelector('[aria-modal="true"]') !== null;
}

/** Whether the focus is in the text of a mail. */
function reads(target: Element): boolean {
  if (target.ownerDocument !== document) return true;
  return target.closest('[data-pane="mail"]') !== null && target.closest('[role="toolbar"]') === null;
}

export const keyboard = new Keyboard();
