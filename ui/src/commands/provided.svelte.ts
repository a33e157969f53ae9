//! What a component can do only while it stands, offered to the commands.
//!
//! A component that can show the source of a mail says so while it is mounted, and the command `view_source`, with its
//! key, its menu item and its place in the palette, is there; when the component goes, so does the command:
//!
//! ```ts
//! $effect(() => commands.provide('view_source', () => (source = true)));
//! ```
//!
//! Of several that offer the same, the last one that came is asked. What nobody offers is not available.

import { untrack } from 'svelte';
export interface Hooks {
  /** Shows the opened mail as the server has it. */
  view_source: () => void;
  /** Opens the field for words in the opened mail. */
  find: () => void;
  /** Prints the opened mail. */
  print: () => void;
  /** Loads the pictures of the opened mail, this once. Offered only while some are left out. */
  show_pictures: () => void;
}

type Offers = { [H in keyof Hooks]?: readonly Hooks[H][] };

let offers = $state.raw<Offers>({});

/** Offers something; gives the way to withdraw it. */
export function provide<H extends keyof Hooks>(hook: H, work: Hooks[H]): () => void {
  const put = (change: (known: readonly Hooks[H][]) => readonly Hooks[H][]) =>
    untrack(() => (offers = { ...offers, [hook]: change((offers[hook] ?? []) as readonly Hooks[H][]) }));
  put((known) => [...known, work]);
  return () => put((known) => known.filter((each) => each !== work));
}

/** What is offered for a hook now. */
export function provided<H extends keyof Hooks>(hook: H): Hooks[H] | undefined {
  return (offers[hook] as readonly Hooks[H][] | undefined)?.at(-1);
}
