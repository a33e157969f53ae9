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

/**
 * How many different pictures a safe text carries in itself. The agent put them in by their content ids, so fewer than
 * the mail has means that some are shown nowhere.
 */
export function carried(html: string): number {
  const seen = new Set<string>();
  for (let at = html.indexOf('src="data:image/'); at >= 0; at = html.indexOf('src="data:image/', at + 1)) {
    const end = html.indexOf('"', at + 5);
    // Length and beginning tell pictures apart well enough, and no copy of all of them is made.
    seen.add(`${end - at} ${html.slice(at, at + 240)}`);
  }
  return seen.size;
}
