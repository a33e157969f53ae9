//! Words found in a mail's text: marked, counted, and gone through one by one. The marks stand in the frame's document
//! and are taken out again without a trace.

/** Marks beyond this are not made: nobody goes through them, and each costs layout. */
const MOST = 2000;

export class Found {
  #marks: HTMLElement[] = [];
  #at = -1;

  constructor(
    readonly frame: HTMLIFrameElement,
    readonly words: string,
  ) {
    const text = frame.contentDocument?.body;
    const wanted = words.toLowerCase();
    if (!text || wanted === '') return;
    const walker = frame.contentDocument.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node as Text);
    for (const node of nodes) {
      if (this.#marks.length >= MOST) break;
      this.#mark(node, wanted);
    }
  }

  #mark(node: Text, wanted: string): void {
    const said = node.data.toLowerCase();
    // A few letters change their length with their case: then places in the one are none in the other.
    if (said.length !== node.data.length) return;
    let rest = node;
    let from = 0;
    for (let at = said.indexOf(wanted); at >= 0 && this.#marks.length < MOST; at = said.indexOf(wanted, from)) {
      const hit = rest.splitText(at - from);
      rest = hit.splitText(wanted.length);
      const mark = node.ownerDocument.createElement('mark');
      mark.className = 'qy-hit';
      hit.replaceWith(mark);
      mark.append(hit);
      this.#marks.push(mark);
      from = at + wanted.length;
    }
  }

  get count(): number {
    return this.#marks.length;
  }

  /** Number of the mark that is looked at, from 1; 0 for none. */
  get at(): number {
    return this.#at + 1;
  }

  /** Goes on by so many marks, round and round, and brings the mark into view. */
  step(by: number): void {
    if (this.#marks.length === 0) return;
    this.#marks[this.#at]?.classList.remove('qy-now');
    this.#at = (this.#at + by + this.#marks.length) % this.#marks.length;
    if (this.#at < 0) this.#at = 0;
    const mark = this.#marks[this.#at];
    mark?.classList.add('qy-now');
    mark?.scrollIntoView({ block: 'center' });
  }

  /** Takes all marks out. */
  clear(): void {
    for (const mark of this.#marks) {
      const parent = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      parent?.normalize();
    }
    this.#marks = [];
    this.#at = -1;
  }
}
