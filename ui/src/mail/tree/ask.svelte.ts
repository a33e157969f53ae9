//! What is asked before something is done with a folder.

import type { Folder } from '../../host';

type Question = { kind: 'delete'; folder: Folder } | { kind: 'empty'; folder: Folder };

/** A folder is to be chosen from one account. */
export interface Choice {
  title: string;
  account: number;
  /** Folders that are not shown. */
  hidden: ReadonlySet<number>;
  /** Whether a folder may be chosen; the others only show where it lies. */
  fits: (folder: Folder) => boolean;
  /** Words for the place above all folders, where that may be chosen, too. */
  top: string | null;
  /** `null` is that place. */
  onpick: (folder: Folder | null) => void;
}

class Ask {
  question = $state.raw<Question | null>(null);
  choice = $state.raw<Choice | null>(null);
}

export const ask = new Ask();
