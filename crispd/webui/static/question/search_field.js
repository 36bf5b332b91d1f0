// The field of words: while somebody types, the page follows.

import { call } from "../base/api.js";
import { icon, iconButton } from "../base/dom.js";
import { nameOf, t } from "../i18n.js";
import { Recent } from "./recent.js";
import { Suggest } from "./suggest.js";

const TYPING_MS = 170;

export class SearchField {
  /**
   * words: what a library is known to answer; choosePicture: the button of the camera.
   * @param {import("../base/router.js").Router} router
   * @param {{ words(): string[], choosePicture(): void }} on
   */
  constructor(router, { words, choosePicture }) {
    this.router = router;
    this.typing = false;
    /** @type {number | undefined} */
    this.pending = undefined;
    this.input = /** @type {HTMLInputElement} */ (document.getElementById("q"));
    Object.assign(this.input, { placeholder: t("search_hint"), value: router.place.asked.q ?? "" });
    this.input.setAttribute("aria-label", t("search_label"));
    const form = /** @type {HTMLFormElement} */ (this.input.form);
    form.append(icon("search"),
      iconButton("close", t("clear"), () => this.cleared(), { class: "round inside clear" }),
      iconButton("camera", t("by_picture"), choosePicture, { class: "round inside" }));
    this.recent = new Recent();
    this.suggest = new Suggest(this.input, {
      recent: this.recent,
      words: () => words().map((word) => ({ text: nameOf(word), word })),
      complete: (q, at, signal) => call(`/completions?q=${encodeURIComponent(q)}&at=${at}`, { signal }),
      onChoose: (q) => this.chosen(q),
    });
    form.addEventListener("submit", (event) => this.submitted(event));
    this.input.addEventListener("input", (event) => this.typed(/** @type {InputEvent} */ (event)));
    this.input.addEventListener("focus", () => (this.typing = false));
  }

  // The words of the place, unless somebody is typing others.
  draw() {
    if (document.activeElement !== this.input || !this.typing) this.input.value = this.router.place.asked.q ?? "";
  }

  get isOpen() {
    return !this.suggest.list.hidden;
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  // Nothing more is asked. What was typed stays in the address, for who comes back by it.
  stop() {
    clearTimeout(this.pending);
    this.suggest.close();
    const { place } = this.router;
    const q = this.input.value.trim();
    if (q === (place.asked.q ?? "")) return;
    this.router.note(place.asking({ q, like: null, copies: null, spelling: null }), { replace: true });
  }

  /** @param {InputEvent} event */
  typed(event) {
    if (event.isComposing) return;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.live(), TYPING_MS);
  }

  // While somebody types, one entry of the history follows the words.
  live() {
    clearTimeout(this.pending);
    const { place } = this.router;
    const q = this.input.value.trim();
    if (q === (place.asked.q ?? "") && place.view === "photos") return;
    const replace = this.typing;
    this.typing = true;
    this.router.go(place.with({ picture: null }).asking({ q, like: null, copies: null, spelling: null }), { replace });
  }

  /** @param {SubmitEvent} event */
  submitted(event) {
    event.preventDefault();
    this.live();
    this.typing = false;
    this.recent.add(this.input.value);
    this.suggest.close();
    this.input.blur();
  }

  cleared() {
    this.input.value = "";
    this.live();
    this.typing = false;
    this.input.focus();
  }

  /** @param {string} text */
  chosen(text) {
    this.input.value = text;
    this.recent.add(text);
    this.live();
    this.typing = false;
  }
}
