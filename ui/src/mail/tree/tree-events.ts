//! What keys and the dragging mouse mean to the tree of the rail.

import { lineName } from './folder-names';
import { begins } from './initials';
import { ACCOUNT, carry, FOLDER } from './carry.svelte';
import { folderEdit, renamable } from './folder-edit.svelte';
import { move, typed, type Line } from './lines';
import { rail } from './rail.svelte';

/** Letters typed one after another within this time are one name. */
const TOGETHER_MS = 800;

interface Way {
  go: (index: number) => void;
  /** Lines of a page. */
  page: number;
  menu: (row: HTMLElement) => void;
}

let letters = '';
let last = 0;

/** What was touched last: the keyboard, the tree, or something else. */
let touched: 'keys' | 'tree' | 'other' = 'keys';
/** Whether the focus came to its line by keys. (`:focus-visible` becomes true with the next key after a click.) */
let leads = true;
document.addEventListener('keydown', () => (touched = 'keys'), true);
document.addEventListener(
  'pointerdown',
  ({ target }) => (touched = target instanceof Element && target.closest('[role=tree]') ? 'tree' : 'other'),
  true,
);

/** A line has got the focus; when a question or a menu gave it back, all is as it was before. */
export function focusCame(): void {
  if (touched !== 'other') leads = touched === 'keys';
}

/** A key was pressed on a line. What the tree has no use for is left to the commands. */
export function treeKey(event: KeyboardEvent, line: Line, way: Way): void {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target as HTMLElement;
  // After a click, letters are commands for the mails; once the keyboard leads here, they are names of folders.
  const heard = event.shiftKey
    ? shifted(event.key, line, way, row)
    : walk(event.key, line, way, row) || (leads && does(event.key, line, way));
  if (!heard && !(leads && type(event.key, line, way.go))) return;
  event.preventDefault();
  event.stopPropagation();
}

function shifted(key: string, line: Line, way: Way, row: HTMLElement): boolean {
  if (key === 'F10') way.menu(row);
  else if (key === '*') rail.unfoldAll(line);
  else return false;
  return true;
}

function walk(key: string, line: Line, way: Way, row: HTMLElement): boolean {
  const to = move(rail.lines, rail.index(line.key), key, way.page);
  if (to === 'fold') rail.fold(line);
  else if (to !== undefined) way.go(to);
  else if (key === 'Enter' || (key === ' ' && !waits())) rail.choose(line);
  else if (key === 'ContextMenu') way.menu(row);
  else if (key === 'F2' && line.kind === 'folder' && renamable(line.folder))
    folderEdit.begin({ kind: 'rename', folder: line.folder });
  else return false;
  return true;
}

/** What would be too much after a mere click. */
function does(key: string, line: Line, way: Way): boolean {
  if (key === '*') rail.unfoldAll(line);
  else if (key === 'Delete' && (line.kind === 'folder' || line.kind === 'favourite'))
    folderEdit.begin({ kind: 'delete', folder: line.folder });
  else if (key === ' ') return type(key, line, way.go);
  else return false;
  return true;
}

/** A name is being typed. */
function waits(): boolean {
  return letters !== '' && performance.now() - last < TOGETHER_MS;
}

function type(key: string, line: Line, go: (index: number) => void): boolean {
  if ([...key].length !== 1) return false;
  const goesOn = waits();
  letters = goesOn ? letters + key : key;
  last = performance.now();
  // The same letter again and again goes from one name to the next.
  const same = [...letters].every((each) => each === letters[0]);
  const wanted = same ? (letters[0] ?? '') : letters;
  const at = rail.index(line.key);
  const to = typed(rail.lines, at, (each) => begins(lineName(each), wanted), same);
  if (to >= 0) go(to);
  return true;
}

/** Whether the pointer is in the lower half of the line below it. */
function lower(event: DragEvent): boolean {
  const box = (event.target as Element).closest('[data-line]')?.getBoundingClientRect();
  return box !== undefined && event.clientY > box.top + box.height / 2;
}

export const drag = {
  start(event: DragEvent, line: Line | undefined): void {
    const data = event.dataTransfer;
    if (!data || !line) return;
    data.effectAllowed = 'move';
    if (line.kind === 'folder' || line.kind === 'favourite') {
      data.setData(FOLDER, String(line.folder.id));
      // A page that changes while a drag begins ends it in Chromium.
      setTimeout(() => (carry.folder = line.folder));
    } else if (line.kind === 'account') {
      data.setData(ACCOUNT, String(line.account.id));
      setTimeout(() => (carry.account = line.account));
    }
  },
  over(event: DragEvent, line: Line | undefined): void {
    if (!line) return carry.leave();
    if (!carry.hover(line, lower(event))) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'move';
  },
  drop(event: DragEvent, line: Line | undefined): void {
    if (!line || !carry.carried) return;
    event.preventDefault();
    carry.drop(line);
  },
};
