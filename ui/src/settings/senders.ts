//! Addresses, and whole domains as `@example.com`, as they are kept in the settings.

const ADDRESS = /^[^\s@"<>(),;]+@[^\s@"<>(),;.]+(\.[^\s@"<>(),;.]+)*$/;
const DOMAIN = /^@[^\s@"<>(),;.]+(\.[^\s@"<>(),;.]+)+$/;

/** What is kept of something typed: `Li Si <lisi@x.example>` is its address, `x.example` a domain. Nothing of what is neither. */
export function checkSender(text: string, domains: boolean): string | null {
  const inner = /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
  // A full-width @ is what an input method gives.
  const value = inner.normalize('NFKC').trim().toLowerCase();
  if (ADDRESS.test(value)) return value;
  if (!domains) return null;
  const domain = value.startsWith('@') ? value : `@${value}`;
  return DOMAIN.test(domain) ? domain : null;
}

/** The list with one more; case does not tell two addresses apart. */
export function withSender(values: readonly string[], sender: string): string[] {
  return values.some((each) => each.toLowerCase() === sender) ? [...values] : [...values, sender];
}
