//! How long a mail is open before it counts as read.

/** "At once": not for a mail that is only passed over. */
const PASSING_MS = 500;

/** Calls `done` after so many seconds before somebody's eyes. Gives what ends it early. */
export function dwell(seconds: number, done: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        // Nobody looks: the time begins anew when the window is in front again.
        if (document.hasFocus()) done();
        else window.addEventListener('focus', begin, { once: true });
      },
      Math.max(PASSING_MS, seconds * 1000),
    );
  };
  begin();
  return () => {
    clearTimeout(timer);
    window.removeEventListener('focus', begin);
  };
}
