// The page: a search field, photos, and what lies over them.

import { Refused, Unreachable, call, isAbort } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { Filters } from "./filters.js";
import { taken } from "./given.js";
import { Grid } from "./grid.js";
import { House } from "./house.js";
import { formatTaken, nameOf, setUpDocument, spoken, t, why } from "./i18n.js";
import { remark } from "./meaning.js";
import { corrected } from "./near_miss.js";
import { pairView } from "./pair.js";
import { Pictures } from "./picture.js";
import { Place, Scrolls } from "./place.js";
import { Results, Shelf } from "./results.js";
import { Selection } from "./selection.js";
import { action, emptyHouse, notice, summary } from "./status.js";
import { Recent, Suggest } from "./suggest.js";
import { Viewer } from "./viewer.js";
import { Watching } from "./watching.js";

const TYPING_MS = 170;
const SLOW_MS = 250;
const RETRY_MS = 4000;
const WORDS_AGAIN_MS = 1200;
const FRESH_MS = 4000;
const MOST_TRIED = 8;
const FOLDERS_TRIED = 3;
const YEARS_TRIED = 2;
const CAMERAS_TRIED = 1;

class Page {
  constructor() {
    setUpDocument();
    this.main = document.getElementById("main");
    document.getElementById("plain")?.remove();
    this.scrolls = new Scrolls();
    this.place = Place.here();
    this.shelf = new Shelf();
    this.recent = new Recent();
    this.watching = new Watching();
    this.house = new House(this.watching);
    this.suggested = null;
    this.buildBar();
    this.buildPhotos();
    this.viewer = new Viewer({
      change: (hit) => this.scrolls.go(this.replaced({ photo: hit.id }), { replace: true, state: { overList: history.state?.overList } }),
      close: () => this.closeViewer(),
      alike: (hit) => this.go(this.place.with({ asked: {}, picture: null }).asking({ like: hit.id })),
      copies: (hit) => this.go(new Place({ asked: { copies: [hit.id, ...hit.alike].join(",") } })),
      follow: (event, place) => this.followed(event, place),
      more: () => this.more(),
    });
    this.pictures = new Pictures({
      onPicture: (number) => this.go(new Place({ picture: number })),
      onProblem: (words) => this.say(words),
    });
    addEventListener("popstate", () => this.arrived());
    addEventListener("crispd:stranger", () => this.askToPair());
    addEventListener("crispd:reach", (event) => this.reachChanged(event.detail));
    addEventListener("online", () => this.stranded && this.show());
    addEventListener("keydown", (event) => this.pressed(event));
  }

  start() {
    this.watching.listen((status) => this.statusChanged(status));
    // the document brings the answer to its own address, and to no other
    this.brought = taken("answer");
    this.show(this.scrolls.top);
    this.brought = null;
    atLeisure(() => {
      this.grid.speak();
      this.fetchSuggestions();
      if ("serviceWorker" in navigator) register();
    });
  }

  // --- what is on the page ---------------------------------------------------------------------

  buildBar() {
    const bar = document.querySelector(".bar");
    this.field = document.getElementById("q");
    Object.assign(this.field, { placeholder: t("search_hint"), value: this.place.asked.q ?? "" });
    this.field.setAttribute("aria-label", t("search_label"));
    const form = this.field.form;
    this.camera = iconButton("camera", t("by_picture"), () => this.pictures.choose(), { class: "round inside" });
    const clear = iconButton("close", t("clear"), () => this.cleared(), { class: "round inside clear" });
    form.append(icon("search"), clear, this.camera);
    this.houseLink = h("a", { class: "round house-link", href: "/?view=house", "aria-label": t("to_house"), title: t("to_house") }, icon("state"));
    this.busy = h("span", { class: "busy", hidden: true });
    this.houseLink.append(this.busy);
    bar.append(this.houseLink);
    this.line = h("div", { class: "line", "aria-hidden": "true" });
    bar.append(this.line);
    this.suggest = new Suggest(this.field, {
      recent: this.recent,
      words: () => (this.suggested?.words ?? []).map((word) => ({ text: nameOf(word), word })),
      complete: (q, at, signal) => call(`/completions?q=${encodeURIComponent(q)}&at=${at}`, { signal }),
      onChoose: (q) => this.chosen(q),
    });
    form.addEventListener("submit", (event) => this.submitted(event));
    this.field.addEventListener("input", (event) => this.typed(event));
    this.field.addEventListener("focus", () => (this.typing = false));
    this.houseLink.addEventListener("click", (event) => this.followed(event, new Place({ view: "house" })));
    bar.querySelector(".mark").addEventListener("click", (event) => this.followed(event, new Place()));
  }

  buildPhotos() {
    this.filters = new Filters({ ask: (changes, place) => this.ask(changes, place), facets: () => this.suggested, place: () => this.place });
    this.tries = h("div", { class: "tries", role: "group", "aria-label": t("try") });
    this.title = h("h1", { class: "unseen" }, t("search_label"));
    this.told = h("p", { class: "told", role: "status" });
    this.notes = h("div", { class: "notes" });
    this.instead = h("div", { class: "instead" });
    this.selection = new Selection({ change: () => this.grid.markAll(), say: (words) => this.say(words) });
    this.grid = new Grid({ onOpen: (index) => this.open(index), onEnd: () => this.more(), selection: this.selection });
    this.skeleton = skeleton();
    this.end = h("div", { class: "end" });
    this.photos = h("div", { class: "photos" }, this.title, this.tries, this.filters.element, this.told, this.notes, this.instead, this.skeleton, this.grid.element, this.end);
    this.drop = h("div", { class: "drop", "aria-hidden": "true" }, t("drop_here"));
    this.away = h("p", { class: "away", role: "status" });
    document.body.append(this.drop, this.selection.bar, this.away);
  }

  // --- going somewhere -------------------------------------------------------------------------

  followed(event, place) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.go(place);
  }

  go(place, options = {}) {
    this.scrolls.go(place, options);
    this.place = place;
    this.show(0);
  }

  replaced(changes) {
    this.place = this.place.with(changes);
    return this.place;
  }

  ask(changes, place = {}) {
    this.go(this.place.with(place).asking(changes));
  }

  arrived() {
    const top = this.scrolls.arrive();
    const before = this.place;
    this.place = Place.here();
    if (before.list === this.place.list && before.view === this.place.view && this.results) {
      this.showPhoto();
      return;
    }
    this.show(top);
  }

  show(top = 0) {
    this.stranded = false;
    clearTimeout(this.retrying);
    if (document.activeElement !== this.field || !this.typing) this.field.value = this.place.asked.q ?? "";
    document.title = [this.place.asked.q, "crispd"].filter(Boolean).join(" – ");
    if (this.place.view === "house") this.showHouse();
    else this.showPhotos(top);
  }

  showHouse() {
    this.viewer.hide();
    this.cancel();
    this.grid.clear();
    this.results = null;
    document.title = `${t("house")} – crispd`;
    this.put(this.house.element);
    this.house.show();
    this.houseLink.setAttribute("aria-current", "page");
    scrollTo(0, 0);
  }

  put(element) {
    if (this.main.firstChild === element) return;
    if (this.main.firstChild === this.house.element) this.house.hide();
    this.houseLink.removeAttribute("aria-current");
    this.main.replaceChildren(element);
  }

  async showPhotos(top) {
    this.put(this.photos);
    this.drawTries();
    const key = this.place.list;
    const kept = this.shelf.get(key);
    if (kept?.about) {
      this.cancel();
      this.display(kept, key);
      scrollTo(0, top);
      this.grid.render();
      this.showPhoto();
      return;
    }
    const picture = this.pictures.get(this.place.picture);
    if (this.place.picture !== null && !picture) {
      this.say(t("picture_gone"));
      this.go(new Place(), { replace: true });
      return;
    }
    if (!this.brought) this.filters.draw(null, picture); // what is known is drawn once
    await this.search(new Results(this.place.asked, picture?.blob ?? null, picture ? null : this.brought), key, top);
  }

  // --- searching -------------------------------------------------------------------------------

  cancel() {
    this.aborter?.abort();
    clearTimeout(this.slow);
    document.body.classList.remove("searching");
  }

  async search(results, key, top) {
    this.cancel();
    const aborter = (this.aborter = new AbortController());
    this.slow = setTimeout(() => document.body.classList.add("searching"), SLOW_MS);
    if (!this.results) this.skeleton.hidden = false;
    try {
      await results.more(aborter.signal, top > 0);
      while (top > 0 && !results.complete && this.roughHeight(results) < top + innerHeight) {
        await results.more(aborter.signal, true);
      }
    } catch (error) {
      if (isAbort(error) || aborter.signal.aborted) return;
      this.failed(error);
      return;
    } finally {
      if (this.aborter === aborter) this.cancelWaiting();
    }
    if (aborter.signal.aborted) return;
    this.shelf.put(key, results);
    this.display(results, key);
    scrollTo(0, top);
    this.grid.render();
    this.showPhoto();
  }

  cancelWaiting() {
    clearTimeout(this.slow);
    document.body.classList.remove("searching");
  }

  roughHeight(results) {
    this.grid.show(results, headOf(results));
    return this.grid.layout.height;
  }

  display(results, key) {
    this.results = results;
    this.key = key;
    this.shownAt = performance.now();
    this.skeleton.hidden = true;
    this.drawFilters();
    this.notes.replaceChildren(...this.remarks(results));
    this.grid.show(results, headOf(results));
    const empty = results.hits.length === 0;
    this.instead.replaceChildren(...(empty ? [this.nothing()] : []));
    this.told.textContent = empty ? "" : summary(results);
    this.drawEnd();
  }

  // The original of what was put right is a tap away.
  remarks(results) {
    const told = remarksFor(results);
    const last = told.findLast((one) => one.code === "spelling");
    return told.map((one) => h("p", {}, remark(one),
      ...(one === last ? this.otherwise({ spelling: "false" }, t("as_written")) : []),
      ...(one.code === "near_miss" ? this.otherwise(this.meant(results, one), t("as_meant")) : [])));
  }

  meant({ about }, { values }) {
    return corrected({ asked: this.place.asked, interpreted: about.interpreted }, values);
  }

  // A link to the same with changes; none where there are none.
  otherwise(changes, words) {
    if (!changes) return [];
    const place = this.place.asking(changes);
    return [" ", h("a", { href: place.url, onclick: (event) => this.followed(event, place) }, words)];
  }

  drawFilters() {
    const { about, folds } = this.results;
    this.foldsDrawn = folds;
    this.filters.draw(about, this.pictures.get(this.place.picture), folds);
  }

  nothing() {
    const { status } = this.watching;
    if (this.place.isHome || status?.photos === 0) return emptyHouse(status, () => this.go(new Place({ view: "house" })));
    const { q } = this.place.asked;
    const filtered = Object.keys(this.place.asked).some((name) => !["q", "sort", "min_relevance", "group"].includes(name));
    return notice(t("nothing_title"), t("nothing_words"),
      ...(this.results.ended && this.results.about.considered ? [this.showAll()] : []),
      ...(filtered ? [action(t("nothing_filters"), () => this.go(new Place({ asked: q ? { q } : {} })))] : []));
  }

  showAll() {
    return action(t("show_all"), () => this.ask({ min_relevance: "all" }));
  }

  // What stands below the last photo.
  drawEnd() {
    const { results } = this;
    const shown = results?.ended && results.hits.length > 0 && results.hits.length < results.about.considered;
    this.end.replaceChildren(...(shown ? [...(says(results, "doubtful") ? [] : [h("p", { class: "quiet" }, t("nothing_more"))]), this.showAll()] : []));
  }

  failed(error) {
    this.skeleton.hidden = true;
    if (error instanceof Refused && error.status === 401) return;
    const away = error instanceof Unreachable;
    this.grid.clear();
    this.results = null;
    this.drawEnd();
    this.told.textContent = "";
    this.notes.replaceChildren();
    this.instead.replaceChildren(notice(t(away ? "unreachable_title" : "failed_title"), why(error),
      action(t("try_again"), () => this.show())));
    this.stranded = away;
    this.drawAway();
    if (away) this.retrying = setTimeout(() => this.show(), RETRY_MS);
  }

  async more() {
    const { results } = this;
    if (!results || results.complete) return;
    try {
      await results.more();
    } catch {
      return; // scrolling on asks again
    }
    if (results !== this.results) return;
    this.grid.grown();
    if (results.folds !== this.foldsDrawn) this.drawFilters();
    this.drawEnd();
  }

  // --- the field -------------------------------------------------------------------------------

  typed(event) {
    if (event.isComposing) return;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.live(), TYPING_MS);
  }

  // While somebody types, one entry of the history follows the words.
  live() {
    const q = this.field.value.trim();
    if (q === (this.place.asked.q ?? "") && this.place.view === "photos") return;
    const place = this.place.with({ picture: null }).asking({ q, like: null, copies: null, spelling: null });
    const replace = this.typing;
    this.typing = true;
    this.go(place, { replace });
  }

  submitted(event) {
    event.preventDefault();
    clearTimeout(this.pending);
    this.live();
    this.typing = false;
    this.recent.add(this.field.value);
    this.suggest.close();
    this.field.blur();
  }

  cleared() {
    this.field.value = "";
    clearTimeout(this.pending);
    this.live();
    this.typing = false;
    this.field.focus();
  }

  chosen(text) {
    this.field.value = text;
    this.recent.add(text);
    clearTimeout(this.pending);
    this.live();
    this.typing = false;
  }

  pressed(event) {
    const typing = event.target.closest?.("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.field.focus();
      this.field.select();
    }
    if (event.key === "Escape" && !typing) this.selection.clear();
    if (event.key === "ArrowDown" && event.target === this.field && this.suggest.list.hidden) {
      event.preventDefault();
      this.grid.focus(0);
    }
  }

  // --- one photo -------------------------------------------------------------------------------

  open(index) {
    const place = this.replaced({ photo: this.results.hits[index].id });
    this.scrolls.go(place, { state: { overList: true } });
    this.viewer.show(this.results, index);
  }

  async showPhoto() {
    const { photo } = this.place;
    if (!photo) {
      if (this.viewer.isOpen) this.leaveViewer();
      return;
    }
    const index = this.results?.indexOf(photo) ?? -1;
    if (index >= 0) {
      this.viewer.show(this.results, index);
      return;
    }
    try {
      const alone = new Results({});
      const found = await call(`/photos/${encodeURIComponent(photo)}`);
      alone.take({ results: [found], next: null, interpreted: [], remarks: [] });
      if (this.place.photo === photo) this.viewer.show(alone, 0);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) this.say(why(error));
    }
  }

  closeViewer() {
    if (history.state?.overList) {
      history.back();
      return;
    }
    this.scrolls.go(this.replaced({ photo: null }), { replace: true });
    this.leaveViewer();
  }

  leaveViewer() {
    const { results, index } = this.viewer;
    this.viewer.hide();
    if (results === this.results && index >= 0) this.grid.focus(index);
  }

  // The house went, or it is back: what failed meanwhile is asked for again.
  reachChanged(back) {
    this.isAway = !back;
    this.drawAway();
    if (!back) return;
    if (this.stranded) this.show();
    this.grid.mend();
    this.viewer.mend();
  }

  // Where nothing but a notice is to be seen, it says so itself.
  drawAway() {
    this.away.textContent = this.isAway && !this.stranded ? t("away") : "";
    if (this.away.textContent && this.viewer.isOpen) this.viewer.say(t("away"));
  }

  // --- what the house says ---------------------------------------------------------------------

  statusChanged(status) {
    const waits = status.pending > 0;
    this.busy.hidden = !waits;
    this.houseLink.title = waits ? t("indexing_short", { n: status.pending }) : t("to_house");
    const grew = this.photosKnown !== undefined && status.photos > this.photosKnown;
    this.photosKnown = status.photos;
    if (!this.place.isHome || !this.results || this.place.photo) return;
    if (this.results.hits.length === 0) this.instead.replaceChildren(this.nothing());
    const stale = grew || (status.photos > 0 && this.results.hits.length === 0);
    if (stale && scrollY < 200 && performance.now() - this.shownAt > FRESH_MS * Math.min(1, this.results.hits.length)) {
      this.shelf.drop(this.place.list);
      this.search(new Results(this.place.asked), this.place.list, 0);
      this.fetchSuggestions();
    }
  }

  async fetchSuggestions() {
    clearTimeout(this.askingWords);
    try {
      this.suggested = await call("/suggestions");
    } catch {
      return; // the page is whole without them
    }
    this.drawTries();
    if (!this.suggested.complete) this.askingWords = setTimeout(() => this.fetchSuggestions(), WORDS_AGAIN_MS);
  }

  drawTries() {
    this.tries.hidden = !this.place.isHome;
    const tries = this.place.isHome ? triesOf(this.suggested) : [];
    const key = JSON.stringify(tries);
    if (key === this.triesDrawn) return;
    this.triesDrawn = key;
    this.tries.replaceChildren(...(tries.length ? [h("span", {}, t("try"))] : []),
      ...tries.map(({ text, asked, kind }) => h("button", { type: "button", class: "chip", onclick: () => this.go(new Place({ asked })) }, kind ? icon(kind) : null, h("span", {}, text))));
  }

  askToPair() {
    this.cancel();
    clearTimeout(this.askingWords);
    clearTimeout(this.pending);
    this.suggest.close();
    this.viewer.hide();
    // a wrong code is refused like a stranger: what it was answered stays
    if (this.main.querySelector(".pair")) return;
    this.put(pairView(() => location.reload()));
  }

  say(words) {
    if (this.viewer.isOpen) this.viewer.say(words);
    else this.notes.replaceChildren(h("p", { role: "alert" }, words));
  }
}

// Likely ones above, maybes below a line; months where photos stand in the order of their time.
function headOf(results) {
  if (results.byTime) {
    const month = (hit) => hit?.taken?.slice(0, 7);
    return (hit, before) => {
      if (before && month(hit) === month(before)) return null;
      return () => (hit.taken ? formatTaken(hit.taken, "month", hit.precision) : t("undated"));
    };
  }
  if (says(results, "days")) {
    const ofDays = (hit) => hit.matched.some(({ field }) => field === "date");
    return (hit, before) => (before && ofDays(before) && !ofDays(hit) ? () => t("maybe") : null);
  }
  if (results.about.closest || says(results, "doubtful")) return (hit, before) => (before ? null : () => t("closest"));
  return (hit, before) => {
    if (!hit.relevance || hit.relevance === (before?.relevance ?? (hit.relevance === "likely" ? "likely" : null))) return null;
    return () => t(hit.relevance);
  };
}

const says = ({ about }, wanted) => about.remarks.some(({ code }) => code === wanted);
// Notes that the page says itself, in larger letters, are left out.
const SAID_ELSEWHERE = new Set(["nothing", "only_maybe", "days", "doubtful", "no_match", "no_photos", "comparing"]);
// That some were not compared for copies yet is no news either: nobody asked for that.
const remarksFor = ({ about }) => about.remarks.filter((one) => !SAID_ELSEWHERE.has(one.code));

// Out of the library itself: what the model surely sees in it, its fullest folders, the last years.
function triesOf(suggested) {
  if (!suggested) return [];
  const named = suggested.folders.filter(({ value }) => !/^\d+$/.test(value.split("/").at(-1))).slice(0, FOLDERS_TRIED);
  const folders = named.map(({ value }) => ({ text: value.split("/").at(-1), asked: { folder: value }, kind: "folder" }));
  const years = suggested.years.slice(0, YEARS_TRIED).map(({ value }) => ({
    text: value, asked: { after: `${value}-01-01`, before: `${Number(value) + 1}-01-01` }, kind: "date",
  }));
  const cameras = suggested.cameras.slice(0, CAMERAS_TRIED).map(({ value }) => ({ text: value, asked: { camera: value }, kind: "camera" }));
  const words = suggested.words.slice(0, MOST_TRIED).map((word) => ({ text: nameOf(word), asked: { q: word }, kind: null }));
  return [...words, ...folders, ...years, ...cameras];
}

function skeleton() {
  const shapes = [1.5, 0.75, 1.3, 1, 1.6, 0.7, 1.4, 1.2, 1.5, 0.8, 1.3, 1.5];
  const blocks = shapes.map((ratio) => {
    const block = h("span");
    block.style.flexGrow = ratio;
    block.style.aspectRatio = ratio;
    return block;
  });
  return h("div", { class: "skeleton", "aria-hidden": "true", hidden: true }, blocks);
}

// What nobody waits for comes after the first photos.
function atLeisure(work) {
  const soon = () => (globalThis.requestIdleCallback ?? setTimeout)(work, { timeout: 2000 });
  if (document.readyState === "complete") soon();
  else addEventListener("load", () => setTimeout(soon, 200), { once: true });
}

// Kept for later starts, also without a network. Browsers allow it over HTTPS and on localhost.
async function register() {
  const policy = globalThis.trustedTypes?.createPolicy("crispd", { createScriptURL: (url) => url });
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("/sw.js") : "/sw.js");
  } catch {
    // the page works all the same, just not without its house
  }
}

function begin() {
  new Page().start();
  performance.mark("crispd-ready");
}

if (spoken) spoken.then(begin);
else begin();
