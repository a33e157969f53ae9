//! Things put at another place.

/** The list with one thing at another place. */
export function moved<T>(things: readonly T[], from: number, to: number): T[] {
  const next = [...things];
  const [thing] = next.splice(from, 1);
  if (thing !== undefined) next.splice(Math.max(0, Math.min(next.length, to)), 0, thing);
  return next;
}
