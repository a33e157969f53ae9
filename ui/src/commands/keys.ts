//! Keys as text: how a pressed key is called, and how it is shown.
//!
//! A stroke is `Ctrl+Mod+Alt+Shift+<key>`, in this order, each part only where it is held. `Mod` is ctrl, on a Mac cmd;
//! `Ctrl` is a Mac's other key. A letter stands for its place (`Shift+u`), a sign for itself, however it is typed (`?`).

import type { KeySet } from '../host/api';
import type { Entry } from './table';

export type Platform = 'pc' | 'mac';

/** The part of a keyboard event that counts. */
export interface Pressed {
  key: string;
  code: string;
  keyCode: number;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  getModifierState(name: string): boolean;
}

const NO_KEYS = new Set([
  'Alt',
  'AltGraph',
  'CapsLock',
  'Control',
  'Dead',
  'Fn',
  'Meta',
  'NumLock',
  'Process',
  'Shift',
  'Unidentified',
]);

/** The letter or digit at a place of the keyboard, whatever the layout writes there. */
function placed(code: string): string | undefined {
  const found = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code);
  return found?.[1]?.toLowerCase() ?? found?.[2];
}

/** What a pressed key is called; nothing while an input method composes, or for a key that is only held. */
export function stroke(pressed: Pressed, platform: Platform): string | undefined {
  // Key code 229: an input method took the key, also the Enter that confirms its candidate (WebKit says so too late).
  if (pressed.isComposing || pressed.keyCode === 229 || NO_KEYS.has(pressed.key)) return undefined;
  const mac = platform === 'mac';
  // The Windows key is the system's.
  if (!mac && pressed.metaKey) return undefined;
  // AltGr, which Windows reports as ctrl and alt, is how some keyboards type signs.
  const typing = pressed.getModifierState('AltGraph');
  const mod = mac ? pressed.metaKey : pressed.ctrlKey && !typing;
  const ctrl = mac && pressed.ctrlKey;
  const alt = pressed.altKey && !typing;
  let { key } = pressed;
  let shift = pressed.shiftKey;
  if ([...key].length === 1) {
    // Full-width signs come from a Chinese input method, Cyrillic letters and a Mac's option signs from a layout.
    key = key.normalize('NFKC').toLowerCase();
    if (alt || /[^\x20-\x7e]/.test(key)) key = placed(pressed.code) ?? key;
    if (key === ' ') key = 'Space';
    else if (!/[a-z]/.test(key) && !(alt && /[0-9]/.test(key))) shift = false;
  }
  return `${ctrl ? 'Ctrl+' : ''}${mod ? 'Mod+' : ''}${alt ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`;
}

/** What edits or copies text, and so means nothing else where text is typed. */
const EDITING =
  /^(Mod\+(Shift\+)?[abcdiuvxyz]|Mod\+Alt\+.*|((Ctrl|Mod|Alt|Shift)\+)*(Backspace|Delete|Insert|Enter|Escape|Tab|Space|Home|End|PageUp|PageDown|Arrow\w+)|Ctrl\+.*)$/;

/** Whether a stroke may be a command although the focus is in a field. */
export function passesText(stroke: string, platform: Platform): boolean {
  if (EDITING.test(stroke)) return false;
  if (/^(Shift\+)?F\d+$/.test(stroke)) return true;
  if (stroke.startsWith('Mod+')) return true;
  // Option types signs on a Mac.
  return platform === 'pc' && stroke.startsWith('Alt+');
}

/** The keys of a command; the first is the one to show. */
export function keysOf(entry: Entry, set: KeySet, platform: Platform): string[] {
  const keys = 'gmail' in entry.keys ? entry.keys[set] : entry.keys;
  return keys.flatMap((key) => {
    const kept = /^(pc|mac):(.*)$/.exec(key);
    if (!kept) return [key];
    return kept[1] === platform && kept[2] ? [kept[2]] : [];
  });
}

/** The parts of a stroke: what is held, and the key. */
export function parts(stroke: string): { held: string[]; key: string } {
  const held: string[] = [];
  let rest = stroke;
  for (;;) {
    const found = /^(Ctrl|Mod|Alt|Shift)\+(.+)$/.exec(rest);
    if (!found?.[1] || !found[2]) return { held, key: rest };
    held.push(found[1]);
    rest = found[2];
  }
}

const MAC: Record<string, string> = {
  Ctrl: '⌃',
  Alt: '⌥',
  Shift: '⇧',
  Mod: '⌘',
  Enter: '↩',
  Backspace: '⌫',
  Delete: '⌦',
  PageUp: '⇞',
  PageDown: '⇟',
  Home: '↖',
  End: '↘',
};
const PC: Record<string, string> = {
  Mod: 'Ctrl',
  Delete: 'Del',
  Insert: 'Ins',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
};
const BOTH: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  '-': '−',
};

/** One stroke as it is printed on a keyboard: `Ctrl+Shift+V`, `⇧⌘V`. */
function shown(stroke: string, platform: Platform): string {
  const { held, key } = parts(stroke);
  const names = platform === 'mac' ? MAC : PC;
  const name = (part: string) => names[part] ?? BOTH[part] ?? (part.length === 1 ? part.toUpperCase() : part);
  if (platform === 'pc') return [...held, key].map(name).join('+');
  // Apple's order: control, option, shift, command.
  const order = ['Ctrl', 'Alt', 'Shift', 'Mod'];
  return (
    [...held]
      .sort((a, b) => order.indexOf(a) - order.indexOf(b))
      .map(name)
      .join('') + name(key)
  );
}

/** A key as it is shown, a text for each stroke. */
export function display(key: string, platform: Platform): string[] {
  return key.split(' ').map((each) => shown(each, platform));
}

/** A key as `aria-keyshortcuts` wants it; nothing for sequences, which it cannot say. */
export function aria(key: string, platform: Platform): string | undefined {
  if (key.includes(' ')) return undefined;
  const { held, key: last } = parts(key);
  const names: Record<string, string> = { Ctrl: 'Control', Mod: platform === 'mac' ? 'Meta' : 'Control' };
  const plain: Record<string, string> = { '+': 'Plus' };
  return [...held.map((part) => names[part] ?? part), plain[last] ?? last].join('+');
}
