// What stands above and between the photos of an answer.

import { formatTaken, t } from "../i18n.js";

/**
 * Likely ones above, maybes below a line; months where photos stand in the order of their time.
 * @param {import("./results.js").Results} results
 * @returns {import("./layout.js").HeadOf}
 */
export function headOf(results) {
  if (results.byTime) {
    const month = (/** @type {import("./results.js").Hit | undefined} */ hit) => hit?.taken?.slice(0, 7);
    return (hit, before) => {
      if (before && month(hit) === month(before)) return null;
      return () => (hit.taken ? formatTaken(hit.taken, "month", hit.precision) : t("undated"));
    };
  }
  if (results.says("days")) {
    const ofDays = (/** @type {import("./results.js").Hit} */ hit) => hit.matched.some(({ field }) => field === "date");
    return (hit, before) => (before && ofDays(before) && !ofDays(hit) ? () => t("maybe") : null);
  }
  if (results.about?.closest || results.says("doubtful")) return (hit, before) => (before ? null : () => t("closest"));
  return (hit, before) => {
    const { relevance } = hit;
    if (!relevance || relevance === (before?.relevance ?? (relevance === "likely" ? "likely" : null))) return null;
    return () => t(relevance);
  };
}
