//! Whether the source of the opened mail is shown.

class SourceView {
  open = $state(false);
}

export const sourceView = new SourceView();
