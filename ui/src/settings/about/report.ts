//! What the doctor found, in words, and as a text for an administrator.

import type { Account, Doctor, Finding } from '../../host';
import { maybe, t } from '../../words/words.svelte';

/** One finding in words. */
export function findingWords(finding: Finding, accounts: readonly Account[]): string {
  const { code, args } = finding;
  const trouble = /^trouble_(.+)$/.exec(code)?.[1];
  if (trouble !== undefined) return maybe(`error.${trouble}`, trouble, args);
  const more = { ...args };
  if (args.watch !== undefined) more.watch = maybe(`settings.watch.${args.watch}`, args.watch);
  // The account itself knows its cause in the person's language.
  const state = accounts.find((account) => account.address === args.address)?.state;
  if (code === 'account_failed' && state && 'cause' in state)
    more.detail = maybe(`error.cause.${state.cause.code}.title`, args.detail ?? '');
  return maybe(`doctor.${code}`, [code, ...Object.values(args)].join(' '), more);
}

const MARKS: Record<Finding['level'], string> = { good: '✓', note: '·', bad: '✗' };

/** The whole report. It names accounts by their address, and holds nothing of any mail. */
export function reportText(doctor: Doctor, accounts: readonly Account[], version: string, system: string): string {
  const lines = doctor.findings.map((finding) => {
    const said = `${MARKS[finding.level]} ${findingWords(finding, accounts)}`;
    // The technical words help whoever reads it elsewhere.
    return finding.level === 'bad' && finding.args.detail !== undefined ? `${said} [${finding.args.detail}]` : said;
  });
  return [`${t('window.title')} ${version}`, system, '', ...lines, ''].join('\n');
}
