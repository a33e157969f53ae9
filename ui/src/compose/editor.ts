//! The editor: what a mail's text may be made of. Whatever is pasted becomes that.

import { Editor, Extension, Node, mergeAttributes } from '@tiptap/core';
import { TableKit } from '@tiptap/extension-table';
import TextAlign from '@tiptap/extension-text-align';
import { BackgroundColor, Color, FontFamily, FontSize, TextStyle } from '@tiptap/extension-text-style';
import { Placeholder } from '@tiptap/extensions';
import StarterKit from '@tiptap/starter-kit';
import { cleaned } from './cleaned';
import { Finding } from './finding';

export interface Hooks {
  placeholder: string;
  changed(): void;
  /** Ctrl-Enter. */
  send(): void;
  /** Files that were pasted or dropped; pictures stand in the text where `shown` is called with their id. */
  files(files: File[], shown: (cid: string) => void): void;
  /** The `data:` address of a picture of the draft. */
  picture(cid: string): Promise<string | null>;
}

/** A paragraph that keeps the distance that mail programs keep. */
const Signature = Node.create({
  name: 'signature',
  group: 'block',
  content: 'block+',
  defining: true,
  parseHTML: () => [{ tag: 'div[data-signature]' }],
  renderHTML: ({ HTMLAttributes }) => ['div', mergeAttributes(HTMLAttributes, { 'data-signature': '1' }), 0],
});

/** A picture of the draft's own files. Pictures of the network are not taken: they would be asked for, and tell. */
function pictures(hooks: Hooks) {
  return Node.create({
    name: 'picture',
    group: 'inline',
    inline: true,
    draggable: true,
    addAttributes: () => ({
      cid: { default: null, rendered: false, parseHTML: (element) => element.getAttribute('src')?.slice(4) ?? null },
      width: { default: null },
      alt: { default: '' },
    }),
    parseHTML: () => [{ tag: 'img[src^="cid:"]' }],
    renderHTML: ({ node, HTMLAttributes }) => [
      'img',
      mergeAttributes(HTMLAttributes, { src: `cid:${node.attrs['cid'] as string}`, style: 'max-width:100%' }),
    ],
    addNodeView() {
      return ({ node }) => {
        const dom = document.createElement('img');
        dom.alt = (node.attrs['alt'] as string) || '';
        dom.className = 'picture';
        if (node.attrs['width']) dom.width = Number(node.attrs['width']);
        void hooks.picture(node.attrs['cid'] as string).then((data) => {
          if (data) dom.src = data;
        });
        return { dom };
      };
    },
  });
}

/** Puts a signature in the place of the one that is there, or below what is written. */
export function sign(editor: Editor, html: string): void {
  let range: { from: number; to: number } | null = null;
  editor.state.doc.descendants((node, from) => {
    if (node.type.name === 'signature') range = { from, to: from + node.nodeSize };
    return node.type.name !== 'signature';
  });
  const place = range as { from: number; to: number } | null;
  const { head } = editor.state.selection;
  if (place && html) editor.commands.insertContentAt(place, html, { updateSelection: false });
  else if (place) editor.commands.deleteRange(place);
  else if (html) editor.commands.insertContentAt(editor.state.doc.content.size, html, { updateSelection: false });
  if (head <= editor.state.doc.content.size) editor.commands.setTextSelection(head);
}

/** Shows another picture in the place of one. */
export function swap(editor: Editor, cid: string, by: string): void {
  const { tr, doc } = editor.state;
  doc.descendants((node, at) => {
    if (node.type.name === 'picture' && node.attrs['cid'] === cid) {
      // A new node: the old one's view shows what it showed.
      tr.replaceWith(at, at + node.nodeSize, node.type.create({ ...node.attrs, cid: by }));
    }
  });
  if (tr.docChanged) editor.view.dispatch(tr);
}

export function createEditor(element: HTMLElement, html: string, hooks: Hooks): Editor {
  const takes = (data: DataTransfer | null, at: number | null): boolean => {
    const files = [...(data?.files ?? [])];
    if (files.length === 0) return false;
    hooks.files(files, (cid) => {
      const chain = editor.chain();
      const node = { type: 'picture', attrs: { cid } };
      if (at === null) chain.insertContent(node).run();
      else chain.insertContentAt(at, node).run();
    });
    return true;
  };
  const editor = new Editor({
    element,
    content: html,
    extensions: [
      StarterKit.configure({
        heading: { levels: [1, 2, 3] },
        link: {
          openOnClick: false,
          autolink: true,
          defaultProtocol: 'https',
          protocols: ['http', 'https', 'mailto', 'tel'],
        },
        codeBlock: false,
        dropcursor: { color: 'var(--accent)', width: 2 },
      }),
      TextStyle,
      Color,
      BackgroundColor,
      FontFamily,
      FontSize,
      TextAlign.configure({ types: ['paragraph', 'heading'], alignments: ['left', 'center', 'right', 'justify'] }),
      TableKit.configure({ table: { resizable: false, HTMLAttributes: { style: 'border-collapse:collapse' } } }),
      Placeholder.configure({ placeholder: hooks.placeholder }),
      Signature,
      Finding,
      pictures(hooks),
      Extension.create({
        name: 'sending',
        addKeyboardShortcuts: () => ({
          'Mod-Enter': ({ editor }) => {
            // Enter confirms a candidate of the input method, whatever stands beside it.
            if (editor.view.composing) return false;
            hooks.send();
            return true;
          },
        }),
      }),
    ],
    editorProps: {
      attributes: {
        class: 'words',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': hooks.placeholder,
        spellcheck: 'true',
      },
      transformPastedHTML: cleaned,
      handlePaste: (_view, event) => {
        const data = event.clipboardData;
        // Office puts a picture of its text beside the text.
        const words = data?.types.includes('text/html') === true || data?.types.includes('text/rtf') === true;
        return words ? false : takes(data, null);
      },
      handleDrop: (view, event, _slice, moved) => {
        if (moved) return false;
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? null;
        return takes(event.dataTransfer, at);
      },
    },
    onUpdate: () => hooks.changed(),
  });
  return editor;
}
