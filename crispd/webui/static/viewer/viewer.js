// One photo on the whole screen.

import { isAbort } from "../base/api.js";
import { closest, h, icon, iconButton } from "../base/dom.js";
import { Gestures } from "./gestures.js";
import { InfoPanel } from "./info_panel.js";
import { Slideshow } from "./slideshow.js";
import { describe, thumbnail } from "../answers/photo_card.js";
import { formatTaken, isRightToLeft, t } from "../i18n.js";
import { WordsInPhoto } from "./words_in_photo.js";

// What browsers show as it is; of the rest there is a JPEG of 4096 pixels.
const SHOWN = new Set(["jpeg", "png", "webp", "gif", "avif", "bmp"]);
const MOST_ENLARGED = 1.6;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** @typedef {import("../answers/results.js").Hit} Hit */

export class Viewer {
  /**
   * more: further photos of the list are wanted.
   * @param {{
   *   change(hit: Hit): void, close(): void, alike(hit: Hit): void, copies(hit: Hit): void,
   *   link(place: import("../base/place.js").Place, ...content: import("../base/dom.js").Child[]): HTMLElement, more(): Promise<void>,
   * }} on
   */
  constructor(on) {
    this.on = on;
    this.index = -1;
    /** @type {import("../answers/results.js").Results | null} */
    this.results = null;
    /** @type {HTMLImageElement | null} */
    this.picture = null;
    /** @type {number | undefined} */
    this.silence = undefined;
    this.title = h("p", { class: "viewer-title", id: "viewer-title" });
    this.track = h("div", { class: "track" });
    this.stage = h("div", { class: "stage" }, this.track);
    this.before = iconButton("back", t("previous"), () => this.step(-1), { class: "round side start" });
    this.after = iconButton("next", t("next"), () => this.step(1), { class: "round side end" });
    this.panel = new InfoPanel({ link: on.link, say: (text) => this.say(text) });
    this.info = this.panel.element;
    this.words = new WordsInPhoto({ say: (text) => this.say(text), changed: () => this.gestures?.cover(this.words.layer) });
    this.infoButton = iconButton("info", t("about"), () => this.toggleInfo(), { "aria-expanded": "false" });
    this.openLink = h("a", { class: "round", target: "_blank", rel: "noopener", "aria-label": t("open_original"), title: t("open_original") }, icon("open"));
    this.saveLink = h("a", { class: "round", "aria-label": t("download"), title: t("download") }, icon("save"));
    this.slideshow = new Slideshow({ advance: () => this.advance(), changed: (running) => this.drawSlideshow(running) });
    this.playButton = iconButton("play", t("slideshow"), () => this.slideshow.toggle(), { class: "round play", "aria-pressed": "false" });
    const tools = h("div", { class: "tools" }, this.playButton,
      iconButton("alike", t("alike"), () => this.on.alike(this.hit)),
      iconButton("share", t("share"), () => this.share()),
      this.words.button, this.openLink, this.saveLink, this.infoButton);
    this.top = h("div", { class: "viewer-bar" }, iconButton("close", t("close"), () => this.on.close()), this.title, tools);
    this.said = h("p", { class: "said", role: "status" });
    this.copiesCount = h("span");
    this.copies = h("button", { type: "button", class: "show-copies", onclick: () => this.on.copies(this.hit) }, icon("copies"), this.copiesCount);
    this.dialog = h("dialog", { class: "viewer", "aria-labelledby": "viewer-title" },
      this.stage, this.before, this.after, this.copies, this.words.copyButton, this.top, this.info, this.said);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.on.close();
    });
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
    this.gestures = new Gestures(this.stage, {
      swipe: (dx) => this.drag(dx),
      swiped: (direction) => this.swiped(direction),
      pull: (dy) => this.pull(dy),
      pulled: (closes) => this.pulled(closes),
      tap: () => (this.slideshow.running ? this.slideshow.stop() : this.dialog.classList.toggle("bare")),
      zoom: (scale) => this.zoomed(scale),
    });
    document.body.append(this.dialog);
  }

  get isOpen() {
    return this.dialog.open;
  }

  get hits() {
    return this.results?.hits ?? [];
  }

  get hit() {
    return this.hits[this.index];
  }

  /**
   * @param {import("../answers/results.js").Results} results
   * @param {number} index
   */
  show(results, index) {
    const opening = !this.isOpen;
    Object.assign(this, { results, index });
    if (opening) {
      this.dialog.classList.remove("bare");
      this.dialog.showModal();
      this.dialog.focus();
    }
    this.draw();
  }

  hide() {
    this.words.clear();
    this.slideshow.stop();
    this.track.replaceChildren();
    this.dialog.style.removeProperty("--faded");
    if (this.isOpen) this.dialog.close();
  }

  draw() {
    const { hit } = this;
    this.title.textContent = hit.taken ? formatTaken(hit.taken, "day", hit.precision) : hit.filename;
    this.openLink.href = `/photos/${hit.id}/original`;
    this.saveLink.href = `/photos/${hit.id}/original`;
    this.saveLink.download = hit.filename;
    this.openLink.hidden = this.saveLink.hidden = !hit.online;
    const start = isRightToLeft() ? [1, 0, -1] : [-1, 0, 1];
    this.track.replaceChildren(...start.map((step) => this.slide(step)));
    this.track.classList.remove("moving");
    this.track.style.transform = "";
    this.picture = /** @type {HTMLImageElement} */ (this.track.querySelector(".now img"));
    this.gestures.watch(this.picture);
    this.words.show(hit, this.picture);
    this.before.hidden = this.index === 0;
    this.after.hidden = this.index >= this.hits.length - 1;
    this.copies.hidden = !hit.copies;
    this.copiesCount.textContent = t("show_copies", { n: hit.copies + 1 });
    if (!this.info.hidden) this.panel.draw(this.hit);
    if (this.index >= this.hits.length - 5) this.on.more().then(() => this.grown());
  }

  grown() {
    if (!this.isOpen) return;
    const wasLast = !this.after.hidden;
    this.after.hidden = this.index >= this.hits.length - 1;
    if (!wasLast && !this.after.hidden && this.gestures.scale === 1) this.draw();
  }

  /**
   * The picture before, this one, or the next: all three are loaded.
   * @param {number} step
   */
  slide(step) {
    const hit = this.hits[this.index + step];
    const slide = h("div", { class: step ? "slide" : "slide now" });
    if (!hit) return slide;
    const image = h("img", { alt: step ? "" : describe(hit), decoding: "async", draggable: false });
    image.style.setProperty("--ratio", String(hit.width && hit.height ? hit.width / hit.height : 1.5));
    // small pictures are not blown up into a blur
    image.style.setProperty("--most", `${Math.max(240, (hit.width || 1e4) * MOST_ENLARGED)}px`);
    // what the grid has shown is there at once, below the larger one
    image.style.backgroundImage = `url("${thumbnail(hit, 320)}")`;
    image.onload = () => image.style.removeProperty("background-image");
    image.onerror = () => {
      // of a drive that is gone there is what was made of it before
      if (!slide.dataset.failed) image.src = thumbnail(hit, 320);
      slide.dataset.failed = "1";
      if (step === 0) this.say(t(hit.online ? "cannot_be_shown" : "only_small"));
    };
    image.src = this.large(hit);
    slide.append(image);
    return slide;
  }

  // The house is back: what did not come is asked for again.
  mend() {
    if (this.isOpen && this.track.querySelector("[data-failed]")) this.draw();
  }

  /** @param {Hit} hit */
  large(hit) {
    const pixels = Math.max(innerWidth, innerHeight) * Math.min(devicePixelRatio || 1, 2);
    return pixels <= 1400 ? thumbnail(hit, 1280) : `/photos/${hit.id}/preview?size=2048`;
  }

  /** @param {number} scale */
  zoomed(scale) {
    this.dialog.classList.toggle("zoomed", scale > 1.01);
    const { hit, picture } = this;
    if (!picture || scale <= 1.2 || picture.dataset.full || !hit.online) return;
    picture.dataset.full = "1";
    const full = new Image();
    full.onload = () => {
      if (this.picture === picture) picture.src = full.src;
    };
    full.src = SHOWN.has(hit.type) ? `/photos/${hit.id}/original` : `/photos/${hit.id}/preview?size=4096`;
  }

  /** @param {number} by */
  async step(by) {
    const to = this.index + by;
    if (to < 0 || to >= this.hits.length) return this.settle();
    if (!calm()) await this.slideBy(by);
    this.index = to;
    this.draw();
    this.on.change(this.hit);
    this.slideshow.wait();
  }

  // The next photo of a slideshow; false at the end, or where there are none.
  async advance() {
    if (this.index >= this.hits.length - 1) await this.on.more();
    if (!this.isOpen || this.index >= this.hits.length - 1) return false;
    await this.step(1);
    return true;
  }

  /** @param {boolean} running */
  drawSlideshow(running) {
    this.playButton.setAttribute("aria-pressed", String(running));
    this.playButton.replaceChildren(icon(running ? "pause" : "play"));
    this.dialog.classList.toggle("bare", running && this.info.hidden !== false);
    this.say(running ? t("slideshow_keys") : "");
  }

  /**
   * @param {number} by
   * @returns {Promise<void>}
   */
  slideBy(by) {
    const sign = isRightToLeft() ? 1 : -1;
    this.track.classList.add("moving");
    this.track.style.transform = `translateX(${sign * by * 100}%)`;
    return new Promise((resolve) => setTimeout(resolve, 190));
  }

  settle() {
    this.track.classList.add("moving");
    this.track.style.transform = "";
  }

  /** @param {number} dx */
  drag(dx) {
    const end = dx * (isRightToLeft() ? -1 : 1) > 0 ? this.index === 0 : this.after.hidden;
    this.track.classList.remove("moving");
    this.track.style.transform = `translateX(${end ? dx / 3 : dx}px)`;
  }

  /** @param {number} direction */
  swiped(direction) {
    if (!direction) this.settle();
    else this.step(direction * (isRightToLeft() ? -1 : 1));
  }

  /** @param {number} dy */
  pull(dy) {
    const down = Math.max(0, dy);
    this.track.classList.remove("moving");
    this.track.style.transform = `translateY(${down}px) scale(${Math.max(0.7, 1 - down / 1600)})`;
    this.dialog.style.setProperty("--faded", String(Math.max(0.25, 1 - down / 500)));
  }

  /** @param {boolean} closes */
  pulled(closes) {
    this.dialog.style.removeProperty("--faded");
    if (closes) this.on.close();
    else this.settle();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.altKey || event.metaKey || event.ctrlKey || closest(event, "summary")) return;
    const forward = isRightToLeft() ? "ArrowLeft" : "ArrowRight";
    /** @type {Record<string, () => unknown>} */
    const keys = {
      ArrowLeft: () => this.step(forward === "ArrowLeft" ? 1 : -1),
      ArrowRight: () => this.step(forward === "ArrowRight" ? 1 : -1),
      "+": () => this.gestures.zoomTo(this.gestures.scale * 1.5),
      "=": () => this.gestures.zoomTo(this.gestures.scale * 1.5),
      "-": () => this.gestures.zoomTo(this.gestures.scale / 1.5),
      0: () => this.gestures.zoomTo(1),
      i: () => this.toggleInfo(),
      t: () => this.words.toggle(),
      p: () => this.slideshow.toggle(),
      s: () => this.on.alike(this.hit),
      d: () => this.saveLink.click(),
      c: () => this.hit.copies && this.on.copies(this.hit),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  toggleInfo() {
    this.info.hidden = !this.info.hidden;
    this.infoButton.setAttribute("aria-expanded", String(!this.info.hidden));
    this.dialog.classList.toggle("with-info", !this.info.hidden);
    if (!this.info.hidden) this.panel.draw(this.hit);
  }

  async share() {
    const url = new URL(`/?photo=${this.hit.id}`, location.href).href;
    try {
      if (navigator.share) await navigator.share({ title: this.hit.filename, url });
      else {
        await navigator.clipboard.writeText(url);
        this.say(t("copied"));
      }
    } catch (error) {
      if (!isAbort(error)) this.say(url);
    }
  }

  /** @param {string} text */
  say(text) {
    this.said.textContent = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.said.textContent = ""), 4000);
  }
}
