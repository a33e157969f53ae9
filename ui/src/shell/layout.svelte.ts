//! How the panes share the window.

export const LIST_MIN = 300;
export const LIST_MAX = 520;
const LIST_DEFAULT = 372;
const KEY = 'qiyou.list-width';

function clamped(width: number): number {
  return Math.round(Math.max(LIST_MIN, Math.min(LIST_MAX, width)));
}

function remembered(): number {
  const width = Number(localStorage.getItem(KEY));
  return width > 0 ? clamped(width) : LIST_DEFAULT;
}

class Layout {
  listWidth = $state(remembered());
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

  resize(width: number): void {
    this.listWidth = clamped(width);
    localStorage.setItem(KEY, String(this.listWidth));
  }

  toList(): void {
    this.pane = 'list';
    this.drawer = false;
  }

  toMail(): void {
    this.pane = 'mail';
  }
}

export const layout = new Layout();
