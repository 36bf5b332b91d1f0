// What can be done with an answer as a whole: beside the sentence that says how many there are.

import { h, iconButton } from "../base/dom.js";
import { t } from "../i18n.js";

const FEWEST_YEARS = 2;

export class AnswerTools {
  /** @param {{ slideshow(): unknown, years(): boolean, map(): unknown }} on */
  constructor(on) {
    // what is known last stands first: nothing moves
    this.slideshow = iconButton("play", t("slideshow"), () => on.slideshow(), { hidden: true });
    this.years = iconButton("years", t("years"), () => this.years.setAttribute("aria-expanded", String(on.years())), { hidden: true, "aria-expanded": "false" });
    this.map = iconButton("map", t("map"), () => on.map(), { hidden: true, "aria-haspopup": "dialog" });
    this.element = h("div", { class: "tools", role: "toolbar", "aria-label": t("answer_tools") }, this.map, this.years, this.slideshow);
  }

  /**
   * Those that there is something for.
   * @param {{ photos: number, places: number, years: number }} found photos of the answer; others of the library
   */
  draw({ photos, places, years }) {
    this.slideshow.hidden = photos < 2;
    this.years.hidden = years < FEWEST_YEARS;
    this.map.hidden = !photos || !places;
  }
}
