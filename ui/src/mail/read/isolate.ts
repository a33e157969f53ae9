//! Names and file names that come from strangers cannot turn the line around them.

/** Embeddings, overrides, isolates: the agent takes them out, too; here is the second wall. */
const CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802\ud803\ud83a\ud83b][\udc00-\udfff]/;

/** Without characters that turn the direction of what follows. */
export function tamed(text: string): string {
  return text.replace(CONTROLS, '');
}

/** To be put into a sentence: what runs from right to left stays among its own. */
export function isolated(text: string): string {
  const tame = tamed(text);
  return RIGHT_TO_LEFT.test(tame) ? `\u2068${tame}\u2069` : tame;
}
