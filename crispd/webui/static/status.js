// What stands instead of photos: nothing found, nothing there, nothing in reach.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { numbers } from "./house.js";

export function notice(title, words, ...actions) {
  return h("section", { class: "notice" }, h("h2", {}, title), h("p", {}, words), ...actions);
}

export const action = (text, onclick) => h("button", { type: "button", class: "primary", onclick }, text);

export function emptyHouse(status, toHouse) {
  const busy = status?.pending > 0 || status?.scanning;
  const bar = busy && h("progress", { max: 1, "aria-label": t("indexing") });
  if (bar && status.pending) bar.value = status.photos / (status.photos + status.pending);
  return notice(t("empty_title"), t(busy ? "empty_indexing" : "empty_words"),
    ...(bar ? [bar, h("p", { class: "quiet" }, numbers(status))] : []),
    action(t("see_folders"), toHouse));
}

// How many there are, in a sentence that is true.
export function summary(results) {
  const { about, hits } = results;
  if (!hits.length) return "";
  if (results.asked.copies) return t("copies", { n: hits.length });
  const said = (code) => about.remarks.find((one) => one.code === code);
  if (said("days")) return t("note_days", said("days").values);
  if (about.closest) return t(said("no_match") ? "closest_unfiltered" : "closest_words");
  if (said("doubtful")) return t("closest_words");
  if (about.likely !== null && about.likely !== undefined && !about.byTime) {
    if (!about.likely) return t("nothing_likely");
    const maybe = about.maybe ? `, ${t("found_maybe", { n: about.maybe })}` : "";
    return t("found_likely", { n: about.likely }) + maybe;
  }
  if (about.byTime) return t("photos_found", { n: about.considered });
  return t("best_of", { n: about.considered });
}
