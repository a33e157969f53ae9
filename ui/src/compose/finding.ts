//! Words found in what is written: every place is marked, one of them is the one that is meant.

import { Extension, type Editor } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';

/** Places beyond which none is marked. */
const MOST = 2000;

interface Place {
  from: number;
  to: number;
}

interface State {
  words: string;
  places: Place[];
  /** Which of them is meant. */
  at: number;
}

const NOTHING: State = { words: '', places: [], at: 0 };
const key = new PluginKey<State>('finding');

/** As letters are compared: without their case, where that changes no length. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function placesOf(doc: Node, words: string): Place[] {
  const places: Place[] = [];
  const wanted = folded(words);
  if (!wanted) return places;
  doc.descendants((node, start) => {
    if (places.length >= MOST) return false;
    if (!node.isTextblock) return true;
    // What is no text is one position, and one character here.
    const text = folded(node.textBetween(0, node.content.size, undefined, '\ufffc'));
    for (
      let found = text.indexOf(wanted);
      found >= 0 && places.length < MOST;
      found = text.indexOf(wanted, found + wanted.length)
    )
      places.push({ from: start + 1 + found, to: start + 1 + found + wanted.length });
    return false;
  });
  return places;
}

export const Finding = Extension.create({
  name: 'finding',
  addProseMirrorPlugins: () => [
    new Plugin<State>({
      key,
      state: {
        init: () => NOTHING,
        apply: (transaction, state) => {
          const asked = transaction.getMeta(key) as Partial<State> | undefined;
          if (!asked && (!transaction.docChanged || !state.words)) return state;
          const words = asked?.words ?? state.words;
          const places = placesOf(transaction.doc, words);
          return { words, places, at: Math.min(asked?.at ?? state.at, Math.max(0, places.length - 1)) };
        },
      },
      props: {
        decorations: (state) => {
          const { places, at } = key.getState(state) ?? NOTHING;
          return DecorationSet.create(
            state.doc,
            places.map(({ from, to }, index) =>
              Decoration.inline(from, to, { class: index === at ? 'hit now' : 'hit' }),
            ),
          );
        },
      },
    }),
  ],
});

function show(editor: Editor, asked: Partial<State>): { at: number; count: number } {
  editor.view.dispatch(editor.state.tr.setMeta(key, asked).setMeta('addToHistory', false));
  const { places, at } = key.getState(editor.state) ?? NOTHING;
  editor.view.dom.querySelector('.hit.now')?.scrollIntoView({ block: 'nearest' });
  return { at: places.length > 0 ? at + 1 : 0, count: places.length };
}

/** Marks every place with these words; the first behind the caret is meant. Says which of how many. */
export function find(editor: Editor, words: string): { at: number; count: number } {
  const places = placesOf(editor.state.doc, words);
  const next = places.findIndex(({ from }) => from >= editor.state.selection.from);
  return show(editor, { words, at: Math.max(0, next) });
}

/** Goes to the next place, or the one before. */
export function step(editor: Editor, by: 1 | -1): { at: number; count: number } {
  const { places, at } = key.getState(editor.state) ?? NOTHING;
  return show(editor, { at: places.length > 0 ? (at + by + places.length) % places.length : 0 });
}

/** Takes the marks away; what was meant is chosen, to be written over. */
export function leave(editor: Editor): void {
  const { places, at } = key.getState(editor.state) ?? NOTHING;
  const place = places[at];
  show(editor, NOTHING);
  if (place) editor.commands.setTextSelection(place);
  editor.view.focus();
}

const LETTER_BY_LETTER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** Chinese, Japanese and Korean letters one by one, and other words, as word processors here count them. */
export function countWords(text: string): number {
  const letters = text.match(LETTER_BY_LETTER)?.length ?? 0;
  const words = text.replace(LETTER_BY_LETTER, ' ').match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'\u2019._-]*/gu)?.length ?? 0;
  return letters + words;
}

/** Words of what is written, without the signature. */
export function wordsOf(editor: Editor): number {
  let text = '';
  editor.state.doc.descendants((node) => {
    if (node.type.name === 'signature') return false;
    if (node.isTextblock) text += `${node.textContent}\n`;
    return !node.isTextblock;
  });
  return countWords(text);
}
