//! What a command does, and when.

export interface Deed {
  run: () => unknown;
  /** Whether it can be done now; always, when absent. */
  can?: () => boolean;
  /** Whether it is how things are already: the theme that is shown, the filter that is on. */
  on?: () => boolean;
}
