//! What can be settled about a person who wrote.

import { agent } from '../../agent/agent.svelte';
import { change } from '../../settings/settings.svelte';
import { toasts } from '../../shell/toasts.svelte';
import { t } from '../../words/words.svelte';
import { withoutRules } from './pictures';

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Whether an address is one of the person's own. */
export function isMine(address: string): boolean {
  return agent.accounts.some((account) => same(account.address, address));
}

/** Whether mail of an address is told of at any hour. */
export function isVip(address: string): boolean {
  return agent.settings?.vips.some((vip) => same(vip, address)) ?? false;
}

export async function setVip(address: string, vip: boolean): Promise<void> {
  const others = (agent.settings?.vips ?? []).filter((each) => !same(each, address));
  await change({ vips: vip ? [...others, address] : others });
}

/** Shows pictures of an address, or of a domain (`@example.com`), from now on. */
export async function alwaysPictures(rule: string): Promise<void> {
  const rules = agent.settings?.pictures_from ?? [];
  if (!rules.some((each) => same(each, rule))) await change({ pictures_from: [...rules, rule] });
  toasts.show(t('pictures.always_now', { who: rule }));
}

/** Asks again before pictures of an address are shown, whether it was allowed itself or with its domain. */
export async function askPictures(address: string, rule: string): Promise<void> {
  await change({ pictures_from: withoutRules(agent.settings?.pictures_from ?? [], address) });
  toasts.show(t('pictures.ask_now', { who: rule }));
}
