// What is asked for instead where a filter's value names nothing here.

import { valueOf } from "../base/place.js";

/**
 * Changes of what is asked for, or null where the value stands nowhere.
 * @param {{ asked: import("../base/place.js").Asked, interpreted: import("../base/types.js").Interpreted[] }} question
 * @param {Record<string, string>} miss field, what was written, what is meant
 * @returns {import("../base/place.js").Changes | null}
 */
export function corrected({ asked, interpreted }, { field, written, meant }) {
  if (asked[field]?.includes(written)) return { [field]: asked[field].replace(written, () => meant) };
  const part = interpreted.find((one) => one.field === field && [Object.values(one.values)[0]].flat().includes(written));
  if (!part) return null;
  const names = [Object.values(part.values)[0]].flat().map((name) => valueOf(field, name === written ? meant : name));
  const filter = `${part.negated ? "-" : ""}${field}:"${part.values.all ? "all:" : ""}${names.join(",")}"`;
  const letters = [...(asked.q ?? "")]; // start and end count characters, not UTF-16 units
  return { q: [...letters.slice(0, part.start), filter, ...letters.slice(part.end)].join("") };
}
