//! All commands. What keys, palette, shortcut sheet, tooltips and menus show and do comes from here.
//!
//! - `table.ts` names every command, its group and its keys; `deeds/` says what each does and when it is available; the
//!   words are in the catalogue (`commands.json`). A command that one of the three lacks does not compile.
//! - A tooltip: `<Tip command="archive" …>`. A menu item: `shortcut('archive')` beside its name.
//! - What a component can do only while it stands, it offers: `$effect(() => commands.provide('view_source', show))`.
//!   While nobody offers it, the command is not available. The hooks are in `provided.svelte.ts`.
//! - Keys that are pressed in another document (a mail's frame): `keyboard.listen(frame.contentDocument)`.

import { agent } from '../agent/agent.svelte';
import { composing } from '../compose/composing.svelte';
import type { KeySet } from '../host';
import { inEveryLanguage, t } from '../words/words.svelte';
import { mailbox } from '../mail/mailbox.svelte';
import { welcome } from '../welcome/welcome.svelte';
import type { Deed } from './deeds/deed';
import { folders } from './deeds/folders';
import { mail } from './deeds/mail';
import { navigation } from './deeds/navigation';
import { view } from './deeds/view';
import { window as ofWindow } from './deeds/window';
import { writing } from './deeds/writing';
import { aria, display, keysOf, type Platform } from './keys';
import { provide } from './provided.svelte';
import { entries, type CommandId, type Entry } from './table';

const DEEDS: Record<CommandId, Deed> = { ...navigation, ...writing, ...mail, ...folders, ...view, ...ofWindow };
const ENTRIES = new Map(entries.map((entry) => [entry.id, entry]));

/** What makes sense in the window of one mail, which has no list and no folders. */
const OF_ONE_MAIL = new Set<CommandId>([
  ...(Object.keys(mail) as CommandId[]).filter((id) => id !== 'select' && id !== 'select_all' && id !== 'move'),
  'reply',
  'reply_all',
  'forward',
  'edit_as_new',
  'redirect',
  'back',
  'shortcuts',
  'zoom_in',
  'zoom_out',
  'zoom_reset',
]);

/** What makes sense in the window of one draft. */
const OF_ONE_DRAFT = new Set<CommandId>(['zoom_in', 'zoom_out', 'zoom_reset']);

/** Every WebView of a Mac says so, also in the browser of the tests. */
export const platform: Platform = /^(Mac|iP)/.test(navigator.platform) ? 'mac' : 'pc';

export function keySet(): KeySet {
  return agent.settings?.keys ?? 'gmail';
}

function entry(id: CommandId): Entry & { id: CommandId } {
  const found = ENTRIES.get(id);
  if (!found) throw new Error(id);
  return found;
}

/** Before there is any mail, only what concerns the window itself can be done. */
function atHome(): boolean {
  return agent.phase === 'ready' && agent.accounts.length > 0 && !welcome.open;
}

export const commands = {
  provide,

  /** Whether it can be done now. Depends on what it asks like any other state. */
  can(id: CommandId): boolean {
    if (mailbox.alone !== null && !OF_ONE_MAIL.has(id)) return false;
    if (composing.alone && !OF_ONE_DRAFT.has(id)) return false;
    return (entry(id).everywhere === true || atHome()) && (DEEDS[id].can?.() ?? true);
  },

  /** Does it, if it can be done. */
  async run(id: CommandId): Promise<void> {
    if (this.can(id)) await DEEDS[id].run();
  },

  /** Whether it is how things are already. */
  on(id: CommandId): boolean {
    return DEEDS[id].on?.() ?? false;
  },

  name(id: CommandId): string {
    return t(`command.${id}.name`);
  },

  /** One sentence of what it does. */
  help(id: CommandId): string {
    return t(`command.${id}.help`);
  },

  /** What it is called in any language, for searching. */
  names(id: CommandId): string[] {
    return [...inEveryLanguage(`command.${id}.name`), id.replaceAll('_', ' ')];
  },

  /** All its keys, as they are written in the table. */
  keys(id: CommandId, set: KeySet = keySet()): string[] {
    return keysOf(entry(id), set, platform);
  },
};

/** The key to show beside a command: `E`, `Ctrl+K`, `⌘K`, `G I`; empty when it has none. */
export function shortcut(id: CommandId): string {
  const [first] = commands.keys(id);
  return first === undefined ? '' : display(first, platform).join(' ');
}

/** All keys of a command for screen readers. */
export function ariaShortcut(id: CommandId): string | undefined {
  const all = commands.keys(id).flatMap((key) => aria(key, platform) ?? []);
  return all.length > 0 ? all.join(' ') : undefined;
}
