// Ten thousand photos on a page that holds a few dozen: only rows near the screen exist.

import { h, icon } from "./dom.js";
import { onHold } from "./hold.js";
import { formatNumber, formatTaken, isRightToLeft, t } from "./i18n.js";
import { Layout, proportion } from "./layout.js";

const AHEAD = 1.0; // screens above and below that are kept
const FETCH_AHEAD = 3; // screens of rows that are asked for before they are needed
const FLYING = 4; // pixels a millisecond: photos that fly by are not asked for
const SETTLED_MS = 110;
const HEAD = 3.5; // of the size of letters, as the style has it

export class Grid {
  // onOpen(index), onEnd(): more is needed; selection: what is chosen.
  constructor({ onOpen, onEnd, selection }) {
    Object.assign(this, { onOpen, onEnd, selection });
    this.items = h("div", { class: "items", role: "list" });
    this.heads = h("div", { class: "heads" });
    this.element = h("div", { class: "grid" }, this.heads, this.items);
    this.speaks = false;
    this.shown = new Map(); // index → {element, row}
    this.results = null;
    this.current = 0;
    this.seen = null; // rows and pictures of the last render: most frames of a scroll change neither
    this.lastTop = 0;
    this.lastTime = 0;
    this.waiting = false;
    addEventListener("scroll", () => this.schedule(), { passive: true });
    onHold(this.items, ".photo", (photo) => this.choose(photo));
    this.items.addEventListener("click", (event) => this.clicked(event));
    this.items.addEventListener("keydown", (event) => this.pressed(event));
    this.items.addEventListener("focusin", (event) => {
      const index = event.target.closest?.(".photo")?.dataset.index;
      if (index !== undefined) this.makeCurrent(Number(index));
    });
    new ResizeObserver(() => this.resized()).observe(this.element);
  }

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
    for (const { element } of this.shown.values()) drop(element);
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
    for (const [index, { element }] of this.shown) {
      element.firstChild.setAttribute("aria-label", describe(this.results.hits[index]));
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

  // Reads where things are before it writes anything: a frame is laid out once.
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

  renderRows(first, last, withPictures) {
    const { layout, shown } = this;
    const from = layout.rows[first].start;
    const to = layout.rows[last].end;
    for (const [index, { element }] of shown) {
      // what has the focus stays, or the keyboard would fall off the page
      if ((index >= from && index < to) || element.contains(document.activeElement)) continue;
      drop(element);
      shown.delete(index);
    }
    for (let at = first; at <= last; at += 1) this.renderRow(layout.rows[at], withPictures);
  }

  renderRow(row, withPictures) {
    const { hits } = this.results;
    const { width, gap } = this.layout;
    let x = 0;
    for (let index = row.start; index < row.end; index += 1) {
      const hit = hits[index];
      const wide = row.height * proportion(hit);
      const known = this.shown.get(index);
      const element = known?.element ?? this.photo(hit, index);
      if (known?.row !== row) position(element, isRightToLeft() ? width - x - wide : x, row.top, wide, row.height);
      if (!known) this.items.append(element);
      if (known?.row !== row) this.shown.set(index, { element, row });
      if (withPictures) paint(element.firstChild.firstChild, hit, Math.max(wide, row.height));
      x += wide + gap;
    }
  }

  // Pictures that did not come are asked for again.
  mend() {
    for (const { element } of this.shown.values()) {
      if (!element.classList.contains("broken")) continue;
      element.classList.remove("broken");
      element.querySelector("img").removeAttribute("src");
    }
    this.seen = null;
    this.render();
  }

  photo(hit, index) {
    const link = h("a", { href: `/?photo=${hit.id}`, tabIndex: -1, "aria-label": describe(hit, this.speaks) },
      h("img", { alt: "", decoding: "async", draggable: true }),
      hit.copies ? h("span", { class: "badge copies" }, icon("copies"), formatNumber(hit.copies + 1)) : null,
      hit.online ? null : h("span", { class: "badge offline", title: t("offline_one") }, icon("unplugged")));
    const count = this.results.complete ? this.results.hits.length : -1;
    const check = h("button", { type: "button", class: "check", role: "checkbox", tabIndex: -1, "aria-label": t("choose", { name: hit.filename }) });
    const element = h("div", {
      class: "photo", role: "listitem", "data-index": index,
      "aria-posinset": index + 1, "aria-setsize": count,
    }, link, check);
    this.mark(element, hit);
    return element;
  }

  mark(element, hit) {
    const chosen = this.selection.has(hit);
    element.classList.toggle("chosen", chosen);
    element.lastChild.setAttribute("aria-checked", String(chosen));
  }

  markAll() {
    for (const [index, { element }] of this.shown) this.mark(element, this.results.hits[index]);
  }

  choose(photo, through = false) {
    this.selection.toggle(this.results.hits, Number(photo.dataset.index), through);
  }

  // One stop for Tab; arrows go from photo to photo.
  tabStop(otherwise = this.firstVisible()) {
    const stop = this.shown.get(this.shown.has(this.current) ? this.current : otherwise)?.element.firstChild;
    if (stop === this.stop) return;
    if (this.stop) this.stop.tabIndex = -1;
    if (stop) stop.tabIndex = 0;
    this.stop = stop;
  }

  makeCurrent(index) {
    this.current = index;
    this.tabStop();
  }

  clicked(event) {
    const photo = event.target.closest(".photo");
    if (!photo || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    if (this.selection.active || event.shiftKey || event.target.closest(".check")) this.choose(photo, event.shiftKey);
    else this.onOpen(Number(photo.dataset.index));
  }

  pressed(event) {
    const photo = event.target.closest(".photo");
    if (!photo || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "x" || event.key === "X" || event.key === " ") {
      event.preventDefault();
      this.choose(photo, event.shiftKey);
      return;
    }
    const to = this.neighbour(Number(photo.dataset.index), event.key);
    if (to === null) return;
    event.preventDefault();
    this.focus(to);
  }

  neighbour(index, key) {
    const forward = isRightToLeft() ? "ArrowLeft" : "ArrowRight";
    const last = this.results.hits.length - 1;
    if (key === "Home") return 0;
    if (key === "End") return last;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      return Math.min(last, Math.max(0, index + (key === forward ? 1 : -1)));
    }
    if (key !== "ArrowUp" && key !== "ArrowDown") return null;
    const row = this.layout.rowOf(index);
    const other = this.layout.rows[row + (key === "ArrowUp" ? -1 : 1)];
    if (!other) return index;
    const share = (index - this.layout.rows[row].start + 0.5) / (this.layout.rows[row].end - this.layout.rows[row].start);
    return Math.min(other.end - 1, other.start + Math.floor(share * (other.end - other.start)));
  }

  focus(index) {
    if (!this.results?.hits[index]) return;
    this.reveal(index);
    this.makeCurrent(index);
    this.shown.get(index)?.element.firstChild.focus({ preventScroll: true });
  }

  // Bring a photo onto the screen where it is not.
  reveal(index, where = "nearest") {
    const row = this.layout.rows[this.layout.rowOf(index)];
    if (!row) return;
    const bar = document.querySelector(".bar")?.offsetHeight ?? 0;
    const top = this.offset + row.top;
    const above = top - bar - 12;
    const below = top + row.height + 12 - innerHeight;
    if (where === "start" || scrollY > above) scrollTo(0, above);
    else if (scrollY < below) scrollTo(0, below);
    this.render();
  }

  boxOf(index) {
    return this.shown.get(index)?.element.getBoundingClientRect() ?? null;
  }
}

function position(element, x, y, width, height) {
  const { style } = element;
  style.left = `${x.toFixed(2)}px`;
  style.top = `${y.toFixed(2)}px`;
  style.width = `${width.toFixed(2)}px`;
  style.height = `${height.toFixed(2)}px`;
}

// The smallest of a few sizes that is large enough: they are kept, others have to be made.
const SIZES = [320, 480, 1280];

export function thumbnail(hit, pixels) {
  const size = SIZES.find((known) => known >= pixels * 0.8) ?? SIZES.at(-1);
  return `/photos/${hit.id}/thumbnail?size=${size}`;
}

function paint(image, hit, longSide) {
  if (image.src) return;
  image.onload = () => image.classList.add("there");
  image.onerror = () => image.closest(".photo")?.classList.add("broken");
  const density = Math.min(devicePixelRatio || 1, 2);
  image.src = thumbnail(hit, longSide * density);
}

// A picture that is still on its way is not waited for.
function drop(element) {
  const image = element.querySelector("img");
  image.onload = image.onerror = null;
  if (!image.complete) image.removeAttribute("src");
  element.remove();
}

export function describe(hit, dated = true) {
  const parts = [hit.filename];
  if (hit.taken && dated) parts.push(formatTaken(hit.taken, "day", hit.precision));
  if (hit.relevance === "maybe") parts.push(t("maybe_one"));
  for (const { field, words } of hit.matched ?? []) parts.push(t("labelled", { name: t(`in_${field}`), value: words.join(" ") }));
  if (hit.copies) parts.push(t("copies", { n: hit.copies + 1 }));
  if (!hit.online) parts.push(t("offline_one"));
  return parts.join(", ");
}
