// What the field proposes while somebody types: earlier searches, and what the library has for the
// words before the caret.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const KEPT = "crispd.recent";
const MOST_KEPT = 12;
const MOST_SHOWN = 8;
const MOST_RECENT = 3; // of them, beside others
const PAUSE_MS = 90;
const ICONS = { word: "search", name: "type" };

export class Recent {
  get all() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? [];
    } catch {
      return [];
    }
  }

  add(text) {
    const words = text.trim();
    if (words.length < 2) return;
    this.keep([words, ...this.without(words)].slice(0, MOST_KEPT));
  }

  remove(text) {
    this.keep(this.without(text));
  }

  without(text) {
    return this.all.filter((known) => known.toLowerCase() !== text.toLowerCase());
  }

  keep(texts) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(texts));
    } catch {
      // a browser that keeps nothing
    }
  }
}

// The pattern of a combobox with a list (WAI-ARIA APG): the focus stays in the field.
export class Suggest {
  // recent: a Recent; words(): [{text, word}], text as this language has it; complete(q, at, signal):
  // what the service offers for a box; onChoose(q)
  constructor(field, { recent, words, complete, onChoose }) {
    Object.assign(this, { field, recent, words, complete, onChoose, at: -1, items: [] });
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
      const at = Number(event.target.closest("li")?.dataset.at);
      if (event.target.closest(".forget")) this.forget(at);
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
      const at = [...value.slice(0, selectionStart)].length; // characters, not UTF-16 units
      const { completions } = await this.complete(value, at, this.asking.signal);
      if (value === this.field.value) this.show(completions);
    } catch {
      // the earlier searches are there without it
    }
  }

  // With those that this device knows; each once.
  show(completions) {
    const written = this.field.value.trim().toLowerCase();
    const fits = (text) => ` ${text}`.toLowerCase().includes(` ${written}`);
    const recent = this.recent.all.filter(fits).map((text) => ({ text, q: text, kind: "recent" }));
    const all = [...(written ? recent.slice(0, MOST_RECENT) : recent), ...this.known(), ...completions];
    const seen = new Set([written]);
    const isNew = ({ q }) => !seen.has(q.toLowerCase()) && seen.add(q.toLowerCase());
    this.items = all.filter(isNew).slice(0, MOST_SHOWN);
    this.at = -1;
    this.draw();
  }

  // Words that find something, for the one before the caret.
  known() {
    const { value, selectionStart } = this.field;
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

  aside({ kind, text, count }) {
    if (kind === "recent") return [h("button", { type: "button", class: "forget", tabIndex: -1, title: t("forget", { text }) }, icon("close"))];
    const said = [kind === "word" ? "" : t(`field_${kind}`), count ? t("photos", { n: count }) : ""];
    return [h("small", {}, said.filter(Boolean).join(" · "))];
  }

  forget(at) {
    this.recent.remove(this.items[at].text);
    this.update();
  }

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
