//! Strangers' words, made fit for one line of a list.

/** More than any row shows; a subject may have 10,000 characters, and each would be measured. */
const MOST = 300;
/** Marks that turn the direction of what follows them: a name could hide another one behind them. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

export function oneLine(text: string): string {
  const short = text.length > MOST ? text.slice(0, MOST).replace(/[\ud800-\udbff]$/, '') : text;
  return short.replace(UNSEEN, ' ').trim();
}
