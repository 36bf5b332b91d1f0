// Ten thousand photos on a page that holds a few dozen: only rows near the screen exist.

import { closest, h } from "../base/dom.js";
import { onHold } from "../base/hold.js";
import { isRightToLeft } from "../i18n.js";
import { neighbour } from "./grid_keys.js";
import { Layout, proportion } from "./layout.js";
import { describe, drop, paint, photoCard, position } from "./photo_card.js";

const AHEAD = 1.0; // screens above and below that are kept
const FETCH_AHEAD = 3; // screens of rows that are asked for before they are needed
const FLYING = 4; // pixels a millisecond: photos that fly by are not asked for
const SETTLED_MS = 110;
const HEAD = 3.5; // of the size of letters, as the style has it

/**
 * @typedef {import("./results.js").Results} Results
 * @typedef {import("./results.js").Hit} Hit
 * @typedef {import("./layout.js").Row} Row
 * @typedef {import("./photo_card.js").PhotoCard} PhotoCard
 */

export class Grid {
  /**
   * onEnd: more is needed.
   * @param {{ onOpen(index: number): void, onEnd(): void, selection: import("./selection.js").Selection }} on
   */
  constructor({ onOpen, onEnd, selection }) {
    this.onOpen = onOpen;
    this.onEnd = onEnd;
    this.selection = selection;
    this.items = h("div", { class: "items", role: "list" });
    this.heads = h("div", { class: "heads" });
    this.element = h("div", { class: "grid" }, this.heads, this.items);
    this.speaks = false;
    /** @type {Map<number, { card: PhotoCard, row: Row }>} by index */
    this.shown = new Map();
    /** @type {Results | null} */
    this.results = null;
    /** @type {import("./layout.js").HeadOf | undefined} */
    this.headOf = undefined;
    this.layout = new Layout(0);
    this.current = 0;
    /** @type {HTMLElement | undefined} where Tab stops */
    this.stop = undefined;
    /** @type {string | null} rows and pictures of the last render: most frames of a scroll change neither */
    this.seen = null;
    /** @type {number | undefined} */
    this.settling = undefined;
    this.lastTop = 0;
    this.lastTime = 0;
    this.waiting = false;
    addEventListener("scroll", () => this.schedule(), { passive: true });
    onHold(this.items, ".photo", (photo) => this.choose(photo));
    this.items.addEventListener("click", (event) => this.clicked(event));
    this.items.addEventListener("keydown", (event) => this.pressed(event));
    this.items.addEventListener("focusin", (event) => {
      const photo = closest(event, ".photo");
      if (photo) this.makeCurrent(indexOf(photo));
    });
    new ResizeObserver(() => this.resized()).observe(this.element);
  }

  /**
   * @param {Results} results
   * @param {import("./layout.js").HeadOf} headOf
   */
  show(results, headOf) {
    if (results !== this.results) {
      this.clear();
      this.results = results;
      this.headOf = headOf;
      this.current = 0;
      this.layout = this.laidOut(this.element.clientWidth);
    }
    this.grown();
  }

  /** @param {number} width */
  laidOut(width) {
    const letters = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return new Layout(width, { headOf: this.headOf, headHeight: letters * HEAD });
  }

  clear() {
    this.empty();
    this.heads.replaceChildren();
    this.element.style.height = "0px";
    this.items.hidden = true;
    this.results = null;
  }

  empty() {
    for (const { card } of this.shown.values()) drop(card);
    this.shown.clear();
    this.seen = null;
  }

  grown() {
    if (!this.results) return;
    this.seen = null;
    this.layout.extend(this.results.hits, this.results.complete);
    this.items.hidden = this.results.hits.length === 0;
    this.element.style.height = `${Math.ceil(this.layout.height)}px`;
    this.render();
    this.placeHeads();
  }

  placeHeads() {
    for (const head of this.layout.heads.slice(this.heads.childElementCount)) {
      const element = h("h2", { class: "head" }, this.speaks ? head.text() : null);
      element.style.transform = `translateY(${head.top}px)`;
      this.heads.append(element);
    }
  }

  // Dates in words wait for the first photos: what writes them is slow to start.
  speak() {
    this.speaks = true;
    [...this.heads.children].forEach((element, at) => (element.textContent = this.layout.heads[at].text()));
    for (const [index, { card }] of this.shown) {
      const hit = this.results?.hits[index];
      if (hit) card.link.setAttribute("aria-label", describe(hit));
    }
  }

  resized() {
    const width = this.element.clientWidth;
    if (!this.results || !width || width === this.layout.width) return;
    const anchor = this.firstVisible();
    this.layout = this.laidOut(width);
    this.heads.replaceChildren();
    this.empty();
    this.grown();
    if (anchor > 0) this.reveal(anchor, "start");
  }

  firstVisible(top = scrollY - this.offset) {
    return top > 0 ? (this.layout.rows[this.layout.rowAt(top)]?.start ?? 0) : 0;
  }

  get offset() {
    return this.element.getBoundingClientRect().top + scrollY;
  }

  schedule() {
    if (this.waiting || !this.results) return;
    this.waiting = true;
    requestAnimationFrame((now) => {
      this.waiting = false;
      const speed = Math.abs(scrollY - this.lastTop) / Math.max(1, now - this.lastTime);
      Object.assign(this, { lastTop: scrollY, lastTime: now });
      this.element.classList.add("moving");
      this.render(speed < FLYING);
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.settled(), SETTLED_MS);
    });
  }

  settled() {
    this.element.classList.remove("moving");
    this.render(true);
  }

  /**
   * Reads where things are before it writes anything: a frame is laid out once.
   * @param {boolean} withPictures
   */
  render(withPictures = true) {
    const { results, layout } = this;
    if (!results || !this.element.isConnected || !layout.rows.length) return;
    const top = scrollY - this.offset;
    const screen = innerHeight;
    const first = layout.rowAt(top - screen * AHEAD);
    const last = Math.min(layout.rows.length - 1, layout.rowAt(top + screen * (1 + AHEAD)));
    const stop = this.firstVisible(top);
    const seen = `${first} ${last} ${withPictures}`;
    if (seen !== this.seen) this.renderRows(first, last, withPictures);
    this.seen = seen;
    this.tabStop(stop);
    if (!results.complete && top + screen * (1 + FETCH_AHEAD) > layout.height) this.onEnd();
  }

  /**
   * @param {number} first
   * @param {number} last
   * @param {boolean} withPictures
   */
  renderRows(first, last, withPictures) {
    const { layout, shown } = this;
    const from = layout.rows[first].start;
    const to = layout.rows[last].end;
    for (const [index, { card }] of shown) {
      // what has the focus stays, or the keyboard would fall off the page
      if ((index >= from && index < to) || card.element.contains(document.activeElement)) continue;
      drop(card);
      shown.delete(index);
    }
    for (let at = first; at <= last; at += 1) this.renderRow(layout.rows[at], withPictures);
  }

  /**
   * @param {Row} row
   * @param {boolean} withPictures
   */
  renderRow(row, withPictures) {
    if (!this.results) return;
    const { hits, complete } = this.results;
    const { width, gap } = this.layout;
    let x = 0;
    for (let index = row.start; index < row.end; index += 1) {
      const hit = hits[index];
      const wide = row.height * proportion(hit);
      const known = this.shown.get(index);
      const card = known?.card ?? photoCard(hit, index, { dated: this.speaks, count: complete ? hits.length : -1 });
      if (known?.row !== row) position(card.element, isRightToLeft() ? width - x - wide : x, row.top, wide, row.height);
      if (!known) this.mark(card, hit);
      if (!known) this.items.append(card.element);
      if (known?.row !== row) this.shown.set(index, { card, row });
      if (withPictures) paint(card, hit, Math.max(wide, row.height));
      x += wide + gap;
    }
  }

  // Pictures that did not come are asked for again.
  mend() {
    for (const { card } of this.shown.values()) {
      if (!card.element.classList.contains("broken")) continue;
      card.element.classList.remove("broken");
      card.image.removeAttribute("src");
    }
    this.seen = null;
    this.render();
  }

  /**
   * @param {PhotoCard} card
   * @param {Hit} hit
   */
  mark({ element, check }, hit) {
    const chosen = this.selection.has(hit);
    element.classList.toggle("chosen", chosen);
    check.setAttribute("aria-checked", String(chosen));
  }

  markAll() {
    for (const [index, { card }] of this.shown) if (this.results) this.mark(card, this.results.hits[index]);
  }

  /**
   * @param {HTMLElement} photo
   * @param {boolean} through
   */
  choose(photo, through = false) {
    if (this.results) this.selection.toggle(this.results.hits, indexOf(photo), through);
  }

  // One stop for Tab; arrows go from photo to photo.
  tabStop(otherwise = this.firstVisible()) {
    const stop = this.shown.get(this.shown.has(this.current) ? this.current : otherwise)?.card.link;
    if (stop === this.stop) return;
    if (this.stop) this.stop.tabIndex = -1;
    if (stop) stop.tabIndex = 0;
    this.stop = stop;
  }

  /** @param {number} index */
  makeCurrent(index) {
    this.current = index;
    this.tabStop();
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const photo = closest(event, ".photo");
    if (!photo || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    if (this.selection.active || event.shiftKey || closest(event, ".check")) this.choose(photo, event.shiftKey);
    else this.onOpen(indexOf(photo));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const photo = closest(event, ".photo");
    if (!photo || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "x" || event.key === "X" || event.key === " ") {
      event.preventDefault();
      this.choose(photo, event.shiftKey);
      return;
    }
    const to = neighbour(this.layout, indexOf(photo), event.key);
    if (to === null) return;
    event.preventDefault();
    this.focus(to);
  }

  /** @param {number} index */
  focus(index) {
    if (!this.results?.hits[index]) return;
    this.reveal(index);
    this.makeCurrent(index);
    this.shown.get(index)?.card.link.focus({ preventScroll: true });
  }

  /**
   * Bring a photo onto the screen where it is not.
   * @param {number} index
   * @param {"nearest" | "start"} [where]
   */
  reveal(index, where = "nearest") {
    const row = this.layout.rows[this.layout.rowOf(index)];
    if (!row) return;
    const bar = document.querySelector(".bar")?.clientHeight ?? 0;
    const top = this.offset + row.top;
    const above = top - bar - 12;
    const below = top + row.height + 12 - innerHeight;
    if (where === "start" || scrollY > above) scrollTo(0, above);
    else if (scrollY < below) scrollTo(0, below);
    this.render();
  }
}

/** @param {HTMLElement} photo */
const indexOf = (photo) => Number(photo.dataset.index);
