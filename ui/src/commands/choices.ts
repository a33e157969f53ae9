//! What the palette offers for what was typed: commands, and folders to go to or to move mails to.

import { agent } from '../agent/agent.svelte';
import type { Folder, Role } from '../host';
import { mailbox } from '../mail/mailbox.svelte';
import { folderName } from '../mail/tree/folder-names';
import { inEveryLanguage, locale, t } from '../words/words.svelte';
import { commands } from './commands.svelte';
import { goTo } from './deeds/folders';
import { best, score } from './find';
import type { PaletteMode } from './palette.svelte';
import { Recent } from './recent';
import { entries, type CommandId, type Group } from './table';

export interface Choice {
  id: string;
  title: string;
  /** What tells it from others of the same name. */
  detail: string;
  /** The sentence at the foot while it is the one that Enter takes. */
  help: string;
  /** Its key, as in the table. */
  key: string | undefined;
  /** How things are already. */
  on: boolean;
  /** For a folder: its role and the colour of its account. */
  folder?: { role: Role; color: string | undefined };
  run: () => void | Promise<void>;
}

export interface Section {
  name: string;
  choices: Choice[];
}

/** Choices that are drawn; who has more types a letter. */
const MOST = 100;
/** Folders among the commands. */
const FEW = 6;

const recentCommands = new Recent('qiyou.palette.commands');
const recentFolders = {
  go_folder: new Recent('qiyou.palette.folders'),
  move: new Recent('qiyou.palette.moves'),
};

function commandChoice(id: CommandId): Choice {
  return {
    id,
    title: commands.name(id),
    detail: '',
    help: commands.help(id),
    key: commands.keys(id)[0],
    on: commands.on(id),
    run: () => {
      recentCommands.put(id);
      return commands.run(id);
    },
  };
}

/** What one looks for comes first; the ways around the list are in the fingers. */
const ORDER: Group[] = ['mail', 'folders', 'view', 'window', 'navigation'];

/** Opening the palette from the palette would only close it. */
const offered = () => entries.filter(({ id }) => id !== 'palette' && commands.can(id));

function commandSections(typed: string): Section[] {
  const all = offered();
  const recent = recentCommands.all.flatMap((id) => all.find((entry) => entry.id === id) ?? []);
  if (!typed.trim()) {
    const groups = ORDER.map((group) => ({
      name: t(`commands.group.${group}`),
      choices: all
        .filter((entry) => entry.group === group && !recent.includes(entry))
        .map(({ id }) => commandChoice(id)),
    }));
    return [{ name: t('palette.recent'), choices: recent.map(({ id }) => commandChoice(id)) }, ...groups];
  }
  // What was used lately comes first among what fits as well.
  const ordered = [...recent, ...all.filter((entry) => !recent.includes(entry))];
  const found = best(ordered, ({ id }) => score(typed, commands.names(id)));
  return [{ name: t('palette.commands'), choices: found.map(({ id }) => commandChoice(id)) }];
}

const FIRST: Role[] = ['inbox', 'flagged', 'drafts', 'sent', 'archive', 'all'];
const LAST: Role[] = ['junk', 'trash'];
/** Folders into which nobody puts a mail by hand. */
const NEVER: Role[] = ['all', 'flagged', 'drafts'];

function place({ role }: Folder): number {
  const first = FIRST.indexOf(role);
  if (first >= 0) return first;
  return FIRST.length + 1 + LAST.indexOf(role);
}

/** Folders that mails can be shown of, or moved to, account by account. */
function folders(mode: 'go_folder' | 'move'): Folder[] {
  const collator = new Intl.Collator(locale(), { numeric: true });
  const accounts = new Map(agent.accounts.map((account, at) => [account.id, at]));
  const moved = mode === 'move' ? home() : undefined;
  return agent.folders
    .filter((folder) => folder.selectable && accounts.has(folder.account))
    .filter((folder) => !moved || (folder.account === moved.account && folder.id !== moved.folder))
    .filter((folder) => mode !== 'move' || !NEVER.includes(folder.role))
    .sort(
      (a, b) =>
        (accounts.get(a.account) ?? 0) - (accounts.get(b.account) ?? 0) ||
        place(a) - place(b) ||
        collator.compare(a.path, b.path),
    );
}

/** The account of the mails that move, and the folder that they are in, if it is one. */
function home(): { account: number; folder: number | undefined } | undefined {
  const wanted = new Set(mailbox.targets);
  const rows = mailbox.list.between(0, mailbox.list.length).filter((row) => wanted.has(row.id));
  const first = rows[0] ?? mailbox.reading.mail?.row;
  if (!first) return undefined;
  const together = rows.every((row) => row?.folder === first.folder);
  return { account: first.account, folder: together ? first.folder : undefined };
}

function texts(folder: Folder): string[] {
  const own = folder.role === 'none' ? [folder.name, folder.path] : inEveryLanguage(`role.${folder.role}`);
  const account = agent.byAccount.get(folder.account);
  // "work in" finds the inbox of the account "work".
  return agent.accounts.length > 1 && account ? [...own, account.name, account.address] : own;
}

function folderChoice(folder: Folder, mode: 'go_folder' | 'move'): Choice {
  const account = agent.accounts.length > 1 ? agent.byAccount.get(folder.account) : undefined;
  const title = folderName(folder);
  const above = folder.role === 'none' && folder.path !== folder.name ? folder.path : '';
  return {
    id: `folder-${folder.id}`,
    title,
    detail: [above, mode === 'move' ? '' : account?.name].filter(Boolean).join(' · '),
    help: '',
    key: undefined,
    on: mode === 'go_folder' && mailbox.folder?.id === folder.id,
    folder: { role: folder.role, color: mode === 'move' ? undefined : account?.color },
    run: () => {
      recentFolders[mode].put(String(folder.id));
      return mode === 'move' ? mailbox.move(folder.id) : goTo(folder.id);
    },
  };
}

function folderSections(typed: string, mode: 'go_folder' | 'move', most: number): Section[] {
  const all = folders(mode);
  const recent = recentFolders[mode].all.flatMap((id) => all.find((folder) => String(folder.id) === id) ?? []);
  const rest = all.filter((folder) => !recent.includes(folder));
  const choices = (some: Folder[]) => some.slice(0, most).map((folder) => folderChoice(folder, mode));
  if (!typed.trim())
    return [
      { name: t('palette.recent'), choices: choices(recent) },
      { name: t('palette.folders'), choices: choices(rest) },
    ];
  const found = best([...recent, ...rest], (folder) => score(typed, texts(folder)));
  return [{ name: t('palette.folders'), choices: choices(found) }];
}

/** Whether Enter alone may take the first choice: not to move mails to whatever stands first. */
export function takesFirst(typed: string, mode: PaletteMode): boolean {
  return mode !== 'move' || typed.trim() !== '' || recentFolders.move.all.length > 0;
}

/** All that fits, in sections that are not empty. */
export function sections(typed: string, mode: PaletteMode): Section[] {
  let found: Section[];
  if (mode !== 'commands') found = folderSections(typed, mode, MOST);
  else if (typed.trim()) found = [...commandSections(typed), ...folderSections(typed, 'go_folder', FEW)];
  else found = commandSections(typed);
  return found.filter(({ choices }) => choices.length > 0);
}
