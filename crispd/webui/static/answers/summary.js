// What stands instead of photos: nothing found, nothing there, nothing in reach.

import { h } from "../base/dom.js";
import { t } from "../i18n.js";
import { numbers } from "../house/house.js";

/**
 * @param {string} title
 * @param {string} words
 * @param {...import("../base/dom.js").Child} actions
 */
export function notice(title, words, ...actions) {
  return h("section", { class: "notice" }, h("h2", {}, title), h("p", {}, words), ...actions);
}

/**
 * @param {string} text
 * @param {() => unknown} onclick
 */
export const action = (text, onclick) => h("button", { type: "button", class: "primary", onclick }, text);

/**
 * @param {import("../base/types.js").Status | null} status
 * @param {() => unknown} toHouse
 */
export function emptyHouse(status, toHouse) {
  const busy = status !== null && (status.pending > 0 || status.scanning);
  const bar = busy && h("progress", { max: 1, "aria-label": t("indexing") });
  if (bar && status.pending) bar.value = status.photos / (status.photos + status.pending);
  return notice(t("empty_title"), t(busy ? "empty_indexing" : "empty_words"),
    ...(bar ? [bar, h("p", { class: "quiet" }, numbers(status))] : []),
    action(t("see_folders"), toHouse));
}

/**
 * How many there are, in a sentence that is true.
 * @param {import("./results.js").Results} results
 */
export function summary(results) {
  const { about, hits } = results;
  if (!about || !hits.length) return "";
  if (results.asked.copies) return t("copies", { n: hits.length });
  const said = (/** @type {string} */ code) => about.remarks.find((one) => one.code === code);
  const days = said("days");
  if (days) return t("note_days", days.values);
  if (about.closest) return t(said("no_match") ? "closest_unfiltered" : "closest_words");
  if (said("doubtful")) return t("closest_words");
  if (about.likely !== null && about.likely !== undefined && !about.byTime) {
    if (!about.likely) return t("nothing_likely");
    const maybe = about.maybe ? `, ${t("found_maybe", { n: about.maybe })}` : "";
    return t("found_likely", { n: about.likely }) + maybe;
  }
  if (about.byTime || about.sort === "distance") return t("photos_found", { n: about.considered });
  return t("best_of", { n: about.considered });
}
