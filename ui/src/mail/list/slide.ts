//! How new mails come into view at the top of a list.

/** Slides an element down by that many pixels to where it stands, unless it moves already or nothing is to move. */
export function slideIn(canvas: HTMLElement, pixels: number): void {
  if (canvas.getAnimations().length > 0) return;
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  canvas.animate([{ transform: `translateY(${-pixels}px)` }, { transform: 'none' }], {
    duration: 120,
    easing: 'cubic-bezier(0.2, 0.7, 0.2, 1)',
  });
}
