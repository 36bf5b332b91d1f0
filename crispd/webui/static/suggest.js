// What the field proposes while somebody types: earlier searches, and what the library holds.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const KEPT = "crispd.recent";
const MOST_KEPT = 12;
const MOST_SHOWN = 7;

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
    const others = this.all.filter((known) => known.toLowerCase() !== words.toLowerCase());
    try {
      localStorage.setItem(KEPT, JSON.stringify([words, ...others].slice(0, MOST_KEPT)));
    } catch {
      // a browser that keeps nothing
    }
  }
}

// The pattern of a combobox with a list (WAI-ARIA APG): the focus stays in the field.
export class Suggest {
  // choices(): [{text, kind, count, asks}], where asks is what is searched for if that is not the
  // text; onChoose(text)
  constructor(field, { choices, onChoose }) {
    Object.assign(this, { field, choices, onChoose, at: -1, items: [] });
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
      const item = event.target.closest("li");
      if (item) this.choose(Number(item.dataset.at));
    });
  }

  update() {
    const written = this.field.value.trim().toLowerCase();
    const fits = (choice) => {
      const text = choice.text.toLowerCase();
      return text !== written && (text.startsWith(written) || text.includes(` ${written}`) || text.includes(`:${written}`));
    };
    this.items = this.choices().filter(fits).slice(0, MOST_SHOWN);
    this.at = -1;
    this.draw();
  }

  draw() {
    const open = this.items.length > 0 && document.activeElement === this.field;
    this.list.replaceChildren(...this.items.map((choice, at) =>
      h("li", { role: "option", id: `suggestion-${at}`, "data-at": at, "aria-selected": String(at === this.at) },
        icon(choice.kind), h("span", {}, choice.text),
        choice.count ? h("small", {}, t("photos", { n: choice.count })) : null)));
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    if (open && this.at >= 0) this.field.setAttribute("aria-activedescendant", `suggestion-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
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
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.choose(this.at);
    }
  }

  choose(at) {
    const { text, asks = text } = this.items[at];
    this.close();
    this.onChoose(asks);
  }

  close() {
    this.items = [];
    this.at = -1;
    this.draw();
  }
}
