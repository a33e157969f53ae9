//! One table of keys: what is pressed, and what it means.

export type Command =
  | 'next'
  | 'previous'
  | 'extend_next'
  | 'extend_previous'
  | 'first'
  | 'last'
  | 'page_down'
  | 'page_up'
  | 'open'
  | 'back'
  | 'archive'
  | 'delete'
  | 'mark_read'
  | 'mark_unread'
  | 'star'
  | 'undo'
  | 'select_all';

/** The part of a keyboard event that counts. */
export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
}

const PLAIN: Record<string, Command> = {
  ArrowDown: 'next',
  j: 'next',
  ArrowUp: 'previous',
  k: 'previous',
  Home: 'first',
  End: 'last',
  PageDown: 'page_down',
  PageUp: 'page_up',
  Enter: 'open',
  Escape: 'back',
  e: 'archive',
  '#': 'delete',
  Delete: 'delete',
  Backspace: 'delete',
  u: 'mark_read',
  s: 'star',
  z: 'undo',
};

const SHIFTED: Record<string, Command> = {
  ArrowDown: 'extend_next',
  J: 'extend_next',
  ArrowUp: 'extend_previous',
  K: 'extend_previous',
  U: 'mark_unread',
  '#': 'delete',
};

/** What a pressed key means; nothing for all others. An input method's keys mean nothing while it composes. */
export function command(pressed: Pressed): Command | undefined {
  if (pressed.isComposing || pressed.altKey) return undefined;
  if (pressed.ctrlKey || pressed.metaKey) {
    if (pressed.shiftKey) return undefined;
    const key = pressed.key.toLowerCase();
    return key === 'a' ? 'select_all' : key === 'z' ? 'undo' : undefined;
  }
  const table = pressed.shiftKey ? SHIFTED : PLAIN;
  return Object.hasOwn(table, pressed.key) ? table[pressed.key] : undefined;
}
