//! Whose work Qiyou stands on. The list is made by `npm run licences` and loaded only when somebody looks.

export interface Library {
  name: string;
  version: string;
  /** Where it comes from. */
  from: 'npm' | 'crate' | 'native';
  /** SPDX expression. */
  licence: string;
  /** Whose copyright it is, line by line, as its licence file says. */
  copyright?: string[];
  /** Places in `texts`. */
  texts: number[];
}

export interface Licences {
  libraries: Library[];
  /** Each distinct text once, without its copyright lines. */
  texts: string[];
}

export async function load(): Promise<Licences> {
  return (await import('./licences.json')).default as Licences;
}

/** The libraries that fit a query, by name or licence. */
export function sought(libraries: readonly Library[], query: string): Library[] {
  const wanted = query.trim().toLowerCase();
  return libraries.filter(({ name, licence }) => `${name} ${licence}`.toLowerCase().includes(wanted));
}
