// Justified rows: every photo in its own proportions, every row as wide as the page.

const NARROWEST = 0.45;
const WIDEST = 3.2;

/** @param {import("./results.js").Hit} hit */
export const proportion = (hit) =>
  Math.min(WIDEST, Math.max(NARROWEST, hit.width && hit.height ? hit.width / hit.height : 1));

/**
 * How tall rows want to be: three or so photos across a phone, more on larger screens.
 * @param {number} width
 */
export function rowHeight(width) {
  if (width < 480) return Math.max(96, width / 3);
  return Math.min(640, Math.max(150 + width * 0.055, width * 0.12));
}

/**
 * What stands above a photo that comes after another, to be written later; null for nothing.
 * @typedef {import("./results.js").Hit} Hit
 * @typedef {(hit: Hit, before: Hit | undefined) => (() => string) | null} HeadOf
 * @typedef {{ start: number, end: number, top: number, height: number, open: boolean }} Row
 */

export class Layout {
  /**
   * @param {number} width
   * @param {{ gap?: number, headHeight?: number, headOf?: HeadOf }} [options]
   */
  constructor(width, { gap = 4, headHeight = 56, headOf = () => null } = {}) {
    this.width = width;
    this.gap = gap;
    this.headHeight = headHeight;
    this.headOf = headOf;
    this.target = rowHeight(width);
    /** @type {Row[]} */
    this.rows = [];
    /** @type {{ at: number, top: number, text: () => string }[]} */
    this.heads = [];
    this.height = 0;
    this.count = 0;
  }

  /**
   * Lay out what was added; the last row is laid out again while more is to come.
   * @param {Hit[]} hits
   * @param {boolean} complete
   */
  extend(hits, complete) {
    const row = this.rows.at(-1);
    if (row?.open) {
      this.rows.pop();
      this.height = row.top;
      this.count = row.start;
    }
    while (this.count < hits.length) this.addRow(hits, complete);
  }

  /**
   * @param {Hit[]} hits
   * @param {boolean} complete
   */
  addRow(hits, complete) {
    const start = this.count;
    const head = this.headOf(hits[start], hits[start - 1]);
    if (head !== null) {
      let known = this.heads.find(({ at }) => at === start);
      if (!known) this.heads.push((known = { at: start, top: this.height, text: head }));
      this.height = known.top + this.headHeight;
    }
    let sum = 0;
    let end = start;
    let full = false;
    while (end < hits.length && !full) {
      if (end > start && this.headOf(hits[end], hits[end - 1]) !== null) break;
      sum += proportion(hits[end]);
      end += 1;
      full = (this.width - this.gap * (end - start - 1)) / sum <= this.target;
    }
    const space = this.width - this.gap * (end - start - 1);
    const height = full ? space / sum : Math.min(this.target, space / sum);
    const open = !full && end === hits.length && !complete;
    this.rows.push({ start, end, top: this.height, height, open });
    this.height += height + this.gap;
    this.count = end;
  }

  /**
   * The first row that ends below a line.
   * @param {number} top
   */
  rowAt(top) {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].top + this.rows[middle].height < top) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {number} index */
  rowOf(index) {
    let low = 0;
    let high = this.rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].end <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
