//! What is folded in the rail; remembered.

const KEY = 'qiyou.folded';

interface Kept {
  folders: number[];
  accounts: number[];
  groups: string[];
}

function read(): Kept {
  let kept: Partial<Kept> = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
  } catch {
    // Nothing that can be read was kept: nothing is folded.
  }
  return { folders: kept.folders ?? [], accounts: kept.accounts ?? [], groups: kept.groups ?? [] };
}

function toggled<T>(set: ReadonlySet<T>, id: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

const kept = read();

class Folds {
  folders = $state.raw<ReadonlySet<number>>(new Set(kept.folders));
  accounts = $state.raw<ReadonlySet<number>>(new Set(kept.accounts));
  /** Headings that are no account. */
  groups = $state.raw<ReadonlySet<string>>(new Set(kept.groups));

  folder(id: number): void {
    this.folders = toggled(this.folders, id);
    this.#keep();
  }

  open(ids: readonly number[]): void {
    const next = new Set(this.folders);
    ids.forEach((id) => next.delete(id));
    this.folders = next;
    this.#keep();
  }

  account(id: number): void {
    this.accounts = toggled(this.accounts, id);
    this.#keep();
  }

  group(key: string): void {
    this.groups = toggled(this.groups, key);
    this.#keep();
  }

  #keep(): void {
    localStorage.setItem(
      KEY,
      JSON.stringify({ folders: [...this.folders], accounts: [...this.accounts], groups: [...this.groups] }),
    );
  }
}

export const folds = new Folds();
