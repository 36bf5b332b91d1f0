// What is known of the photo that is shown, beside it.

import { call } from "../base/api.js";
import { h } from "../base/dom.js";
import { Place } from "../base/place.js";
import { reasons } from "../answers/photo_card.js";
import { formatNumber, formatPercent, t, why } from "../i18n.js";
import { facts } from "./facts.js";
import { photoActions } from "./photo_actions.js";

/** @typedef {import("../answers/results.js").Hit} Hit */

export class InfoPanel {
  /**
   * @param {{
   *   link(place: Place, ...content: import("../base/dom.js").Child[]): HTMLElement,
   *   say(words: string): void,
   * }} on
   */
  constructor(on) {
    this.on = on;
    /** @type {Hit | null} */
    this.hit = null;
    this.element = h("aside", { class: "info", hidden: true, "aria-label": t("about") });
  }

  /** @param {Hit} hit */
  async draw(hit) {
    this.hit = hit;
    this.element.replaceChildren(h("h2", {}, hit.filename), ...scores(hit));
    /** @type {import("../base/types.js").Photo} */
    let photo;
    try {
      photo = await call(`/photos/${hit.id}`);
    } catch (error) {
      if (this.hit === hit) this.element.append(h("p", {}, why(error)));
      return;
    }
    if (this.hit !== hit) return;
    const list = h("dl");
    const rows = facts(photo, (asked, text) => this.on.link(new Place({ asked }), text));
    for (const [name, value] of rows) list.append(h("dt", {}, t(name)), h("dd", {}, value));
    this.element.replaceChildren(h("h2", {}, hit.filename), ...matched(hit), list, photoActions(photo, this.on), ...scores(hit));
  }
}

/**
 * Why the file itself was found, in one line: "Folder: Algarve, Person: Anna".
 * @param {Hit} hit
 */
function matched(hit) {
  const parts = reasons(hit);
  return parts.length ? [h("p", { class: "matched" }, parts.join(", "))] : [];
}

/** @param {Hit} hit */
function scores(hit) {
  if (hit.coarse === null || hit.coarse === undefined) return []; // alone, or found by filters
  const list = h("dl", {},
    h("dt", {}, t("probability")), h("dd", {}, formatPercent(hit.score)),
    h("dt", {}, t("coarse_score")), h("dd", {}, formatNumber(hit.coarse, 3)),
    h("dt", {}, t("fine_score")), h("dd", {}, hit.fine === null ? t("not_compared") : formatNumber(hit.fine, 2)));
  return [h("details", { class: "why" }, h("summary", {}, t("why")), h("p", {}, t("why_words")), list)];
}
