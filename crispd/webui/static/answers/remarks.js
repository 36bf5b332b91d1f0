// What is said of an answer in small letters, and the way back from what was put right.

import { h } from "../base/dom.js";
import { t } from "../i18n.js";
import { remark } from "../question/meaning.js";
import { corrected } from "../question/near_miss.js";

// The page says them itself, in larger letters. That some were not compared for copies yet is no
// news: nobody asked for that.
const SAID_ELSEWHERE = new Set(["nothing", "only_maybe", "days", "doubtful", "no_match", "no_photos", "comparing"]);

/**
 * The original of what was put right is a tap away.
 * @param {import("./results.js").Results} results
 * @param {import("../base/router.js").Router} router
 */
export function remarkLines({ about }, router) {
  const { asked } = router.place;
  const interpreted = about?.interpreted ?? [];
  const told = (about?.remarks ?? []).filter((one) => !SAID_ELSEWHERE.has(one.code));
  const last = told.findLast((one) => one.code === "spelling");
  /**
   * A link to the same with changes; none where there are none.
   * @param {import("../base/place.js").Changes | null} changes
   * @param {string} words
   */
  const otherwise = (changes, words) => (changes ? [" ", router.link(router.place.asking(changes), words)] : []);
  return told.map((one) => h("p", {}, remark(one),
    ...(one === last ? otherwise({ spelling: "false" }, t("as_written")) : []),
    ...(one.code === "near_miss" ? otherwise(corrected({ asked, interpreted }, one.values), t("as_meant")) : [])));
}
