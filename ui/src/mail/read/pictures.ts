//! Whose pictures from the network are shown without asking.

/** The part of an address that stands for a whole company, as settings have it: `@example.com`. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 || at === address.length - 1 ? '' : address.slice(at).toLowerCase();
}

/** The entry that allows the pictures of an address: its own, or its domain's. */
export function ruleFor(rules: readonly string[], address: string): string | undefined {
  const own = address.toLowerCase();
  const domain = domainOf(address);
  const is = (wanted: string) => (wanted === '' ? undefined : rules.find((rule) => rule.toLowerCase() === wanted));
  return is(own) ?? is(domain);
}

/** The entries without those that allow the pictures of an address. */
export function withoutRules(rules: readonly string[], address: string): string[] {
  const away = [address.toLowerCase(), domainOf(address)];
  return rules.filter((rule) => !away.includes(rule.toLowerCase()));
}
