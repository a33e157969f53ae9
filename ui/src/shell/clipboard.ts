//! Putting text where it can be pasted from.

/** True when the text is there. Web views that have no clipboard of their own copy a selection instead. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.style.position = 'fixed';
    field.style.opacity = '0';
    // Inside what has the focus, or a dialog would take the focus back at once.
    const before = document.activeElement as HTMLElement | null;
    (before?.parentElement ?? document.body).append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    before?.focus();
    return done;
  }
}
