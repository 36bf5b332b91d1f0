// The row of chips: filters to choose, filters that hold, and what the service read in the words.

import FILTERS from "../filter_list.js";
import { h, icon } from "../base/dom.js";
import { shownValue, valueOf } from "../base/place.js";
import { formatTaken, t, told } from "../i18n.js";
import { meaning } from "./meaning.js";
import { openSheet } from "../base/sheet.js";

const KINDS = ["date", "folder", "type", "camera"];
// Many libraries have none: they are known a moment later, and stand last so that nothing moves.
const LATER_KINDS = ["place", "person", "rating"];
/** @type {Record<string, "folders" | "types" | "cameras" | "places" | "people">} */
const FACETS = { folder: "folders", type: "types", camera: "cameras", place: "places", person: "people" };
const DATED = new Set(["date", "after", "before", "month"]); // their meaning says what they are
const RATINGS = ["1", "2", "3", "4", "5"];
const LONG_LIST = 12;

/**
 * @typedef {import("../base/place.js").Asked} Asked
 * @typedef {import("../base/place.js").Changes} Changes
 * @typedef {import("../base/place.js").Place} Place
 * @typedef {import("../base/types.js").Interpreted} Interpreted
 * @typedef {import("../base/types.js").Choice} Choice
 * @typedef {import("../answers/results.js").About} About
 * @typedef {{ url: string }} Picture
 * @typedef {{ value: string, count: number | null }} Offer nobody counts stars
 */

export class Filters {
  /**
   * ask: search with other parameters; facets: what /suggestions said.
   * @param {{
   *   ask(changes: Changes, place?: Partial<Place>): void,
   *   facets(): import("../base/types.js").Known | null,
   *   place(): Place,
   * }} parts
   */
  constructor({ ask, facets, place }) {
    this.ask = ask;
    this.facets = facets;
    this.place = place;
    this.element = h("div", { class: "chips", role: "group", "aria-label": t("filters") });
  }

  /**
   * folds: whether copies are folded in what is shown.
   * @param {About | null} about
   * @param {Picture | null} picture
   * @param {boolean} [folds]
   */
  draw(about, picture, folds = false) {
    const { asked } = this.place();
    const focused = document.activeElement?.getAttribute("data-chip");
    this.element.replaceChildren(...(asked.copies ? [this.removable("copies", t("copies", { n: about?.considered ?? 0 }), () => this.ask({ copies: null }))] : [
      ...(picture ? [pictureChip(picture, () => this.ask({}, { picture: null }))] : []),
      ...(asked.like ? [this.removable("like", t("like_chip"), () => this.ask({ like: null }))] : []),
      ...(about?.interpreted ?? []).map((part, at) => this.understood(part, at)),
      ...KINDS.map((kind) => this.chooser(kind, asked)),
      ...Object.keys(asked).filter((name) => OTHERS.has(name)).map((name) =>
        this.removable(name, otherText(name, asked[name]), () => this.ask({ [name]: null }))),
      this.sorter(asked, about),
      ...(folds || asked.group ? [this.folding(asked)] : []),
      ...LATER_KINDS.filter((kind) => this.isOffered(kind, asked)).map((kind) => this.chooser(kind, asked))]));
    if (!focused) return;
    const again = this.element.querySelector(`[data-chip="${CSS.escape(focused)}"]`);
    if (again instanceof HTMLElement) again.focus();
  }

  /**
   * @param {string} name
   * @param {string} text
   * @param {() => void} remove
   */
  removable(name, text, remove) {
    return h("button", { type: "button", class: "chip on", "data-chip": name, "aria-label": t("remove_filter", { name: text }), onclick: remove },
      h("span", {}, text), icon("close"));
  }

  /**
   * A part of the words that is more than words; without it the rest means the same.
   * @param {Interpreted} part
   * @param {number} at
   */
  understood(part, at) {
    const { asked } = this.place();
    const value = meaning(part);
    const named = DATED.has(part.field) ? value : t("labelled", { name: fieldName(part.field), value });
    const text = part.negated && part.field !== "without" ? `${t("not")} ${named}` : named;
    const chip = this.removable(`part-${at}`, text, () => {
      const letters = [...(asked.q ?? "")]; // start and end count characters, not UTF-16 units
      const rest = [...letters.slice(0, part.start), ...letters.slice(part.end)].join("");
      this.ask({ q: rest.replace(/\s+/g, " ").trim() });
    });
    chip.classList.add("understood");
    chip.title = part.written;
    return chip;
  }

  /**
   * @param {string} kind
   * @param {Asked} asked
   */
  isOffered(kind, asked) {
    return asked[kind] || this.found(kind).length > 0;
  }

  /**
   * @param {string} kind
   * @returns {Offer[]}
   */
  found(kind) {
    const facets = this.facets();
    if (kind === "rating") return (facets?.rated ? RATINGS : []).map((value) => ({ value, count: null }));
    return facets?.[FACETS[kind]] ?? [];
  }

  /**
   * @param {string} kind
   * @param {Asked} asked
   */
  chooser(kind, asked) {
    const value = kind === "date" ? dateText(asked) : kind === "rating" ? asked.rating && starsText(asked.rating) : asked[kind] && shownValue(kind, asked[kind]);
    const clear = kind === "date" ? { after: null, before: null } : { [kind]: null };
    if (value) return this.removable(kind, t("labelled", { name: t(kind), value }), () => this.ask(clear));
    return h("button", { type: "button", class: "chip", "data-chip": kind, "aria-haspopup": "dialog", onclick: () => this.choose(kind) },
      icon(kind), h("span", {}, t(kind)));
  }

  /**
   * @param {Asked} asked
   * @param {About | null} about
   */
  sorter(asked, about) {
    const words = (about ? about.searched : asked.q) || asked.like || this.place().picture !== null;
    const options = [...(words ? ["relevance"] : []), ...(about?.near ? ["distance"] : []), "newest", "oldest"];
    const now = asked.sort ?? about?.sort ?? options[0];
    /** @type {HTMLSelectElement} */
    const select = h("select", { "data-chip": "sort", "aria-label": t("sort"), onchange: () => this.ask({ sort: select.value === options[0] ? null : select.value }) },
      options.map((name) => h("option", { value: name, selected: name === now }, t(`sort_${name}`))));
    return h("label", { class: "chip select" }, icon("sort"), select);
  }

  /** @param {Asked} asked */
  folding({ group }) {
    if (group) return this.removable("group", t("every_copy"), () => this.ask({ group: null }));
    return h("button", { type: "button", class: "chip", "data-chip": "group", onclick: () => this.ask({ group: "none" }) },
      icon("copies"), h("span", {}, t("every_copy")));
  }

  /** @param {string} kind */
  choose(kind) {
    if (kind === "date") return this.chooseDate();
    const found = this.found(kind);
    /** @type {HTMLInputElement} */
    const narrow = h("input", { type: "search", class: "narrow", "aria-label": t("narrow"), placeholder: t("narrow"), oninput: () => draw(narrow.value) });
    const list = h("ul", { class: "options" });
    const sheet = openSheet(t(kind),
      found.length > LONG_LIST ? narrow : null,
      found.length ? list : h("p", {}, t("nothing_to_choose")));
    const draw = (text = "") => {
      const fits = found.filter((item) => item.value.toLowerCase().includes(text.toLowerCase()));
      list.replaceChildren(...fits.map((item) => this.option(sheet, item, { [kind]: valueOf(kind, item.value) })));
    };
    draw();
    return sheet;
  }

  /**
   * @param {HTMLDialogElement} sheet
   * @param {Offer} item
   * @param {Changes} changes
   */
  option(sheet, item, changes) {
    const take = () => {
      sheet.close();
      this.ask(changes);
    };
    return h("li", {}, h("button", { type: "button", class: "option", onclick: take },
      h("span", {}, item.count === null ? starsText(item.value) : item.value), item.count !== null && h("small", {}, t("photos", { n: item.count }))));
  }

  chooseDate() {
    const { asked } = this.place();
    const from = h("input", { type: "date", value: (asked.after ?? "").slice(0, 10) });
    const to = h("input", { type: "date", value: (asked.before ?? "").slice(0, 10) });
    const form = h("form", { class: "dates", onsubmit: (event) => {
      event.preventDefault();
      sheet.close();
      this.ask({ after: from.value || null, before: to.value ? dayAfter(to.value) : null });
    } },
      h("label", {}, t("from"), from), h("label", {}, t("until"), to),
      h("button", { class: "primary" }, t("apply")));
    const years = this.facets()?.years ?? [];
    const list = h("ul", { class: "options years" });
    /** @type {HTMLDialogElement} */
    const sheet = openSheet(t("date"), list, form);
    list.append(...years.map((item) =>
      this.option(sheet, item, { after: `${item.value}-01-01`, before: `${Number(item.value) + 1}-01-01` })));
    return sheet;
  }
}

// Those without a chooser: chips that can only be removed.
const CHOSEN = new Set([...KINDS, ...LATER_KINDS, "after", "before"]);
const OTHERS = new Set([...FILTERS.map(({ name }) => name).filter((name) => !CHOSEN.has(name)), "min_relevance", "spelling"]);

/**
 * A filter that this language has no word for is told by its name.
 * @param {string} field
 */
const fieldName = (field) => told("field", field, FILTERS.find(({ name }) => name === field)?.label ?? field);

/** @param {string} rating */
const starsText = (rating) => (rating === "5" ? "★★★★★" : t("stars_or_more", { n: Number(rating) }));

/** @type {Record<string, string>} */
const NUMBERS = { min_width: "at_least_wide", min_height: "at_least_high", min_megapixels: "at_least_megapixels" };

/**
 * @param {string} name
 * @param {string} value
 */
function otherText(name, value) {
  if (name === "min_relevance") return value === "all" ? t("show_all_chip") : t(value === "likely" ? "likely" : "maybe");
  if (name === "spelling") return t("as_written_chip");
  if (NUMBERS[name]) return t(NUMBERS[name], { n: Number(value) });
  return t("labelled", { name: fieldName(name), value: value.split(",").map((one) => told("value", one, one)).join(", ") });
}

/**
 * @param {Picture} picture
 * @param {() => void} remove
 */
function pictureChip(picture, remove) {
  return h("button", { type: "button", class: "chip on picture", "data-chip": "picture", "aria-label": t("remove_filter", { name: t("your_picture") }), onclick: remove },
    h("img", { src: picture.url, alt: "" }), h("span", {}, t("your_picture")), icon("close"));
}

/** @param {string} day */
const dayAfter = (day) => new Date(Date.parse(`${day}T00:00:00Z`) + 86400000).toISOString().slice(0, 10);
/** @param {string} day */
const dayBefore = (day) => new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) - 86400000).toISOString().slice(0, 10);

/** @param {Asked} asked */
function dateText({ after, before }) {
  if (!after && !before) return null;
  const whole = after?.match(/^(\d{4})-01-01$/);
  if (whole && before === `${Number(whole[1]) + 1}-01-01`) return whole[1];
  const day = (/** @type {string} */ text) => (/^\d{4}-\d\d-\d\d/.test(text) ? formatTaken(text.slice(0, 10) + "T00:00:00", "day") : text);
  if (!before) return t("since", { day: day(after ?? "") });
  const last = /^\d{4}-\d\d-\d\d/.test(before) ? day(dayBefore(before)) : before;
  return after ? `${day(after)} – ${last}` : t("up_to", { day: last });
}
