// Earlier searches, kept by this browser alone.

const KEPT = "crispd.recent";
const MOST_KEPT = 12;

export class Recent {
  /** @returns {string[]} */
  get all() {
    try {
      return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    } catch {
      return [];
    }
  }

  /** @param {string} text */
  add(text) {
    const words = text.trim();
    if (words.length < 2) return;
    this.keep([words, ...this.without(words)].slice(0, MOST_KEPT));
  }

  /** @param {string} text */
  remove(text) {
    this.keep(this.without(text));
  }

  /** @param {string} text */
  without(text) {
    return this.all.filter((known) => known.toLowerCase() !== text.toLowerCase());
  }

  /** @param {string[]} texts */
  keep(texts) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(texts));
    } catch {
      // a browser that keeps nothing
    }
  }
}
