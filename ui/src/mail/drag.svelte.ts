//! Mails on their way from the list to a folder.

class Drag {
  /** What is carried; the drop is told by the list of ids, as a browser shows a drag's data only to the drop itself. */
  mails = $state.raw<readonly number[] | null>(null);
}

export const drag = new Drag();
