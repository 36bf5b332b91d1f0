// One photo on the whole screen.

import { call } from "./api.js";
import { h, icon, iconButton } from "./dom.js";
import { facts } from "./facts.js";
import { Gestures } from "./gestures.js";
import { describe, thumbnail } from "./grid.js";
import { formatNumber, formatPercent, formatTaken, isRightToLeft, t, why } from "./i18n.js";
import { Place } from "./place.js";

// What browsers show as it is; of the rest there is a JPEG of 4096 pixels.
const SHOWN = new Set(["jpeg", "png", "webp", "gif", "avif", "bmp"]);
const MOST_ENLARGED = 1.6;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Viewer {
  // on: {change(hit), close(), alike(hit), copies(hit), follow(event, place), more(): Promise}
  constructor(on) {
    this.on = on;
    this.index = -1;
    this.results = null;
    this.build();
  }

  get isOpen() {
    return this.dialog.open;
  }

  build() {
    this.title = h("p", { class: "viewer-title", id: "viewer-title" });
    this.track = h("div", { class: "track" });
    this.stage = h("div", { class: "stage" }, this.track);
    this.before = iconButton("back", t("previous"), () => this.step(-1), { class: "round side start" });
    this.after = iconButton("next", t("next"), () => this.step(1), { class: "round side end" });
    this.info = h("aside", { class: "info", hidden: true, "aria-label": t("about") });
    this.infoButton = iconButton("info", t("about"), () => this.toggleInfo(), { "aria-expanded": "false" });
    this.openLink = h("a", { class: "round", target: "_blank", rel: "noopener", "aria-label": t("open_original"), title: t("open_original") }, icon("open"));
    this.saveLink = h("a", { class: "round", "aria-label": t("download"), title: t("download") }, icon("save"));
    const tools = h("div", { class: "tools" },
      iconButton("alike", t("alike"), () => this.on.alike(this.hit)),
      iconButton("share", t("share"), () => this.share()),
      this.openLink, this.saveLink, this.infoButton);
    this.top = h("div", { class: "viewer-bar" }, iconButton("close", t("close"), () => this.on.close()), this.title, tools);
    this.said = h("p", { class: "said", role: "status" });
    this.copies = h("button", { type: "button", class: "show-copies", onclick: () => this.on.copies(this.hit) }, icon("copies"), h("span"));
    this.dialog = h("dialog", { class: "viewer", "aria-labelledby": "viewer-title" },
      this.stage, this.before, this.after, this.copies, this.top, this.info, this.said);
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
      tap: () => this.dialog.classList.toggle("bare"),
      zoom: (scale) => this.zoomed(scale),
    });
    document.body.append(this.dialog);
  }

  get hit() {
    return this.results.hits[this.index];
  }

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
    this.picture = this.track.querySelector(".now img");
    this.gestures.watch(this.picture);
    this.before.hidden = this.index === 0;
    this.after.hidden = this.index >= this.results.hits.length - 1;
    this.copies.hidden = !hit.copies;
    this.copies.lastChild.textContent = t("show_copies", { n: hit.copies + 1 });
    if (!this.info.hidden) this.describe();
    if (this.index >= this.results.hits.length - 5) this.on.more().then(() => this.grown());
  }

  grown() {
    if (!this.isOpen || !this.results) return;
    const wasLast = !this.after.hidden;
    this.after.hidden = this.index >= this.results.hits.length - 1;
    if (!wasLast && !this.after.hidden && this.gestures.scale === 1) this.draw();
  }

  // The picture before, this one, or the next: all three are loaded.
  slide(step) {
    const hit = this.results.hits[this.index + step];
    const slide = h("div", { class: step ? "slide" : "slide now" });
    if (!hit) return slide;
    const image = h("img", { alt: step ? "" : describe(hit), decoding: "async", draggable: false });
    image.style.setProperty("--ratio", hit.width && hit.height ? hit.width / hit.height : 1.5);
    // small pictures are not blown up into a blur
    image.style.setProperty("--most", `${Math.max(240, (hit.width || 1e4) * MOST_ENLARGED)}px`);
    // what the grid has shown is there at once, below the larger one
    image.style.backgroundImage = `url("${thumbnail(hit, 320)}")`;
    image.onload = () => (image.style.backgroundImage = "");
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

  large(hit) {
    const pixels = Math.max(innerWidth, innerHeight) * Math.min(devicePixelRatio || 1, 2);
    return pixels <= 1400 ? thumbnail(hit, 1280) : `/photos/${hit.id}/preview?size=2048`;
  }

  zoomed(scale) {
    this.dialog.classList.toggle("zoomed", scale > 1.01);
    const { hit, picture } = this;
    if (scale <= 1.2 || picture.dataset.full || !hit.online) return;
    picture.dataset.full = "1";
    const full = new Image();
    full.onload = () => {
      if (this.picture === picture) picture.src = full.src;
    };
    full.src = SHOWN.has(hit.type) ? `/photos/${hit.id}/original` : `/photos/${hit.id}/preview?size=4096`;
  }

  async step(by) {
    const to = this.index + by;
    if (to < 0 || to >= this.results.hits.length) return this.settle();
    if (!calm()) await this.slideBy(by);
    this.index = to;
    this.draw();
    this.on.change(this.hit);
  }

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

  drag(dx) {
    const end = dx * (isRightToLeft() ? -1 : 1) > 0 ? this.index === 0 : this.after.hidden;
    this.track.classList.remove("moving");
    this.track.style.transform = `translateX(${end ? dx / 3 : dx}px)`;
  }

  swiped(direction) {
    if (!direction) this.settle();
    else this.step(direction * (isRightToLeft() ? -1 : 1));
  }

  pull(dy) {
    const down = Math.max(0, dy);
    this.track.classList.remove("moving");
    this.track.style.transform = `translateY(${down}px) scale(${Math.max(0.7, 1 - down / 1600)})`;
    this.dialog.style.setProperty("--faded", Math.max(0.25, 1 - down / 500));
  }

  pulled(closes) {
    this.dialog.style.removeProperty("--faded");
    if (closes) this.on.close();
    else this.settle();
  }

  pressed(event) {
    if (event.altKey || event.metaKey || event.ctrlKey || event.target.closest("summary")) return;
    const forward = isRightToLeft() ? "ArrowLeft" : "ArrowRight";
    const keys = {
      ArrowLeft: () => this.step(forward === "ArrowLeft" ? 1 : -1),
      ArrowRight: () => this.step(forward === "ArrowRight" ? 1 : -1),
      "+": () => this.gestures.zoomTo(this.gestures.scale * 1.5),
      "=": () => this.gestures.zoomTo(this.gestures.scale * 1.5),
      "-": () => this.gestures.zoomTo(this.gestures.scale / 1.5),
      0: () => this.gestures.zoomTo(1),
      i: () => this.toggleInfo(),
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
    if (!this.info.hidden) this.describe();
  }

  async describe() {
    const { hit } = this;
    this.info.replaceChildren(h("h2", {}, hit.filename), ...this.why(hit));
    let photo;
    try {
      photo = await call(`/photos/${hit.id}`);
    } catch (error) {
      this.info.append(h("p", {}, why(error)));
      return;
    }
    if (this.hit !== hit) return;
    const list = h("dl");
    const link = (asked, text) => this.link(asked, text);
    for (const [name, value] of facts(photo, link)) list.append(h("dt", {}, t(name)), h("dd", {}, value));
    this.info.replaceChildren(h("h2", {}, hit.filename), ...matched(hit), list, ...this.why(hit));
  }

  // To the photos that share something with this one.
  link(asked, text) {
    const place = new Place({ asked });
    return h("a", { href: place.url, onclick: (event) => this.on.follow(event, place) }, text);
  }

  why(hit) {
    if (hit.coarse === null || hit.coarse === undefined) return [];
    const list = h("dl", {},
      h("dt", {}, t("probability")), h("dd", {}, formatPercent(hit.score)),
      h("dt", {}, t("coarse_score")), h("dd", {}, formatNumber(hit.coarse, 3)),
      h("dt", {}, t("fine_score")), h("dd", {}, hit.fine === null ? t("not_compared") : formatNumber(hit.fine, 2)));
    return [h("details", { class: "why" }, h("summary", {}, t("why")), h("p", {}, t("why_words")), list)];
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
      if (error?.name !== "AbortError") this.say(url);
    }
  }

  say(text) {
    this.said.textContent = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.said.textContent = ""), 4000);
  }
}

// Why the file itself was found, in one line: "Folder: Algarve, Person: Anna".
function matched(hit) {
  const parts = (hit.matched ?? []).map(({ field, words }) => t("labelled", { name: t(`in_${field}`), value: words.join(" ") }));
  return parts.length ? [h("p", { class: "matched" }, parts.join(", "))] : [];
}
