//! Every setting: on which page it stands, and what it is found by.
//!
//! Each has three words in the catalogue: its name `setting.<id>`, one sentence of what it does `setting.<id>.hint`, and
//! `setting.<id>.also`, other names that people look for.

export const SETTINGS = {
  general: ['language', 'autostart', 'mail_program', 'linger'],
  accounts: [
    'accounts',
    'account_add',
    'company',
    'reminders',
    'account_name',
    'account_color',
    'account_telling',
    'account_servers',
    'account_password',
    'account_test',
    'account_remove',
  ],
  telling: ['bubbles', 'bubbles_test', 'privacy', 'codes', 'quiet', 'quiet_weekends', 'pause', 'vips', 'folder_rules'],
  reading: ['read_after', 'pictures'],
  writing: [
    'undo_seconds',
    'author_account',
    'author_name',
    'aliases',
    'signature',
    'templates',
    'receipts',
    'forgiving',
    'ask_attachment',
    'ask_subject',
    'ask_outside',
    'ask_crowd',
  ],
  appearance: ['theme', 'layout', 'density', 'zoom'],
  shortcuts: ['keys', 'key_list'],
  storage: ['usage', 'cache', 'prefetch', 'clear', 'home'],
  network: ['proxy', 'network_test'],
  about: ['version', 'doctor', 'licences'],
} as const;

export type SettingsPage = keyof typeof SETTINGS;
export type Setting = (typeof SETTINGS)[SettingsPage][number];

export const PAGES = Object.keys(SETTINGS) as SettingsPage[];

/** Settings that each account has for itself; they stand on the account's own sheet. */
const OF_ACCOUNT: ReadonlySet<Setting> = new Set<Setting>([
  'account_name',
  'account_color',
  'account_telling',
  'account_servers',
  'account_password',
  'account_test',
  'account_remove',
]);

/** A place in the settings that can be found. */
export interface Entry {
  page: SettingsPage;
  setting: Setting;
  /** The account whose setting it is, where each has its own. */
  account: { id: number; name: string } | null;
}

/** All places, in the order of the pages. */
export function entries(accounts: readonly { id: number; name: string }[]): Entry[] {
  return PAGES.flatMap((page) =>
    SETTINGS[page].flatMap((setting): Entry[] =>
      OF_ACCOUNT.has(setting)
        ? accounts.map(({ id, name }) => ({ page, setting, account: { id, name } }))
        : [{ page, setting, account: null }],
    ),
  );
}
