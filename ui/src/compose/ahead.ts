//! The editor is large and comes when it is needed; once the window rests it is fetched beforehand.

let asked = false;

export function fetchAhead(): void {
  if (asked) return;
  asked = true;
  setTimeout(() => {
    void import('./Composer.svelte');
    void import('./Writing.svelte');
  }, 1500);
}
