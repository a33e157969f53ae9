//! The one menu of the rail: for which line it is open, and which part of it.

class RailMenu {
  open = $state(false);
  /** Key of the line. */
  key = $state<string | undefined>(undefined);
  part = $state<'all' | 'telling'>('all');

  #wish: 'all' | 'telling' = 'all';

  /** Opens at a place of the line, as a right click there would. */
  show(row: Element, part: 'all' | 'telling', at: DOMRect): void {
    this.#wish = part;
    row.dispatchEvent(
      new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: at.left, clientY: at.bottom }),
    );
  }

  /** The menu is about to open for a line. */
  aim(key: string): void {
    this.key = key;
    this.part = this.#wish;
    this.#wish = 'all';
  }
}

export const railMenu = new RailMenu();
