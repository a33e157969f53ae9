//! What is folded in the rail; remembered.

const KEY = 'qiyou.folded';

interface Kept {
  folders: number[];
  accounts: number[];
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
    return { folders: kept.folders ?? [], accounts: kept.accounts ?? [] };
  } catch {
    return { folders: [], accounts: [] };
  }
}

function toggled(set: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

class Folds {
  folders = $state.raw<ReadonlySet<number>>(new Set(read().folders));
  accounts = $state.raw<ReadonlySet<number>>(new Set(read().accounts));

  folder(id: number): void {
    this.folders = toggled(this.folders, id);
    this.#keep();
  }

  account(id: number): void {
    this.accounts = toggled(this.accounts, id);
    this.#keep();
  }

  #keep(): void {
    localStorage.setItem(KEY, JSON.stringify({ folders: [...this.folders], accounts: [...this.accounts] }));
  }
}

export const folds = new Folds();
