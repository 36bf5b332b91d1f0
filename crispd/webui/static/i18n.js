// Words, numbers and dates as the reader writes them. A language is one file in ../strings; the
// service makes languages.js of English and of the names of the others, and a module of each.

import LANGUAGES from "./languages.js";

const { en } = LANGUAGES;
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur", "yi"]);
const KEPT = "crispd.language";

/** @typedef {import("./base/types.js").Precision} Precision */

export const language = chosen();
let strings = LANGUAGES[language];
// Before it, English stands; and after it, where the language cannot be loaded.
export const spoken = strings === en ? null : load();
// The first that is made costs a phone half a second: none is before it is needed.
/**
 * @template T
 * @param {() => T} make
 * @returns {() => T}
 */
const later = (make) => {
  /** @type {T | undefined} */
  let made;
  return () => (made ??= make());
};
const plural = later(() => new Intl.PluralRules(language));
// The reader's own habits of writing numbers and dates, where they speak that language.
const locale = navigator.languages?.find((tag) => tag.split("-")[0] === language) ?? language;
const number = later(() => new Intl.NumberFormat(locale));
const OTHER_DIGITS = new Set(["ar", "bn", "fa", "mr", "my", "ne", "ur"]);
/** @param {number} value */
const isShort = (value) => Number.isInteger(value) && value >= 0 && value < 1000 && !OTHER_DIGITS.has(language);

function chosen() {
  const wanted = [localStorage.getItem(KEPT), ...(navigator.languages ?? [])];
  const found = wanted.map((tag) => tag?.split("-")[0]).find((tag) => tag !== undefined && tag in LANGUAGES);
  return found ?? "en";
}

async function load() {
  try {
    strings = (await import(`./languages/${language}.js`)).default;
  } catch {
    // out of reach: what the page holds is better than nothing
  }
}

/** @param {string} tag */
export function choose(tag) {
  localStorage.setItem(KEPT, tag);
  location.reload();
}

/**
 * t("photos", {n: 3}): where a string has forms, n chooses.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  let text = strings[key] ?? en[key];
  if (typeof text === "object") text = text[plural().select(Number(values.n))] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => {
    const value = values[name];
    return typeof value === "number" ? formatNumber(value) : value;
  });
}

/**
 * What the service says in English, in the reader's language where its code is known here.
 * @param {string} kind
 * @param {string | number | null | undefined} code
 * @param {string} otherwise
 * @param {Record<string, string | number>} [values]
 */
export function told(kind, code, otherwise, values = {}) {
  const key = `${kind}_${code}`;
  return code && (strings[key] ?? en[key]) ? t(key, values) : otherwise;
}

/**
 * Why something failed. The service's English says it all, other languages what kind it is; no
 * message is a house out of reach.
 * @param {unknown} error
 */
export function why(error) {
  if (!(error instanceof Error) || !error.message) return t("unreachable");
  return language === "en" || !("status" in error) ? error.message : told("failed", Number(error.status), error.message);
}

/**
 * What a word to try is called here; asked for is the word itself.
 * @param {string} word
 * @returns {string}
 */
export const nameOf = (word) => strings.words?.[word] ?? word;

/**
 * "jpeg, heic or raw" as the language writes it.
 * @param {"and" | "or"} kind
 * @param {string[]} items
 */
export function listed(kind, items) {
  return new Intl.ListFormat(language, { type: kind === "or" ? "disjunction" : "conjunction" }).format(items);
}

export function setUpDocument() {
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.getAttribute("data-t") ?? "");
  }
}

export const isRightToLeft = () => document.documentElement.dir === "rtl";
/** @param {number} value */
export const formatNumber = (value, digits = 0) => {
  if (isShort(value)) return String(value);
  return digits ? new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value) : number().format(value);
};
/**
 * @param {number} value
 * @param {string} unit
 */
export const formatUnit = (value, unit) => new Intl.NumberFormat(locale, { style: "unit", unit }).format(value);
/** @param {number} value */
export const formatPercent = (value) =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(value);

// Photos have the time that clocks showed where they were taken: none of a zone.
/** @param {string} time */
const wall = (time) => new Date(`${time.slice(0, 19)}Z`);
const dates = {
  day: later(() => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" })),
  moment: later(() => new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short", timeZone: "UTC" })),
  month: later(() => new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" })),
  year: later(() => new Intl.DateTimeFormat(locale, { year: "numeric", timeZone: "UTC" })),
};
/**
 * 7 is July: of no year.
 * @param {number} month
 */
export const monthName = (month) =>
  new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2000, month - 1)));
const STYLES = /** @type {const} */ (["moment", "day", "month", "year"]);

/**
 * No more of a time than is known of it: precision is what the service says of taken_at.
 * @param {string} time
 * @param {"moment" | "day" | "month" | "year"} style
 * @param {Precision} [precision]
 */
export function formatTaken(time, style, precision = "second") {
  const date = wall(time);
  const shown = STYLES[Math.max(STYLES.indexOf(style), STYLES.findIndex((one) => one === precision))];
  return Number.isNaN(date.getTime()) ? time : dates[shown]().format(date);
}

/**
 * A stretch of time, its last day included; start or end may be open.
 * @param {string | null | undefined} after
 * @param {string | null | undefined} before
 */
export function formatStretch(after, before) {
  const whole = [after, before].every((time) => !time || time.slice(11) === "00:00:00");
  const style = (whole ? dates.day : dates.moment)();
  if (!before) return after ? t("since", { day: style.format(wall(after)) }) : "";
  const last = new Date(wall(before).getTime() - 1);
  if (!after) return t("up_to", { day: style.format(last) });
  const year = after.slice(5, 10) === "01-01" && before === `${Number(after.slice(0, 4)) + 1}-01-01T00:00:00`;
  if (year && whole) return after.slice(0, 4);
  return style.formatRange(wall(after), last);
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  const [unit, size] = bytes < 1e6 ? /** @type {const} */ (["kilobyte", bytes / 1e3]) : /** @type {const} */ (["megabyte", bytes / 1e6]);
  const digits = size < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: digits }).format(size);
}

/** @param {number} seconds */
export function formatDuration(seconds) {
  const minutes = Math.round(seconds / 60);
  const part = (/** @type {number} */ value, /** @type {string} */ unit) =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
  if (seconds < 90) return part(Math.max(1, Math.round(seconds)), "second");
  if (minutes < 90) return part(minutes, "minute");
  return `${part(Math.floor(minutes / 60), "hour")} ${part(minutes % 60, "minute")}`;
}

/** @param {string} time */
export function formatMoment(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(date);
}
