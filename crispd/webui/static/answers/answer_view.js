// The photos that answer a question, and what is said of them.

import { Refused, Unreachable, isAbort } from "../base/api.js";
import { h } from "../base/dom.js";
import { taken } from "../base/given.js";
import { Place } from "../base/place.js";
import { t, why } from "../i18n.js";
import { numbers } from "../house/house.js";
import { Filters } from "../question/filters.js";
import { Grid } from "./grid.js";
import { headOf } from "./headings.js";
import { remarkLines } from "./remarks.js";
import { Results, Shelf } from "./results.js";
import { Selection } from "./selection.js";
import { skeleton } from "./skeleton.js";
import { AnswerTools } from "./tools.js";
import { action, emptyHouse, notice, summary } from "./summary.js";
import { openMap } from "./where.js";
import { YearStrip } from "./years.js";

const SLOW_MS = 250;
const RETRY_MS = 4000;
const FRESH_MS = 4000;
// They choose nothing: without filters beside them there are none to take away.
const NO_FILTERS = new Set(["q", "sort", "min_relevance", "group"]);

export class AnswerView {
  /**
   * @param {import("../base/router.js").Router} router
   * @param {{
   *   tries: import("../question/tries.js").Tries,
   *   pictures: import("../question/picture.js").Pictures,
   *   watching: import("../house/watching.js").Watching,
   * }} parts
   * @param {{ open(index: number): void, displayed(): void, play(): void, stranded(): void, retry(): void }} on
   */
  constructor(router, parts, on) {
    this.router = router;
    this.on = on;
    this.tries = parts.tries;
    this.pictures = parts.pictures;
    this.watching = parts.watching;
    this.shelf = new Shelf();
    /** @type {Results | null} */
    this.results = null;
    this.stranded = false;
    this.shownAt = 0;
    this.foldsDrawn = false;
    this.afterwards = "";
    /** @type {AbortController | undefined} */
    this.aborter = undefined;
    /** @type {number | undefined} */
    this.slow = undefined;
    /** @type {number | undefined} */
    this.retrying = undefined;
    /** @type {number | undefined} */
    this.freshening = undefined;
    // the document brings the answer to its own address, and to no other
    this.brought = taken("answer");
    this.filters = new Filters({
      ask: (changes, place) => this.router.ask(changes, place),
      facets: () => this.tries.suggested,
      place: () => this.router.place,
    });
    this.told = h("p", { class: "told", role: "status" });
    this.years = new YearStrip(router, () => this.tries.suggested?.years ?? []);
    this.tools = new AnswerTools({
      slideshow: () => this.on.play(),
      years: () => this.years.toggle(),
      map: () => this.results && openMap(this.results, (filter) => this.router.ask(filter)),
    });
    this.notes = h("div", { class: "notes" });
    this.instead = h("div", { class: "instead" });
    this.selection = new Selection({ change: () => this.grid.markAll(), say: (words) => this.say(words) });
    this.grid = new Grid({ onOpen: (index) => this.on.open(index), onEnd: () => this.more(), selection: this.selection });
    this.skeleton = skeleton();
    this.end = h("div", { class: "end" });
    this.element = h("div", { class: "photos" }, h("h1", { class: "unseen" }, t("search_label")), this.tries.element,
      this.filters.element, h("div", { class: "lead" }, this.told, this.tools.element), this.years.element, this.notes, this.instead, this.skeleton, this.grid.element, this.end);
  }

  /** @param {number} top */
  async show(top) {
    this.retried();
    this.tries.draw();
    const { place } = this.router;
    const kept = this.shelf.get(place.list);
    if (kept?.about) {
      this.cancel();
      this.display(kept);
      this.displayed(top);
      return;
    }
    const picture = this.pictures.get(place.picture);
    if (place.picture !== null && !picture) {
      this.router.go(new Place(), { replace: true });
      this.sayThen(t("picture_gone"));
      return;
    }
    const brought = this.brought;
    this.brought = null;
    if (!brought) this.filters.draw(null, picture); // what is known is drawn once
    await this.search(new Results(place.asked, picture?.blob ?? null, picture ? null : brought), place.list, top);
  }

  // Another view stands instead: nothing of this one goes on.
  leave() {
    this.cancel();
    this.retried();
    this.grid.clear();
    this.results = null;
    this.brought = null;
  }

  retried() {
    this.stranded = false;
    clearTimeout(this.retrying);
  }

  cancel() {
    this.aborter?.abort();
    this.cancelWaiting();
  }

  cancelWaiting() {
    clearTimeout(this.slow);
    document.body.classList.remove("searching");
  }

  /**
   * @param {Results} results
   * @param {string} key
   * @param {number} top
   */
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
      if (!isAbort(error) && !aborter.signal.aborted) this.failed(error);
      return;
    } finally {
      if (this.aborter === aborter) this.cancelWaiting();
    }
    if (aborter.signal.aborted) return;
    this.shelf.put(key, results);
    this.display(results);
    this.displayed(top);
  }

  /** @param {number} top */
  displayed(top) {
    scrollTo(0, top);
    this.grid.render();
    this.on.displayed();
  }

  /** @param {Results} results */
  roughHeight(results) {
    this.grid.show(results, headOf(results));
    return this.grid.layout.height;
  }

  /** @param {Results} results */
  display(results) {
    this.results = results;
    this.shownAt = performance.now();
    this.skeleton.hidden = true;
    this.drawFilters();
    this.notes.replaceChildren(...(this.afterwards ? [h("p", { role: "alert" }, this.afterwards)] : []), ...remarkLines(results, this.router));
    this.afterwards = "";
    this.grid.show(results, headOf(results));
    const empty = results.hits.length === 0;
    this.instead.replaceChildren(...(empty ? [this.nothing()] : []));
    this.drawTold();
    this.drawTools();
    this.drawEnd();
  }

  drawFilters() {
    if (!this.results) return;
    const { about, folds } = this.results;
    this.foldsDrawn = folds;
    this.filters.draw(about, this.pictures.get(this.router.place.picture), folds);
  }

  // While photos are read, the start page says how many can be found already, and how long it takes.
  drawTold() {
    const { results } = this;
    const { status } = this.watching;
    if (!results) return;
    const reading = this.router.place.isHome && status !== null && status.pending > 0;
    this.told.textContent = !results.hits.length ? "" : reading ? numbers(status) : summary(results);
  }

  drawTools() {
    const photos = this.results?.hits.length ?? 0;
    this.tools.draw({ photos, places: this.tries.suggested?.places.length ?? 0, years: this.canCountYears() ? (this.tries.suggested?.years.length ?? 0) : 0 });
    this.years.draw();
  }

  canCountYears() {
    const { picture, asked } = this.router.place;
    return picture === null && !asked.copies;
  }

  // What the library has is known now, or anew.
  facetsChanged() {
    this.drawFilters();
    this.drawTools();
  }

  nothing() {
    const { place } = this.router;
    const { status } = this.watching;
    if (place.isHome || status?.photos === 0) return emptyHouse(status, () => this.router.go(new Place({ view: "house" })));
    const { q } = place.asked;
    const filtered = Object.keys(place.asked).some((name) => !NO_FILTERS.has(name));
    return notice(t("nothing_title"), t("nothing_words"),
      ...(this.results?.ended && this.results.about?.considered ? [this.showAll()] : []),
      ...(filtered ? [action(t("nothing_filters"), () => this.router.go(new Place({ asked: q ? { q } : {} })))] : []));
  }

  showAll() {
    return action(t("show_all"), () => this.router.ask({ min_relevance: "all" }));
  }

  // What stands below the last photo.
  drawEnd() {
    const { results } = this;
    const shown = results?.ended && results.hits.length > 0 && results.hits.length < (results.about?.considered ?? 0);
    this.end.replaceChildren(...(shown ? [...(results.says("doubtful") ? [] : [h("p", { class: "quiet" }, t("nothing_more"))]), this.showAll()] : []));
  }

  /** @param {unknown} error */
  failed(error) {
    this.skeleton.hidden = true;
    if (error instanceof Refused && error.status === 401) return;
    const away = error instanceof Unreachable;
    this.grid.clear();
    this.results = null;
    this.drawTools();
    this.drawEnd();
    this.told.textContent = "";
    this.notes.replaceChildren();
    this.instead.replaceChildren(notice(t(away ? "unreachable_title" : "failed_title"), why(error),
      action(t("try_again"), () => this.on.retry())));
    this.stranded = away;
    this.on.stranded();
    if (away) this.retrying = setTimeout(() => this.on.retry(), RETRY_MS);
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

  /**
   * Photos came while the start page is open: it shows them, unless somebody has scrolled down.
   * @param {boolean} grew
   */
  freshen(grew) {
    const { results } = this;
    if (!results || !this.router.place.isHome) return;
    this.drawTold();
    const empty = results.hits.length === 0;
    if (empty) this.instead.replaceChildren(this.nothing());
    if (!grew && !(empty && this.watching.status?.photos)) return;
    clearTimeout(this.freshening);
    const wait = empty ? 0 : this.shownAt + FRESH_MS - performance.now();
    this.freshening = setTimeout(() => this.renew(results), Math.max(0, wait));
  }

  /**
   * The start page again, where it is still the same and nobody looks at something on it.
   * @param {Results} results
   */
  renew(results) {
    const { place } = this.router;
    if (!place.isHome || place.photo || results !== this.results || scrollY >= 200) return;
    this.shelf.drop(place.list);
    this.search(new Results(place.asked), place.list, 0);
    this.tries.fetch();
  }

  /**
   * Above the photos that are on their way.
   * @param {string} words
   */
  sayThen(words) {
    this.say(words);
    this.afterwards = words;
  }

  /** @param {string} words */
  say(words) {
    this.notes.replaceChildren(h("p", { role: "alert" }, words));
  }
}
