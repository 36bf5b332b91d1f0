// The page: a search field, photos, and what lies over them.

import { h, icon } from "../base/dom.js";
import { Place } from "../base/place.js";
import { Router } from "../base/router.js";
import { AnswerView } from "../answers/answer_view.js";
import { House } from "../house/house.js";
import { pairView } from "../house/pair.js";
import { Watching } from "../house/watching.js";
import { setUpDocument, t } from "../i18n.js";
import { Pictures } from "../question/picture.js";
import { sharedPicture } from "../question/shared_picture.js";
import { SearchField } from "../question/search_field.js";
import { Tries } from "../question/tries.js";
import { PhotoView } from "../viewer/photo_view.js";

export class Page {
  constructor() {
    setUpDocument();
    this.main = /** @type {HTMLElement} */ (document.getElementById("main"));
    document.getElementById("plain")?.remove();
    this.isAway = false;
    /** @type {number | undefined} */
    this.photosKnown = undefined;
    this.router = new Router({ show: (top) => this.show(top), arrived: (before, top) => this.arrived(before, top) });
    this.watching = new Watching();
    this.house = new House(this.watching);
    this.pictures = new Pictures({
      onPicture: (number) => this.router.go(new Place({ picture: number })),
      onProblem: (words) => this.say(words),
    });
    this.tries = new Tries(this.router, { changed: () => this.answers.facetsChanged() });
    this.field = new SearchField(this.router, {
      words: () => this.tries.suggested?.words ?? [],
      choosePicture: () => this.pictures.choose(),
    });
    this.answers = new AnswerView(this.router, this, {
      open: (index) => this.photo.open(index),
      displayed: () => this.photo.show(),
      play: () => this.photo.play(),
      stranded: () => this.drawAway(),
      retry: () => this.show(),
    });
    this.photo = new PhotoView(this.router, this.answers);
    const bar = /** @type {HTMLElement} */ (document.querySelector(".bar"));
    const mark = /** @type {HTMLElement} */ (bar.querySelector(".mark"));
    this.busy = h("span", { class: "busy", hidden: true });
    this.houseLink = this.router.link(new Place({ view: "house" }), icon("state"), this.busy);
    this.houseLink.className = "round house-link";
    this.houseLink.setAttribute("aria-label", t("to_house"));
    this.houseLink.title = t("to_house");
    bar.append(this.houseLink, h("div", { class: "line", "aria-hidden": "true" }));
    mark.addEventListener("click", (event) => this.router.follow(event, new Place()));
    const drop = h("div", { class: "drop", "aria-hidden": "true" }, t("drop_here"));
    this.away = h("p", { class: "away", role: "status" });
    document.body.append(drop, this.answers.selection.bar, this.away);
    addEventListener("crispd:stranger", () => this.askToPair());
    addEventListener("crispd:reach", (event) => this.reachChanged(/** @type {CustomEvent<boolean>} */ (event).detail));
    addEventListener("online", () => this.answers.stranded && this.show());
    addEventListener("keydown", (event) => this.pressed(event));
  }

  start() {
    this.watching.listen((status) => this.statusChanged(status));
    const isShared = new URLSearchParams(location.search).has("shared");
    const shared = sharedPicture();
    this.show(this.router.scrolls.top);
    if (isShared) shared.then((picture) => (picture ? this.pictures.take(picture) : this.answers.sayThen(t("picture_gone"))));
  }

  // What nobody waits for.
  complete() {
    this.answers.grid.speak();
    this.tries.fetch();
  }

  /**
   * @param {Place} before
   * @param {number} top
   */
  arrived(before, top) {
    const { place } = this.router;
    if (before.list === place.list && before.view === place.view && this.answers.results) this.photo.show();
    else this.show(top);
  }

  show(top = 0) {
    this.field.draw();
    const { place } = this.router;
    if (place.view === "house") {
      this.showHouse();
      return;
    }
    document.title = [place.asked.q, "crispd"].filter(Boolean).join(" – ");
    this.put(this.answers.element);
    this.answers.show(top);
  }

  showHouse() {
    this.photo.viewer.hide();
    this.answers.leave();
    document.title = `${t("house")} – crispd`;
    this.put(this.house.element);
    this.house.show();
    this.houseLink.setAttribute("aria-current", "page");
    scrollTo(0, 0);
  }

  /** @param {HTMLElement} element */
  put(element) {
    if (this.main.firstChild === element) return;
    if (this.main.firstChild === this.house.element) this.house.hide();
    this.houseLink.removeAttribute("aria-current");
    this.main.replaceChildren(element);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.field.focus();
    }
    if (event.key === "Escape" && !typing) this.answers.selection.clear();
    if (event.key === "ArrowDown" && event.target === this.field.input && !this.field.isOpen) {
      event.preventDefault();
      this.answers.grid.focus(0);
    }
  }

  /**
   * The house went, or it is back: what failed meanwhile is asked for again.
   * @param {boolean} back
   */
  reachChanged(back) {
    this.isAway = !back;
    this.drawAway();
    if (!back) return;
    if (this.answers.stranded) this.show();
    this.answers.grid.mend();
    this.photo.viewer.mend();
  }

  // Where nothing but a notice is to be seen, it says so itself.
  drawAway() {
    this.away.textContent = this.isAway && !this.answers.stranded ? t("away") : "";
    if (this.away.textContent && this.photo.viewer.isOpen) this.photo.viewer.say(t("away"));
  }

  /** @param {import("../base/types.js").Status} status */
  statusChanged(status) {
    const waits = status.pending > 0;
    this.busy.hidden = !waits;
    this.houseLink.title = waits ? t("indexing_short", { n: status.pending }) : t("to_house");
    const grew = this.photosKnown !== undefined && status.photos > this.photosKnown;
    this.photosKnown = status.photos;
    this.answers.freshen(grew);
  }

  askToPair() {
    this.answers.cancel();
    this.tries.stop();
    this.field.stop();
    this.photo.viewer.hide();
    // a wrong code is refused like a stranger: what it was answered stays
    if (this.main.querySelector(".pair")) return;
    this.put(pairView(() => location.reload()));
  }

  /** @param {string} words */
  say(words) {
    if (this.photo.viewer.isOpen) this.photo.viewer.say(words);
    else this.answers.say(words);
  }
}
