//! Every command there is: its name in the code, where it stands, and its keys in both sets.
//!
//! The words are `command.<id>.name` and `command.<id>.help`; what a command does is in `deeds/`. A key is written as
//! `keys.ts` reads it: `Mod` is ctrl, or cmd on a Mac; strokes of a sequence are parted by a space; `pc:` and `mac:` keep
//! a key to one kind of keyboard. The first key is the one that is shown.

export const GROUPS = ['navigation', 'writing', 'mail', 'folders', 'view', 'window'] as const;
export type Group = (typeof GROUPS)[number];

type Keys = readonly string[];

export interface Entry {
  id: string;
  group: Group;
  /** In both sets the same, or of each set its own. */
  keys: Keys | { readonly gmail: Keys; readonly outlook: Keys };
  /** Goes on while the key is held down. All others act once: a sleeve on `e` must not empty the inbox. */
  repeats?: true;
  /** Also before there is any mail, and over dialogs. */
  everywhere?: true;
}

export const TABLE = [
  { id: 'next', group: 'navigation', keys: { gmail: ['j', 'ArrowDown'], outlook: ['ArrowDown'] }, repeats: true },
  { id: 'previous', group: 'navigation', keys: { gmail: ['k', 'ArrowUp'], outlook: ['ArrowUp'] }, repeats: true },
  { id: 'next_unread', group: 'navigation', keys: { gmail: ['n'], outlook: ['Mod+j'] } },
  {
    id: 'extend_next',
    group: 'navigation',
    keys: { gmail: ['Shift+j', 'Shift+ArrowDown'], outlook: ['Shift+ArrowDown'] },
    repeats: true,
  },
  {
    id: 'extend_previous',
    group: 'navigation',
    keys: { gmail: ['Shift+k', 'Shift+ArrowUp'], outlook: ['Shift+ArrowUp'] },
    repeats: true,
  },
  { id: 'first', group: 'navigation', keys: ['Home'] },
  { id: 'last', group: 'navigation', keys: ['End'] },
  { id: 'page_down', group: 'navigation', keys: ['PageDown'], repeats: true },
  { id: 'page_up', group: 'navigation', keys: ['PageUp'], repeats: true },
  { id: 'open', group: 'navigation', keys: { gmail: ['Enter', 'o'], outlook: ['Enter'] } },
  { id: 'open_window', group: 'navigation', keys: { gmail: ['Shift+Enter'], outlook: ['Mod+o', 'Shift+Enter'] } },
  { id: 'back', group: 'navigation', keys: ['Escape'] },
  { id: 'next_pane', group: 'navigation', keys: ['F6'] },
  { id: 'previous_pane', group: 'navigation', keys: ['Shift+F6'] },
  { id: 'focus_tree', group: 'navigation', keys: ['Mod+1'] },
  { id: 'focus_list', group: 'navigation', keys: ['Mod+2'] },
  { id: 'focus_mail', group: 'navigation', keys: ['Mod+3'] },

  { id: 'write', group: 'writing', keys: { gmail: ['c', 'Mod+n'], outlook: ['Mod+n'] } },
  { id: 'reply', group: 'writing', keys: { gmail: ['r'], outlook: ['Mod+r'] } },
  { id: 'reply_all', group: 'writing', keys: { gmail: ['a'], outlook: ['Mod+Shift+r'] } },
  { id: 'forward', group: 'writing', keys: { gmail: ['f'], outlook: ['Mod+f'] } },
  { id: 'forward_attached', group: 'writing', keys: { gmail: ['Alt+f'], outlook: ['Mod+Alt+f'] } },
  { id: 'edit_as_new', group: 'writing', keys: ['Alt+e'] },
  { id: 'redirect', group: 'writing', keys: ['Alt+b'] },
  { id: 'contacts', group: 'writing', keys: { gmail: ['g c'], outlook: ['Alt+g c'] } },
  { id: 'outbox', group: 'writing', keys: { gmail: ['g o'], outlook: ['Alt+g o'] } },

  { id: 'archive', group: 'mail', keys: { gmail: ['e'], outlook: ['Backspace'] } },
  { id: 'delete', group: 'mail', keys: { gmail: ['#', 'Delete', 'Backspace'], outlook: ['Delete', 'Mod+d'] } },
  { id: 'delete_for_ever', group: 'mail', keys: ['Shift+Delete', 'mac:Shift+Backspace'] },
  { id: 'move', group: 'mail', keys: { gmail: ['v'], outlook: ['Mod+Shift+v'] } },
  { id: 'junk', group: 'mail', keys: { gmail: ['!'], outlook: ['Alt+j'] } },
  { id: 'not_junk', group: 'mail', keys: ['Mod+Alt+j'] },
  { id: 'toggle_read', group: 'mail', keys: { gmail: ['u'], outlook: ['Alt+u'] } },
  // Cmd-Q quits on a Mac; Outlook has cmd-T there.
  { id: 'mark_read', group: 'mail', keys: { gmail: ['Shift+i'], outlook: ['pc:Mod+q', 'mac:Mod+t'] } },
  { id: 'mark_unread', group: 'mail', keys: { gmail: ['Shift+u'], outlook: ['pc:Mod+u', 'mac:Mod+Shift+t'] } },
  { id: 'star', group: 'mail', keys: { gmail: ['s'], outlook: ['pc:Insert', 'mac:Mod+Shift+l'] } },
  { id: 'select', group: 'mail', keys: { gmail: ['x'], outlook: ['Alt+x'] } },
  { id: 'select_all', group: 'mail', keys: { gmail: ['Mod+a', '* a'], outlook: ['Mod+a'] } },
  { id: 'undo', group: 'mail', keys: { gmail: ['z', 'Mod+z'], outlook: ['Mod+z'] } },
  { id: 'show_pictures', group: 'mail', keys: ['Alt+i'] },
  { id: 'view_source', group: 'mail', keys: ['Alt+s'] },
  // In Outlook Ctrl-F forwards.
  { id: 'find', group: 'mail', keys: { gmail: ['Mod+f'], outlook: ['F4'] } },
  { id: 'print', group: 'mail', keys: ['Mod+p'] },

  { id: 'go_folder', group: 'folders', keys: { gmail: ['g f'], outlook: ['Mod+y'] } },
  { id: 'go_inbox', group: 'folders', keys: { gmail: ['g i'], outlook: ['Mod+Shift+i'] } },
  { id: 'go_unified', group: 'folders', keys: { gmail: ['g u'], outlook: ['Alt+g u'] } },
  { id: 'go_starred', group: 'folders', keys: { gmail: ['g s'], outlook: ['Alt+g s'] } },
  { id: 'go_drafts', group: 'folders', keys: { gmail: ['g d'], outlook: ['Alt+g d'] } },
  { id: 'go_sent', group: 'folders', keys: { gmail: ['g t'], outlook: ['Alt+g t'] } },
  { id: 'go_archive', group: 'folders', keys: { gmail: ['g a'], outlook: ['Alt+g a'] } },
  { id: 'mark_all_read', group: 'folders', keys: ['Alt+r'] },
  { id: 'new_folder', group: 'folders', keys: ['Mod+Shift+e'] },
  { id: 'rename_folder', group: 'folders', keys: ['F2'] },

  { id: 'filter_all', group: 'view', keys: ['Alt+1'] },
  { id: 'filter_unread', group: 'view', keys: ['Alt+2'] },
  { id: 'filter_starred', group: 'view', keys: ['Alt+3'] },
  { id: 'filter_attachments', group: 'view', keys: ['Alt+4'] },
  { id: 'sort_newest', group: 'view', keys: ['Alt+v n'] },
  { id: 'sort_oldest', group: 'view', keys: ['Alt+v o'] },
  { id: 'sort_sender', group: 'view', keys: ['Alt+v f'] },
  { id: 'sort_subject', group: 'view', keys: ['Alt+v t'] },
  { id: 'sort_size', group: 'view', keys: ['Alt+v z'] },
  { id: 'density_comfortable', group: 'view', keys: ['Alt+v 1'] },
  { id: 'density_compact', group: 'view', keys: ['Alt+v 2'] },
  { id: 'density_line', group: 'view', keys: ['Alt+v 3'] },
  { id: 'layout_wide', group: 'view', keys: ['Alt+v w'] },
  { id: 'layout_classic', group: 'view', keys: ['Alt+v c'] },
  { id: 'theme_light', group: 'view', keys: ['Alt+v l'] },
  { id: 'theme_dark', group: 'view', keys: ['Alt+v d'] },
  { id: 'theme_system', group: 'view', keys: ['Alt+v s'] },
  { id: 'language_zh', group: 'view', keys: ['Alt+v h'] },
  { id: 'language_zh_tw', group: 'view', keys: ['Alt+v r'] },
  { id: 'language_en', group: 'view', keys: ['Alt+v e'] },
  { id: 'zoom_in', group: 'view', keys: ['Mod+=', 'Mod++'], repeats: true, everywhere: true },
  { id: 'zoom_out', group: 'view', keys: ['Mod+-'], repeats: true, everywhere: true },
  { id: 'zoom_reset', group: 'view', keys: ['Mod+0'], everywhere: true },
  { id: 'drawer', group: 'view', keys: ['Mod+b'] },

  { id: 'palette', group: 'window', keys: ['Mod+k', 'Mod+Shift+p'] },
  { id: 'shortcuts', group: 'window', keys: ['?', 'F1'] },
  { id: 'settings', group: 'window', keys: ['Mod+,'] },
  { id: 'sync', group: 'window', keys: { gmail: ['Shift+n', 'F9'], outlook: ['F9'] } },
  { id: 'webmail', group: 'window', keys: ['Alt+w'] },
  { id: 'pause', group: 'window', keys: ['Alt+p'] },
  { id: 'go_on', group: 'window', keys: ['Alt+Shift+p'] },
] as const satisfies readonly Entry[];

export type CommandId = (typeof TABLE)[number]['id'];

export const entries: readonly (Entry & { id: CommandId })[] = TABLE;
