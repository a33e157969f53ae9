//! Where the keyboard begins on a page.

/** Takes the focus when it comes into the page. */
export function first(node: HTMLElement): void {
  node.focus();
}
