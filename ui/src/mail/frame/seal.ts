//! A mail's text in its frame. The frame has this page's origin and no scripts: the page can measure it, mark words in
//! it and copy from it, while nothing in it ever acts.
//!
//! In WebKit a frame without scripts is deaf: no listener of this page hears what is pressed or clicked there. So the
//! focus comes back to the page as soon as a click took it there; the selection stays, and copying is done from here.
//! Who tabs into the frame stays in it, as its links are to be followed with Enter.

/** Higher frames scroll by themselves: web views cap what they can lay out. */
const HIGHEST = 1_000_000;
/** A focus that follows the Tab key so soon was moved by it. */
const TABBED_MS = 300;
/** Room for a scroll bar below what is wider than the pane. */
const SCROLLBAR = 16;

/** Frames on the page, the one that was clicked into last at the end. */
const frames = new Set<HTMLIFrameElement>();
let tabbed = 0;
/** Whether the last click was in a mail's text: then "select all" and "copy" mean that text. */
let inside = false;
let listening = false;

/** The frames that are read, the one that was clicked into last before the others; more may only be laid out. */
const read = () => [...frames].reverse().filter((frame) => frame.closest('[inert]') === null);

/** Where the keys are heard after a click into a mail: the list, or what stands in for it. */
function home(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[data-keys="list"]') ?? document.querySelector<HTMLElement>('main');
}

function selected(frame: HTMLIFrameElement): Selection | null {
  const selection = frame.contentWindow?.getSelection() ?? null;
  return selection && !selection.isCollapsed && selection.rangeCount > 0 ? selection : null;
}

/** What is selected in a mail, with the true targets of its links. */
function copied(selection: Selection): { text: string; html: string } {
  const holder = document.createElement('template').content.ownerDocument.createElement('div');
  holder.append(selection.getRangeAt(0).cloneContents());
  for (const link of holder.querySelectorAll('a[title]')) link.setAttribute('href', link.getAttribute('title') ?? '');
  for (const mark of holder.querySelectorAll('mark.qy-hit')) mark.replaceWith(...mark.childNodes);
  return { text: selection.toString(), html: holder.innerHTML };
}

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, [contenteditable="true"]') !== null;
}

function listen(): void {
  if (listening) return;
  listening = true;
  window.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Tab') tabbed = event.timeStamp;
      const all =
        event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      const [frame] = read();
      if (!all || !inside || !frame || typing(event.target)) return;
      const text = frame.contentDocument?.body;
      if (!text) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      frame.contentWindow?.getSelection()?.selectAllChildren(text);
    },
    true,
  );
  window.addEventListener('blur', (event) => {
    const frame = document.activeElement;
    if (!(frame instanceof HTMLIFrameElement) || !frames.has(frame)) return;
    if (event.timeStamp - tabbed < TABBED_MS) return;
    inside = true;
    frames.delete(frame);
    frames.add(frame);
    setTimeout(() => {
      if (document.activeElement === frame) home()?.focus({ preventScroll: true });
    });
  });
  window.addEventListener(
    'pointerdown',
    (event) => {
      inside = false;
      // What is selected in a mail is let go like any other selection, but not by the button that acts on it.
      if (event.target instanceof Element && event.target.closest('button, [role="menu"], [role="toolbar"]')) return;
      for (const frame of frames) frame.contentWindow?.getSelection()?.removeAllRanges();
    },
    true,
  );
  document.addEventListener('copy', (event) => {
    const own = document.getSelection();
    if (typing(event.target) || (own && !own.isCollapsed)) return;
    const selection = read()
      .map(selected)
      .find((each) => each !== null);
    if (!selection || !event.clipboardData) return;
    const { text, html } = copied(selection);
    event.clipboardData.setData('text/plain', text);
    event.clipboardData.setData('text/html', html);
    event.preventDefault();
  });
}

function measured(frame: HTMLIFrameElement): number | null {
  const text = frame.contentDocument?.documentElement;
  if (!text) return null;
  const wide = text.scrollWidth > frame.clientWidth + 1;
  return Math.min(HIGHEST, Math.ceil(text.getBoundingClientRect().height) + (wide ? SCROLLBAR : 0));
}

/**
 * Looks after a frame as long as it stands: its height is that of its text, its keys are the page's. Returns how to stop.
 */
export function seal(frame: HTMLIFrameElement, drawn: () => void): () => void {
  listen();
  frames.add(frame);
  const fit = () => {
    const height = measured(frame);
    if (height !== null && frame.style.height !== `${height}px`) frame.style.height = `${height}px`;
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(frame);
  const loaded = () => {
    const text = frame.contentDocument?.documentElement;
    // An empty frame tells that it is loaded before it has a document.
    if (!text || frame.srcdoc === '') return;
    sizes.observe(text);
    // A text that measures itself by the frame is measured in a small one, not in that of the mail before.
    frame.style.height = '';
    fit();
    drawn();
  };
  frame.addEventListener('load', loaded);
  return () => {
    frames.delete(frame);
    sizes.disconnect();
    frame.removeEventListener('load', loaded);
  };
}
