// What the field proposes while somebody types: earlier searches, and what the library has for the
// words before the caret.

import { closest, h, icon } from "../base/dom.js";
import { t } from "../i18n.js";

const MOST_SHOWN = 8;
const MOST_RECENT = 3; // of them, beside others
const PAUSE_MS = 90;
/** @type {Record<string, string>} */
const ICONS = { word: "search", name: "type" };

/**
 * @typedef {import("../base/types.js").CompletionItem} CompletionItem
 * @typedef {{ text: string, q: string, kind: string, count?: number | null }} Offer
 */

// The pattern of a combobox with a list (WAI-ARIA APG): the focus stays in the field.
export class Suggest {
  /**
   * words: text as this language has it; complete: what the service offers for a box.
   * @param {HTMLInputElement} field
   * @param {{
   *   recent: import("./recent.js").Recent,
   *   words(): { text: string, word: string }[],
   *   complete(q: string, at: number, signal: AbortSignal): Promise<{ completions: CompletionItem[] }>,
   *   onChoose(q: string): void,
   * }} parts
   */
  constructor(field, { recent, words, complete, onChoose }) {
    this.field = field;
    this.recent = recent;
    this.words = words;
    this.complete = complete;
    this.onChoose = onChoose;
    this.at = -1;
    /** @type {Offer[]} */
    this.items = [];
    /** @type {AbortController | undefined} */
    this.asking = undefined;
    /** @type {number | undefined} */
    this.pausing = undefined;
    this.list = h("ul", { class: "suggestions", id: "suggestions", role: "listbox", "aria-label": t("suggestions"), hidden: true });
    field.after(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "suggestions"]]) {
      field.setAttribute(name, value);
    }
    field.addEventListener("input", () => this.update());
    field.addEventListener("focus", () => this.update());
    field.addEventListener("blur", () => this.close());
    field.addEventListener("keydown", (event) => this.pressed(event));
    // before the field loses the focus
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const at = Number(closest(event, "li")?.dataset.at);
      if (closest(event, ".forget")) this.forget(at);
      else if (this.items[at]) this.choose(at);
    });
  }

  update() {
    this.asking?.abort();
    clearTimeout(this.pausing);
    this.show([]);
    if (this.field.value.trim()) this.pausing = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const { value, selectionStart } = this.field;
    this.asking = new AbortController();
    try {
      const at = [...value.slice(0, selectionStart ?? undefined)].length; // characters, not UTF-16 units
      const { completions } = await this.complete(value, at, this.asking.signal);
      if (value === this.field.value) this.show(completions);
    } catch {
      // the earlier searches are there without it
    }
  }

  /**
   * With those that this device knows; each once.
   * @param {CompletionItem[]} completions
   */
  show(completions) {
    const written = this.field.value.trim().toLowerCase();
    const fits = (/** @type {string} */ text) => ` ${text}`.toLowerCase().includes(` ${written}`);
    const recent = this.recent.all.filter(fits).map((text) => ({ text, q: text, kind: "recent" }));
    const all = [...(written ? recent.slice(0, MOST_RECENT) : recent), ...this.known(), ...completions];
    const seen = new Set([written]);
    const isNew = (/** @type {Offer} */ { q }) => !seen.has(q.toLowerCase()) && seen.add(q.toLowerCase());
    this.items = all.filter(isNew).slice(0, MOST_SHOWN);
    this.at = -1;
    this.draw();
  }

  /**
   * Words that find something, for the one before the caret.
   * @returns {Offer[]}
   */
  known() {
    const { value } = this.field;
    const selectionStart = this.field.selectionStart ?? value.length;
    const before = value.slice(0, selectionStart).replace(/\S*$/, "");
    const begun = value.slice(before.length, selectionStart).toLowerCase();
    if (value && !begun) return [];
    const rest = value.slice(selectionStart).replace(/^\S*/, "");
    return this.words().filter(({ text }) => ` ${text}`.toLowerCase().includes(` ${begun}`))
      .map(({ text, word }) => ({ text, q: `${before}${word}${rest}`, kind: "word" }));
  }

  draw() {
    const open = this.items.length > 0 && document.activeElement === this.field;
    this.list.replaceChildren(...this.items.map((choice, at) =>
      h("li", { role: "option", id: `suggestion-${at}`, "data-at": at, "aria-selected": String(at === this.at) },
        icon(ICONS[choice.kind] ?? choice.kind), h("span", {}, choice.text), ...this.aside(choice))));
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    if (open && this.at >= 0) this.field.setAttribute("aria-activedescendant", `suggestion-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  /** @param {Offer} offer */
  aside({ kind, text, count }) {
    if (kind === "recent") return [h("button", { type: "button", class: "forget", tabIndex: -1, title: t("forget", { text }) }, icon("close"))];
    const said = [kind === "word" ? "" : t(`field_${kind}`), count ? t("photos", { n: count }) : ""];
    return [h("small", {}, said.filter(Boolean).join(" · "))];
  }

  /** @param {number} at */
  forget(at) {
    this.recent.remove(this.items[at].text);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.items.length) {
      event.preventDefault();
      const count = this.items.length;
      const by = event.key === "ArrowDown" ? 1 : -1;
      this.at = this.at < 0 && by < 0 ? count - 1 : (this.at + by + count + 1) % (count + 1);
      if (this.at === count) this.at = -1;
      this.draw();
    } else if (event.key === "Delete" && event.shiftKey && this.items[this.at]?.kind === "recent") {
      event.preventDefault();
      this.forget(this.at);
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.choose(this.at);
    }
  }

  /** @param {number} at */
  choose(at) {
    const { q } = this.items[at];
    this.close();
    this.onChoose(q);
  }

  close() {
    this.asking?.abort();
    clearTimeout(this.pausing);
    this.items = [];
    this.at = -1;
    this.draw();
  }
}
