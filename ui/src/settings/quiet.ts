//! Times of day, as minutes after midnight.

/** `22:00` of 1320. */
export function hoursOf(minutes: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(Math.floor(minutes / 60) % 24)}:${pad(minutes % 60)}`;
}

/** Eight o'clock in the morning of the next day, in unix seconds. */
export function tomorrow(nowMs: number): number {
  const date = new Date(nowMs);
  date.setDate(date.getDate() + 1);
  return Math.floor(date.setHours(8, 0, 0, 0) / 1000);
}
