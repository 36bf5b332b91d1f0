// The row of chips: filters to choose, filters that hold, and what the service read in the words.

import FILTERS from "./filter_list.js";
import { h, icon } from "./dom.js";
import { formatTaken, t, told } from "./i18n.js";
import { meaning } from "./meaning.js";
import { openSheet } from "./sheet.js";

const KINDS = ["date", "folder", "type", "camera", "place", "person"];
const FACETS = { folder: "folders", type: "types", camera: "cameras", place: "places", person: "people" };
const WHERE_THERE_ARE = new Set(["place", "person"]); // many libraries have none
const DATED = new Set(["date", "after", "before"]); // their meaning says what they are
const LONG_LIST = 12;

export class Filters {
  // ask(changes): search with other parameters; facets(): what /suggestions said.
  constructor({ ask, facets, place }) {
    Object.assign(this, { ask, facets, place });
    this.element = h("div", { class: "chips", role: "group", "aria-label": t("filters") });
  }

  // folds: whether copies are folded in what is shown.
  draw(about, picture, folds = false) {
    const { asked } = this.place();
    const focused = document.activeElement?.dataset?.chip;
    this.element.replaceChildren(...(asked.copies ? [this.removable("copies", t("copies", { n: about?.considered ?? 0 }), () => this.ask({ copies: null }))] : [
      ...(picture ? [pictureChip(picture, () => this.ask({}, { picture: null }))] : []),
      ...(asked.like ? [this.removable("like", t("like_chip"), () => this.ask({ like: null }))] : []),
      ...(about?.interpreted ?? []).map((part, at) => this.understood(part, at)),
      ...KINDS.filter((kind) => this.isOffered(kind, asked)).map((kind) => this.chooser(kind, asked)),
      ...Object.keys(asked).filter((name) => OTHERS.has(name)).map((name) =>
        this.removable(name, otherText(name, asked[name]), () => this.ask({ [name]: null }))),
      this.sorter(asked, about),
      ...(folds || asked.group ? [this.folding(asked)] : [])]));
    if (focused) this.element.querySelector(`[data-chip="${CSS.escape(focused)}"]`)?.focus();
  }

  removable(name, text, remove) {
    return h("button", { type: "button", class: "chip on", "data-chip": name, "aria-label": t("remove_filter", { name: text }), onclick: remove },
      h("span", {}, text), icon("close"));
  }

  // A part of the words that is more than words; without it the rest means the same.
  understood(part, at) {
    const { asked } = this.place();
    const value = meaning(part);
    const named = DATED.has(part.field) ? value : t("labelled", { name: fieldName(part.field), value });
    const text = part.negated && part.field !== "without" ? `${t("not")} ${named}` : named;
    const chip = this.removable(`part-${at}`, text, () => {
      const letters = [...asked.q]; // start and end count characters, not UTF-16 units
      const rest = [...letters.slice(0, part.start), ...letters.slice(part.end)].join("");
      this.ask({ q: rest.replace(/\s+/g, " ").trim() });
    });
    chip.classList.add("understood");
    chip.title = part.written;
    return chip;
  }

  isOffered(kind, asked) {
    return !WHERE_THERE_ARE.has(kind) || asked[kind] || this.facets()?.[FACETS[kind]]?.length > 0;
  }

  chooser(kind, asked) {
    const value = kind === "date" ? dateText(asked) : asked[kind];
    const clear = kind === "date" ? { after: null, before: null } : { [kind]: null };
    if (value) return this.removable(kind, t("labelled", { name: t(kind), value }), () => this.ask(clear));
    return h("button", { type: "button", class: "chip", "data-chip": kind, "aria-haspopup": "dialog", onclick: () => this.choose(kind) },
      icon(kind), h("span", {}, t(kind)));
  }

  sorter(asked, about) {
    const words = asked.q || asked.like || this.place().picture !== null;
    const options = [...(words ? ["relevance"] : []), "newest", "oldest"];
    const now = asked.sort ?? (about?.byTime || !words ? "newest" : "relevance");
    const select = h("select", { "data-chip": "sort", "aria-label": t("sort"), onchange: () => this.ask({ sort: select.value === options[0] ? null : select.value }) },
      options.map((name) => h("option", { value: name, selected: name === now }, t(`sort_${name}`))));
    return h("label", { class: "chip select" }, icon("sort"), select);
  }

  folding({ group }) {
    if (group) return this.removable("group", t("every_copy"), () => this.ask({ group: null }));
    return h("button", { type: "button", class: "chip", "data-chip": "group", onclick: () => this.ask({ group: "none" }) },
      icon("copies"), h("span", {}, t("every_copy")));
  }

  choose(kind) {
    if (kind === "date") return this.chooseDate();
    const found = this.facets()?.[FACETS[kind]] ?? [];
    const list = h("ul", { class: "options" });
    const sheet = openSheet(t(kind),
      found.length > LONG_LIST ? h("input", { type: "search", class: "narrow", "aria-label": t("narrow"), placeholder: t("narrow"), oninput: (event) => draw(event.target.value) }) : null,
      found.length ? list : h("p", {}, t("nothing_to_choose")));
    const draw = (text = "") => {
      const fits = found.filter((item) => item.value.toLowerCase().includes(text.toLowerCase()));
      list.replaceChildren(...fits.map((item) => this.option(sheet, item, { [kind]: item.value })));
    };
    draw();
    return sheet;
  }

  option(sheet, item, changes) {
    const take = () => {
      sheet.close();
      this.ask(changes);
    };
    return h("li", {}, h("button", { type: "button", class: "option", onclick: take },
      h("span", {}, item.value), h("small", {}, t("photos", { n: item.count }))));
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
    const sheet = openSheet(t("date"), list, form);
    list.append(...years.map((item) =>
      this.option(sheet, item, { after: `${item.value}-01-01`, before: `${Number(item.value) + 1}-01-01` })));
    return sheet;
  }
}

// Those without a chooser: chips that can only be removed.
const CHOSEN = new Set([...KINDS, "after", "before"]);
const OTHERS = new Set([...FILTERS.map(({ name }) => name).filter((name) => !CHOSEN.has(name)), "min_relevance", "spelling"]);

// A filter that this language has no word for is told by its name.
const fieldName = (field) => told("field", field, FILTERS.find(({ name }) => name === field)?.label ?? field);

const NUMBERS = { min_width: "at_least_wide", min_height: "at_least_high", min_megapixels: "at_least_megapixels" };

function otherText(name, value) {
  if (name === "min_relevance") return value === "all" ? t("show_all_chip") : t(value === "likely" ? "likely" : "maybe");
  if (name === "spelling") return t("as_written_chip");
  if (NUMBERS[name]) return t(NUMBERS[name], { n: Number(value) });
  return t("labelled", { name: fieldName(name), value: value.split(",").map((one) => told("value", one, one)).join(", ") });
}

function pictureChip(picture, remove) {
  return h("button", { type: "button", class: "chip on picture", "data-chip": "picture", "aria-label": t("remove_filter", { name: t("your_picture") }), onclick: remove },
    h("img", { src: picture.url, alt: "" }), h("span", {}, t("your_picture")), icon("close"));
}

const dayAfter = (day) => new Date(Date.parse(`${day}T00:00:00Z`) + 86400000).toISOString().slice(0, 10);
const dayBefore = (day) => new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) - 86400000).toISOString().slice(0, 10);

function dateText({ after, before }) {
  if (!after && !before) return null;
  const whole = after?.match(/^(\d{4})-01-01$/);
  if (whole && before === `${Number(whole[1]) + 1}-01-01`) return whole[1];
  const day = (text) => (/^\d{4}-\d\d-\d\d/.test(text) ? formatTaken(text.slice(0, 10) + "T00:00:00", "day") : text);
  if (!before) return t("since", { day: day(after) });
  const last = /^\d{4}-\d\d-\d\d/.test(before) ? day(dayBefore(before)) : before;
  return after ? `${day(after)} – ${last}` : t("up_to", { day: last });
}
