//! Steps that are offered for a number.

/** The usual steps, and the number itself where it is none of them. */
export function withOwn(steps: readonly number[], own: number): number[] {
  return [...new Set([...steps, own])].sort((a, b) => a - b);
}
