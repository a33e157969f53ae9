//! The three panes and the keyboard's way between them.
//!
//! A pane is marked by `data-pane`. Inside it the focus goes to `[data-focus]` where there is one (the list's box, the
//! scrolled text), in the tree to the folder that is shown, else to the pane itself, which waits for its content.

import { tick } from 'svelte';
import { mailbox } from '../mail/mailbox.svelte';
import { layout } from '../shell/layout.svelte';

export type Pane = 'tree' | 'list' | 'mail';
const ORDER: Pane[] = ['tree', 'list', 'mail'];
const CONTENT = '[data-focus], [data-keys="list"]';
const REACHABLE = 'button:not(:disabled), [href], input, select, textarea, [tabindex="0"]';

/** Where the focus was last, to know what is lost when it goes away. */
let last: { element: Element; pane: Pane; bar: Element | null } | undefined;

export function paneOf(element: Element | null): Pane | undefined {
  const pane = element?.closest<HTMLElement>('[data-pane]')?.dataset.pane;
  return ORDER.find((each) => each === pane);
}

function entry(pane: HTMLElement): HTMLElement {
  const wanted = pane.matches(CONTENT) ? pane : pane.querySelector<HTMLElement>(CONTENT);
  if (wanted) return wanted;
  if (pane.dataset.pane !== 'tree') return pane;
  const chosen = pane.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"][aria-selected="true"]');
  const first = pane.querySelector<HTMLElement>('[aria-current="page"], [role="treeitem"][tabindex="0"]');
  return chosen ?? first ?? pane.querySelector<HTMLElement>(REACHABLE) ?? pane;
}

/** Moves the focus into a pane; brings the pane into view first where panes take turns. */
export async function focusPane(pane: Pane): Promise<void> {
  if (pane === 'tree') layout.drawer = layout.small;
  else layout.drawer = false;
  if (pane === 'mail') layout.toMail();
  if (pane === 'list') layout.toList();
  await tick();
  reach(pane, 20);
}

/** Focuses what a pane offers. Lines that were just made are hidden until they are measured, and nothing hidden takes it. */
function reach(pane: Pane, frames: number): void {
  const element = document.querySelector<HTMLElement>(`[data-pane="${pane}"]`);
  if (!element) return;
  const wanted = entry(element);
  wanted.focus({ preventScroll: true });
  if (document.activeElement !== wanted && frames > 0) requestAnimationFrame(() => reach(pane, frames - 1));
}

/** The next pane, or the one before; the first where the focus is in none. */
export function cyclePanes(by: 1 | -1): Promise<void> {
  const active = document.activeElement;
  const now = paneOf(active) ?? (active === document.body ? undefined : last?.pane);
  const at = now ? ORDER.indexOf(now) : by === 1 ? -1 : ORDER.length;
  return focusPane(ORDER[(at + by + ORDER.length) % ORDER.length] ?? 'list');
}

/** The folder that the keyboard stands on in the tree. */
export function focusedFolder(): number | undefined {
  const line = document.activeElement?.closest<HTMLElement>('[data-folder], [data-favourite]');
  const id = Number(line?.dataset.folder ?? line?.dataset.favourite);
  return id > 0 ? id : undefined;
}

function modal(): boolean {
  return document.querySelector('[aria-modal="true"]') !== null;
}

/** Where the focus belongs when what had it is gone. */
function refuge(): HTMLElement | undefined {
  // A button that became another one: its neighbours are still there.
  const stop = last?.bar?.isConnected ? last.bar.querySelector<HTMLElement>('button[tabindex="0"]') : null;
  if (stop) return stop;
  const reading = last?.pane === 'mail' && mailbox.reading.id !== null;
  const there = layout.single ? layout.pane : last?.pane === 'tree' ? 'tree' : reading ? 'mail' : 'list';
  const pane = document.querySelector<HTMLElement>(`[data-pane="${there}"]`);
  return pane ? entry(pane) : undefined;
}

/** Puts the focus back where it was when what had it is gone: into the list after the last mail, for example. */
export function settle(): void {
  const active = document.activeElement;
  // A list that was entered while it was empty hands over to its rows.
  if (active?.matches('[data-pane="list"]')) {
    const rows = entry(active as HTMLElement);
    if (rows !== active) rows.focus({ preventScroll: true });
    return;
  }
  const lost = active === null || active === document.body;
  if (lost && last && !last.element.isConnected && !modal()) refuge()?.focus({ preventScroll: true });
}

/** Notices where the focus is, and when it is lost. Gives the way to end it. */
export function watchFocus(): () => void {
  const noticed = (event: FocusEvent) => {
    const element = event.target as Element;
    const pane = paneOf(element);
    last = pane ? { element, pane, bar: element.closest('[role="toolbar"]') } : last;
  };
  let asked = false;
  const observer = new MutationObserver(() => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      settle();
    });
  });
  document.addEventListener('focusin', noticed);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener('focusin', noticed);
    observer.disconnect();
  };
}
