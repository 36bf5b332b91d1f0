// Where somebody is: an address that can be shared, and places in lists that Back returns to.

import FILTERS from "../filter_list.js";

const ASKED = [
  "q", ...FILTERS.map(({ name }) => name), "like", "sort", "min_relevance", "parse", "spelling", "group", "copies",
];
const SCROLLS = "crispd.scrolls";
const MOST_SCROLLS = 60;

/**
 * Parameters of /search, but that copies are folded unless group is "none", and that copies are ids
 * of photos to show. Of changes, what is empty is taken away.
 * @typedef {Record<string, string>} Asked
 * @typedef {Record<string, string | null | undefined>} Changes
 */

// Filters whose values are names with commas between.
const LISTS = new Set(["camera", "person", "place", "keyword"]);

/**
 * A name as the value of a filter: a comma in it parts no names.
 * @param {string} field
 * @param {string} name
 */
export const valueOf = (field, name) => (LISTS.has(field) ? name.replace(/[\\,]/g, "\\$&") : name);

/**
 * The value of a filter for people.
 * @param {string} field
 * @param {string} value
 */
export const shownValue = (field, value) => (LISTS.has(field) ? value.replace(/\\([\\,])/g, "$1") : value);

export class Place {
  /**
   * photo: the id shown; picture: a number of a picture in memory.
   * @param {{ view?: "photos" | "house", asked?: Asked, photo?: string | null, picture?: number | null }} [values]
   */
  constructor({ view = "photos", asked = {}, photo = null, picture = null } = {}) {
    this.view = view;
    this.asked = asked;
    this.photo = photo;
    this.picture = picture;
  }

  static here() {
    const given = new URLSearchParams(location.search);
    /** @type {Asked} */
    const asked = {};
    for (const name of ASKED) {
      const value = given.get(name);
      if (value) asked[name] = value;
    }
    return new Place({
      view: given.get("view") === "house" ? "house" : "photos",
      asked,
      photo: given.get("photo"),
      picture: history.state?.picture ?? null,
    });
  }

  /** @param {Partial<Place>} changes */
  with(changes) {
    const { view, asked, photo, picture } = { ...this, ...changes };
    return new Place({ view, asked, photo, picture });
  }

  /** @param {Changes} changes */
  asking(changes) {
    /** @type {Asked} */
    const asked = {};
    for (const [name, value] of Object.entries({ ...this.asked, ...changes })) if (value) asked[name] = value;
    return this.with({ view: "photos", photo: null, asked });
  }

  // What is looked through, whichever photo of it is open.
  get list() {
    return `${this.picture ?? ""}?${new URLSearchParams(this.asked)}`;
  }

  get isHome() {
    return this.view === "photos" && this.picture === null && !Object.keys(this.asked).some((name) => name !== "group");
  }

  get url() {
    const parameters = new URLSearchParams(this.asked);
    if (this.view !== "photos") parameters.set("view", this.view);
    if (this.photo) parameters.set("photo", this.photo);
    const text = parameters.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
    return text ? `/?${text}` : "/";
  }
}

// How far down each entry of the history was.
export class Scrolls {
  constructor() {
    history.scrollRestoration = "manual";
    this.kept = read();
    if (!history.state?.key) history.replaceState({ ...history.state, key: newKey() }, "");
    /** @type {string} */
    this.key = history.state.key;
    addEventListener("pagehide", () => this.leave());
  }

  leave() {
    this.kept.delete(this.key);
    this.kept.set(this.key, Math.round(scrollY));
    for (const key of this.kept.keys()) {
      if (this.kept.size <= MOST_SCROLLS) break;
      this.kept.delete(key);
    }
    try {
      sessionStorage.setItem(SCROLLS, JSON.stringify([...this.kept]));
    } catch {
      // a browser that keeps nothing: Back goes to the top
    }
  }

  /**
   * @param {Place} place
   * @param {{ replace?: boolean, state?: object }} [options]
   */
  go(place, { replace = false, state = {} } = {}) {
    if (!replace) this.leave();
    const key = replace ? this.key : newKey();
    history[replace ? "replaceState" : "pushState"]({ ...state, key, picture: place.picture }, "", place.url);
    this.key = key;
  }

  // After Back or Forward: where that entry was.
  arrive() {
    this.leave();
    this.key = history.state?.key ?? newKey();
    return this.top;
  }

  get top() {
    return this.kept.get(this.key) ?? 0;
  }
}

const newKey = () => Math.random().toString(36).slice(2);

/** @returns {Map<string, number>} */
function read() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(SCROLLS) ?? "[]"));
  } catch {
    return new Map();
  }
}
