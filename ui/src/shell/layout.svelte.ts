//! How the panes share the window.

/** The border between two panes: where it stands, and that it is remembered. */
export class Edge {
  size = $state(0);

  constructor(
    private readonly key: string,
    private readonly standard: number,
    readonly min: number,
    readonly max: number,
  ) {
    const size = Number(localStorage.getItem(key));
    this.size = size > 0 ? this.#clamped(size) : standard;
  }

  #clamped(size: number): number {
    return Math.round(Math.max(this.min, Math.min(this.max, size)));
  }

  move(size: number): void {
    this.size = this.#clamped(size);
    localStorage.setItem(this.key, String(this.size));
  }

  reset(): void {
    this.size = this.standard;
    localStorage.removeItem(this.key);
  }
}

class Layout {
  /** Width of the rail, width of the list beside the mail, height of the list above it; in the page's own pixels. */
  readonly rail = new Edge('qiyou.rail-width', 216, 180, 320);
  readonly list = new Edge('qiyou.list-width', 372, 300, 520);
  readonly listHeight = new Edge('qiyou.list-height', 320, 160, 1200);
  /** Width of the window in pixels that the page does not draw larger itself. */
  inner = $state(window.innerWidth);
  /** How much larger than usual the page draws. */
  scale = $state(1);
  /** Width of the window in the page's own pixels. */
  readonly width = $derived(this.inner / this.scale);
  /** Which of list and mail is seen when both do not fit. */
  pane = $state<'list' | 'mail'>('list');
  drawer = $state(false);

  /** List and mail take turns. */
  readonly single = $derived(this.width < 900);
  /** The rail is a drawer. */
  readonly small = $derived(this.width < 640);

  toList(): void {
    this.pane = 'list';
    this.drawer = false;
  }

  toMail(): void {
    this.pane = 'mail';
  }
}

export const layout = new Layout();
