// Where somebody is: an address that can be shared, and places in lists that Back returns to.

import FILTERS from "./filter_list.js";

const ASKED = [
  "q", ...FILTERS.map(({ name }) => name), "like", "sort", "min_relevance", "parse", "spelling", "group", "copies",
];
const SCROLLS = "crispd.scrolls";
const MOST_SCROLLS = 60;

export class Place {
  // view: "photos" or "house"; asked: parameters of /search, but that copies are folded unless group
  // is "none", and that copies are ids of photos to show; photo: the id shown; picture: a number of
  // a picture in memory.
  constructor({ view = "photos", asked = {}, photo = null, picture = null } = {}) {
    Object.assign(this, { view, asked, photo, picture });
  }

  static here() {
    const given = new URLSearchParams(location.search);
    const asked = {};
    for (const name of ASKED) if (given.get(name)) asked[name] = given.get(name);
    return new Place({
      view: given.get("view") === "house" ? "house" : "photos",
      asked,
      photo: given.get("photo"),
      picture: history.state?.picture ?? null,
    });
  }

  with(changes) {
    return new Place({ ...this, ...changes });
  }

  asking(changes) {
    const asked = { ...this.asked, ...changes };
    for (const name of Object.keys(asked)) if (!asked[name]) delete asked[name];
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
    this.key = history.state.key;
    addEventListener("pagehide", () => this.leave());
  }

  leave() {
    this.kept.delete(this.key);
    this.kept.set(this.key, Math.round(scrollY));
    while (this.kept.size > MOST_SCROLLS) this.kept.delete(this.kept.keys().next().value);
    try {
      sessionStorage.setItem(SCROLLS, JSON.stringify([...this.kept]));
    } catch {
      // a browser that keeps nothing: Back goes to the top
    }
  }

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

function read() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(SCROLLS)) ?? []);
  } catch {
    return new Map();
  }
}
