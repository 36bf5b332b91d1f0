// Where the keys of arrows lead among photos in rows.

import { isRightToLeft } from "../i18n.js";

/**
 * The photo that a key leads to; null for keys that lead nowhere.
 * @param {import("./layout.js").Layout} layout
 * @param {number} index
 * @param {string} key
 * @returns {number | null}
 */
export function neighbour(layout, index, key) {
  const last = layout.count - 1;
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const forward = isRightToLeft() ? "ArrowLeft" : "ArrowRight";
    return Math.min(last, Math.max(0, index + (key === forward ? 1 : -1)));
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return null;
  const at = layout.rowOf(index);
  const row = layout.rows[at];
  const other = layout.rows[at + (key === "ArrowUp" ? -1 : 1)];
  if (!other) return index;
  const share = (index - row.start + 0.5) / (row.end - row.start);
  return Math.min(other.end - 1, other.start + Math.floor(share * (other.end - other.start)));
}
