//! Addresses that other programs hand over to be written to (`mailto:`, RFC 6068).

export interface Wish {
  /** Addresses, as they were given. */
  to: string[];
  subject: string;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is no reason to lose an address.
    return text;
  }
}

/** What a `mailto:` asks for; nothing for any other address. */
export function wishOf(address: string): Wish | undefined {
  const found = /^mailto:([^?#]*)(?:\?([^#]*))?/i.exec(address.trim());
  if (!found) return undefined;
  const fields = (found[2] ?? '').split('&').map((field) => {
    const at = field.indexOf('=');
    return at < 0 ? [field, ''] : [field.slice(0, at), decoded(field.slice(at + 1))];
  });
  const of = (name: string) => fields.filter(([key]) => key?.toLowerCase() === name).map(([, value]) => value ?? '');
  const to = [...(found[1] ?? '').split(',').map(decoded), ...of('to').flatMap((each) => each.split(','))];
  return { to: to.map((each) => each.trim()).filter(Boolean), subject: of('subject')[0]?.trim() ?? '' };
}

class Mailto {
  now = $state.raw<Wish | null>(null);

  /** Takes what was handed to the window; what is no `mailto:` is left alone. */
  receive(address: string | null): void {
    this.now = (address && wishOf(address)) || null;
  }

  close(): void {
    this.now = null;
  }
}

export const mailto = new Mailto();
