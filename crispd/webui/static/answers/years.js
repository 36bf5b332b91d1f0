// The years of an answer: how many photos each has, and the way into one.

import { call, isAbort } from "../base/api.js";
import { closest, h } from "../base/dom.js";
import { formatNumber, isRightToLeft, t } from "../i18n.js";
import { parametersOf } from "./results.js";

const AT_ONCE = 3;
const LOWEST = 0.06; // of the strip, for a single photo

export class YearStrip {
  /**
   * years: of the library, the latest first.
   * @param {import("../base/router.js").Router} router
   * @param {() => import("../base/types.js").Choice[]} years
   */
  constructor(router, years) {
    this.router = router;
    this.years = years;
    /** @type {string | null} of the question whose photos are counted */
    this.counted = null;
    /** @type {Map<string, number>} */
    this.counts = new Map();
    /** @type {AbortController | undefined} */
    this.aborter = undefined;
    this.bars = h("div", { class: "bars", role: "group", "aria-label": t("years") });
    this.element = h("div", { class: "year-strip", hidden: true }, this.bars);
    this.bars.addEventListener("keydown", (event) => this.pressed(event));
  }

  // Whether it is open now.
  toggle() {
    this.element.hidden = !this.element.hidden;
    this.draw();
    // the latest years are seen first
    this.element.scrollLeft = (isRightToLeft() ? -1 : 1) * this.element.scrollWidth;
    return !this.element.hidden;
  }

  // For the question of the place; what was counted for it stays.
  draw() {
    if (this.element.hidden || this.router.place.view !== "photos") return;
    const { after, before, ...asked } = this.router.place.asked;
    const key = JSON.stringify([asked, this.router.place.picture, this.years()]);
    if (key !== this.counted) this.count(key, asked);
    this.drawBars();
  }

  /**
   * Exact, by the service: an answer need not be loaded for it.
   * @param {string} key
   * @param {import("../base/place.js").Asked} asked
   */
  async count(key, asked) {
    this.aborter?.abort();
    const { signal } = (this.aborter = new AbortController());
    this.counted = key;
    this.counts.clear();
    const left = this.years().map(({ value }) => value);
    const one = async () => {
      for (let year = left.shift(); year; year = left.shift()) {
        const found = await call(`/search?${parametersOf({ ...asked, ...yearFilter(year) }, 1)}`, { signal });
        const meant = found.likely === null || asked.min_relevance === "all" ? found.considered : found.likely + found.maybe;
        this.counts.set(year, meant);
        this.drawBars();
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    } catch (error) {
      if (!isAbort(error)) this.counted = null; // asked again when it is drawn again
    }
  }

  drawBars() {
    const most = Math.max(1, ...this.counts.values());
    const now = yearOf(this.router.place.asked);
    const focused = document.activeElement?.getAttribute("data-year");
    const years = this.years().map(({ value }) => value).toReversed();
    const stop = now ?? focused ?? years.at(-1);
    this.bars.replaceChildren(...years.map((year) => {
      const count = this.counts.get(year);
      const bar = h("i", { "aria-hidden": "true" });
      bar.style.blockSize = `${100 * (count ? Math.max(LOWEST, count / most) : 0)}%`;
      return h("button", {
        type: "button", "data-year": year, tabIndex: year === stop ? 0 : -1, "aria-pressed": String(year === now),
        "aria-label": count === undefined ? year : t("labelled", { name: year, value: t("photos", { n: count }) }),
        onclick: () => this.router.ask(year === now ? { after: null, before: null } : yearFilter(year)),
      }, h("small", {}, count === undefined ? "" : formatNumber(count)), h("span", {}, bar), year);
    }));
    if (focused) this.focus(focused);
  }

  /** @param {string} year */
  focus(year) {
    const button = this.bars.querySelector(`[data-year="${year}"]`);
    if (button instanceof HTMLElement) button.focus({ preventScroll: false });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const button = closest(event, "[data-year]");
    const forward = isRightToLeft() ? "ArrowLeft" : "ArrowRight";
    const back = isRightToLeft() ? "ArrowRight" : "ArrowLeft";
    const to = {
      [forward]: button?.nextElementSibling, [back]: button?.previousElementSibling,
      Home: this.bars.firstElementChild, End: this.bars.lastElementChild,
    }[event.key];
    if (!(to instanceof HTMLElement)) return;
    event.preventDefault();
    to.focus();
  }
}

/** @param {string} year */
const yearFilter = (year) => ({ after: `${year}-01-01`, before: `${Number(year) + 1}-01-01` });

/**
 * The year that is looked at, where it is exactly one.
 * @param {import("../base/place.js").Asked} asked
 */
function yearOf({ after, before }) {
  const year = after?.slice(0, 4);
  return year && yearFilter(year).after === after && yearFilter(year).before === before ? year : null;
}
