//! One stop of the Tab key for a group of buttons; the arrow keys move inside it (ARIA practices, toolbar).

/**
 * Action on the element around the buttons. Buttons may come and go. bits-ui's toolbar keeps its stop on a button that
 * is gone, and the group can then no longer be reached.
 */
export function roving(group: HTMLElement): { destroy: () => void } {
  let stop: HTMLElement | undefined;
  const buttons = () => [...group.querySelectorAll<HTMLElement>('button:not(:disabled)')];

  const settle = () => {
    const all = buttons();
    if (!stop || !all.includes(stop)) stop = all[0];
    for (const button of all) {
      const index = button === stop ? 0 : -1;
      if (button.tabIndex !== index) button.tabIndex = index;
    }
  };
  const focus = (event: FocusEvent) => {
    const button = (event.target as HTMLElement).closest('button');
    if (button) stop = button;
    settle();
  };
  const key = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const all = buttons();
    const at = all.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    let to: number;
    if (event.key === 'ArrowRight') to = at + 1;
    else if (event.key === 'ArrowLeft') to = at - 1;
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = -1;
    else return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  };

  const observer = new MutationObserver(settle);
  observer.observe(group, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled', 'tabindex'],
  });
  group.addEventListener('focusin', focus);
  group.addEventListener('keydown', key);
  settle();
  return {
    destroy: () => {
      observer.disconnect();
      group.removeEventListener('focusin', focus);
      group.removeEventListener('keydown', key);
    },
  };
}
