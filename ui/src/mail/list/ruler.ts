//! Where rows stand, in pixels of the whole list, however long it is.

/** Rows of one height, and headings above some of them. */
export class Ruler {
  /**
   * `marks`: indices of the rows that have a heading above, in order.
   */
  constructor(
    readonly count: number,
    readonly row: number,
    readonly marks: readonly number[] = [],
    readonly heading = 0,
  ) {}

  get height(): number {
    return this.count * this.row + this.marks.length * this.heading;
  }

  /** How many marks are smaller than `index`. */
  #before(index: number): number {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.marks[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  isMarked(index: number): boolean {
    return this.marks[this.#before(index)] === index;
  }

  /** Where a row begins, below its heading. */
  top(index: number): number {
    return index * this.row + this.#before(index + 1) * this.heading;
  }

  /** Where a row begins with its heading, if it has one. */
  start(index: number): number {
    return index * this.row + this.#before(index) * this.heading;
  }

  /** The row that stands at `y`, or whose heading does. */
  at(y: number): number {
    let low = 0;
    let high = Math.max(0, this.count - 1);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.start(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
