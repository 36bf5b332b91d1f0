// Text in the photo: what was looked for is marked, and all of it can be selected and copied.

import { call } from "../base/api.js";
import { h, icon, iconButton } from "../base/dom.js";
import { t } from "../i18n.js";

const SOON_MS = 120; // whoever leafs through photos asks for nothing
const OF_LINE = 0.78; // height of letters to that of their line

/** @typedef {import("../base/types.js").MarkedLine} MarkedLine */

export class WordsInPhoto {
  /**
   * changed: there is a layer over the photo, or none any more.
   * @param {{ say(text: string): void, changed(): void }} on
   */
  constructor(on) {
    this.on = on;
    /** @type {HTMLElement | null} */
    this.layer = null;
    /** @type {{ element: HTMLElement, corners: number[] }[]} */
    this.lines = [];
    /** @type {number | undefined} */
    this.soon = undefined;
    this.button = iconButton("text", t("in_text"), () => this.toggle(), { "aria-pressed": "false", hidden: true });
    this.copyButton = h("button", { type: "button", class: "show-copies copy-text", hidden: true, onclick: () => this.copy() },
      icon("copies"), h("span", {}, t("copy_text")));
    this.resized = new ResizeObserver(() => this.fit());
  }

  /**
   * Over the image of a slide.
   * @param {import("../answers/results.js").Hit} hit
   * @param {HTMLElement} image
   */
  show(hit, image) {
    this.clear();
    this.soon = setTimeout(() => this.load(hit, image), SOON_MS);
  }

  clear() {
    clearTimeout(this.soon);
    this.resized.disconnect();
    this.layer?.remove();
    this.layer = null;
    this.lines = [];
    this.button.hidden = this.copyButton.hidden = true;
    this.button.setAttribute("aria-pressed", "false");
    this.on.changed();
  }

  /**
   * @param {import("../answers/results.js").Hit} hit
   * @param {HTMLElement} image
   */
  async load(hit, image) {
    const words = hit.matched.filter(({ field }) => field === "text").flatMap((match) => match.words).join(" ");
    /** @type {import("../base/types.js").TextOfPhoto} */
    let found;
    try {
      found = await call(`/photos/${hit.id}/text${words ? `?words=${encodeURIComponent(words)}` : ""}`);
    } catch {
      return; // the picture is there all the same
    }
    if (!image.isConnected || !found.lines.length) return;
    this.lines = found.lines.map((each) => ({ element: drawn(each), corners: each.corners }));
    this.layer = h("div", { class: "words" }, this.lines.map(({ element }) => element));
    for (const name of ["--ratio", "--most"]) this.layer.style.setProperty(name, image.style.getPropertyValue(name));
    image.after(this.layer);
    this.button.hidden = false;
    this.resized.observe(this.layer); // it tells the first size, too
    this.on.changed();
  }

  // Each line gets the place, the length and the slant that it has in the photo.
  fit() {
    const { clientWidth: width = 0, clientHeight: height = 0 } = this.layer ?? {};
    const places = this.lines.map(({ corners }) => place(corners, width, height));
    places.forEach(({ tall }, at) => (this.lines[at].element.style.fontSize = `${tall * OF_LINE}px`));
    const wide = this.lines.map(({ element }) => element.offsetWidth);
    places.forEach(({ x, y, long, tall, angle }, at) => {
      Object.assign(this.lines[at].element.style, {
        left: `${x}px`, top: `${y}px`, lineHeight: `${tall}px`,
        transform: `rotate(${angle}rad) scaleX(${wide[at] ? long / wide[at] : 1})`,
      });
    });
  }

  toggle() {
    if (!this.layer) return;
    const on = this.layer.classList.toggle("readable");
    this.button.setAttribute("aria-pressed", String(on));
    this.copyButton.hidden = !on;
  }

  async copy() {
    if (!this.layer) return;
    try {
      await navigator.clipboard.writeText(this.layer.textContent?.trimEnd() ?? "");
    } catch {
      // without HTTPS there is no clipboard: what is selected can be copied all the same
      getSelection()?.selectAllChildren(this.layer);
      if (!document.execCommand("copy")) return;
    }
    this.on.say(t("text_copied"));
  }
}

/**
 * A line with its marks.
 * @param {MarkedLine} line
 */
function drawn({ text, marks }) {
  const signs = [...text];
  /** @type {(string | HTMLElement)[]} */
  const parts = [];
  let end = 0;
  for (const [from, to] of marks) {
    parts.push(signs.slice(end, from).join(""), h("mark", {}, signs.slice(from, to).join("")));
    end = to;
  }
  parts.push(signs.slice(end).join(""), "\n"); // what is placed freely is no line of its own when copied
  return h("div", { class: "text-line", dir: "auto" }, parts);
}

/**
 * Where a line begins, its length, height and slant, in pixels of the layer.
 * @param {number[]} corners
 * @param {number} width
 * @param {number} height
 */
function place(corners, width, height) {
  const [ax, ay, bx, by, , , dx, dy] = corners.map((share, at) => share * (at % 2 ? height : width));
  return {
    x: ax, y: ay, long: Math.hypot(bx - ax, by - ay), tall: Math.hypot(dx - ax, dy - ay),
    angle: Math.atan2(by - ay, bx - ax),
  };
}
