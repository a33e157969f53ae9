//! The sheet of shortcuts: whether it is shown.

class Sheet {
  open = $state(false);

  show(): void {
    this.open = true;
  }
}

export const sheet = new Sheet();
