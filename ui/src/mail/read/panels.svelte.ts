//! What opens over the reading pane. Buttons and keys open it alike.

class Panels {
  /** The choice of a folder to move to. */
  move = $state(false);
  more = $state(false);
  /** The source of the opened mail. */
  source = $state(false);
}

export const panels = new Panels();
