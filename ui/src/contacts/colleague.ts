//! Colleagues and their departments, put into words.

/** A department by the names that lead to it. The company stands above all and tells nothing. */
export function pathWords(path: readonly string[]): string {
  return (path.length > 1 ? path.slice(1) : path).join(' / ');
}
