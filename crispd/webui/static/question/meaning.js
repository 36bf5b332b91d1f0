// What the service read in the words, and what it has to say, in the reader's language. Where this
// page does not know a code, the service's own English stands.

import { formatNumber, formatStretch, formatUnit, listed, monthName, t, told } from "../i18n.js";

/** @param {import("../base/types.js").Remark} remark */
export function remark({ code, values, text }) {
  const said = told("note", code, text, values);
  const expected = code === "as_words" ? told("expected", TIMES.has(values.field) ? "date" : values.field, "") : "";
  return [said, expected].filter(Boolean).join(" ");
}

const TIMES = new Set(["date", "after", "before"]);
/** @type {Record<string, (values: Record<string, any>, meant: string) => string>} */
const READERS = {
  date: stretch,
  after: stretch,
  before: stretch,
  month: ({ months }) => t("any_month", { month: listed("or", months.map(monthName)) }),
  type: ({ types }) => listed("or", types),
  camera: ({ cameras, all }) => listed(all ? "and" : "or", cameras),
  person: ({ people, all }) => listed(all ? "and" : "or", people),
  place: ({ places, all }) => listed(all ? "and" : "or", places),
  keyword: ({ keywords }) => listed("and", keywords),
  has: ({ has }) => listed("and", has.map((/** @type {string} */ name) => t(`value_${name}`))),
  orientation: ({ orientation }) => t(`value_${orientation}`),
  rating: ({ rating }) => (rating < 5 ? t("stars_or_more", { n: rating }) : String(rating)),
  near: ({ near }, meant) => t("within", { km: formatUnit(near.radius_km, "kilometer"), place: meant.match(/ km of (\p{L}.*)/u)?.[1] ??
    `${formatNumber(near.latitude, 3)}; ${formatNumber(near.longitude, 3)}` }),
  size: ({ min_width: wide, min_height: high, min_megapixels: mega }) => listed("and", [
    ...(wide ? [t("at_least_wide", { n: wide })] : []),
    ...(high ? [t("at_least_high", { n: high })] : []),
    ...(mega ? [t("at_least_megapixels", { n: mega })] : [])]),
};

/** @param {Record<string, any>} values */
function stretch({ after, before }) {
  return formatStretch(after, before);
}

/** @param {import("../base/types.js").Interpreted} part of the words */
export function meaning(part) {
  const read = READERS[part.field];
  if (!read || !Object.keys(part.values ?? {}).length) return part.meant;
  try {
    return read(part.values, part.meant) || part.meant;
  } catch {
    return part.meant; // a service that is newer than this page
  }
}
