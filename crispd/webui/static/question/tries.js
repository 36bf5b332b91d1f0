// What to try on the start page, out of the library itself: what the model surely sees in it, its
// fullest folders, the last years.

import { call } from "../base/api.js";
import { h, icon } from "../base/dom.js";
import { Place, valueOf } from "../base/place.js";
import { nameOf, t } from "../i18n.js";

const WORDS_AGAIN_MS = 1200;
const QUESTIONS = 3;
const MOST_TRIED = 8;
const FOLDERS_TRIED = 3;
const YEARS_TRIED = 2;
const CAMERAS_TRIED = 1;

export class Tries {
  /**
   * changed: what the library has is known now.
   * @param {import("../base/router.js").Router} router
   * @param {{ changed(): void }} on
   */
  constructor(router, on) {
    this.router = router;
    this.on = on;
    /** @type {import("../base/types.js").Known | null} */
    this.suggested = null;
    this.drawn = "";
    /** @type {Try[]} */
    this.questions = [];
    /** @type {number | undefined} */
    this.asking = undefined;
    this.stopped = false;
    this.element = h("div", { class: "tries", role: "group", "aria-label": t("try") });
  }

  async fetch() {
    clearTimeout(this.asking);
    try {
      const [suggested, rated] = await Promise.all([call("/suggestions"), call("/search?rating=1&limit=1")]);
      this.suggested = { ...suggested, rated: rated.considered > 0 };
      this.questions = await proven(suggested);
    } catch {
      return; // the page is whole without them
    }
    this.draw();
    this.on.changed();
    if (!this.suggested?.complete && !this.stopped) this.asking = setTimeout(() => this.fetch(), WORDS_AGAIN_MS);
  }

  // For good: a stranger is told nothing.
  stop() {
    this.stopped = true;
    clearTimeout(this.asking);
  }

  draw() {
    const { isHome } = this.router.place;
    this.element.hidden = !isHome;
    const tries = isHome && this.suggested ? [...this.questions, ...triesOf(this.suggested)] : [];
    const key = JSON.stringify(tries);
    if (key === this.drawn) return;
    this.drawn = key;
    this.element.replaceChildren(...(tries.length ? [h("span", {}, t("try"))] : []),
      ...tries.map(({ text, asked, kind }) => h("button", { type: "button", class: "chip", onclick: () => this.router.go(new Place({ asked })) },
        kind ? icon(kind) : null, h("span", {}, text))));
  }
}

/**
 * Questions of two parts each, which have photos here: whoever opens the page for the first time
 * sees what can be asked of this library.
 * @param {import("../base/types.js").SuggestionsResponse} suggested
 */
async function proven({ people, places, years, keywords }) {
  const [person, place, year, keyword] = [people, places, years, keywords].map(([first]) => first?.value);
  /** @type {(Try | null)[]} */
  const candidates = [
    person && place ? { text: t("try_in", { what: person, place }), asked: { person, place }, kind: "person" } : null,
    place && year ? { text: t("try_year", { what: place, year }), asked: { place, ...ofYear(year) }, kind: "place" } : null,
    person && year ? { text: t("try_year", { what: person, year }), asked: { person, ...ofYear(year) }, kind: "person" } : null,
    keyword && place ? { text: t("try_in", { what: keyword, place }), asked: { keyword, place }, kind: "keyword" } : null,
    keyword && year ? { text: t("try_year", { what: keyword, year }), asked: { keyword, ...ofYear(year) }, kind: "keyword" } : null,
  ];
  /** @type {Try[]} */
  const found = [];
  for (const candidate of candidates) {
    if (!candidate || found.length === QUESTIONS) continue;
    const { considered } = await call(`/search?${new URLSearchParams({ ...candidate.asked, limit: "1" })}`);
    if (considered) found.push(candidate);
  }
  return found;
}

/** @param {string} year */
const ofYear = (year) => ({ after: `${year}-01-01`, before: `${Number(year) + 1}-01-01` });

/**
 * @typedef {{ text: string, asked: import("../base/place.js").Asked, kind: string | null }} Try
 * @param {import("../base/types.js").SuggestionsResponse} suggested
 * @returns {Try[]}
 */
function triesOf(suggested) {
  const lastName = (/** @type {string} */ path) => path.split("/").at(-1) ?? path;
  const named = suggested.folders.filter(({ value }) => !/^\d+$/.test(lastName(value))).slice(0, FOLDERS_TRIED);
  const folders = named.map(({ value }) => ({ text: lastName(value), asked: { folder: value }, kind: "folder" }));
  const years = suggested.years.slice(0, YEARS_TRIED).map(({ value }) => ({
    text: value, asked: ofYear(value), kind: "date",
  }));
  const cameras = suggested.cameras.slice(0, CAMERAS_TRIED).map(({ value }) => ({ text: value, asked: { camera: valueOf("camera", value) }, kind: "camera" }));
  const words = suggested.words.slice(0, MOST_TRIED).map((word) => ({ text: nameOf(word), asked: { q: word }, kind: null }));
  return [...words, ...folders, ...years, ...cameras];
}
