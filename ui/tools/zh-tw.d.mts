/** One text in the words of Taiwan. */
export function taiwan(text: string): string;
/** The files of the catalogue, by name, as they ought to be. */
export function files(): Map<string, string>;
/** Keys of whole lines whose simplified text is another now: they are to be read anew. */
export function stale(): string[];
