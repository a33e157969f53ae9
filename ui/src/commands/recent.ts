//! What was chosen lately in the palette, newest first; remembered.

const MOST = 5;

export class Recent {
  constructor(private readonly key: string) {}

  get all(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.key) ?? '[]');
      return Array.isArray(kept) ? kept.filter((each): each is string => typeof each === 'string').slice(0, MOST) : [];
    } catch {
      return [];
    }
  }

  put(each: string): void {
    const next = [each, ...this.all.filter((other) => other !== each)].slice(0, MOST);
    localStorage.setItem(this.key, JSON.stringify(next));
  }
}
