// One photo in a grid: a link with a picture, what is said of it in a corner, and the circle that
// chooses it.

import { h, icon } from "../base/dom.js";
import { formatNumber, formatTaken, formatUnit, t } from "../i18n.js";

/**
 * @typedef {import("./results.js").Hit} Hit
 * @typedef {ReturnType<typeof photoCard>} PhotoCard
 */

/**
 * dated: whether its day is said; count: of all photos, -1 where it is not known.
 * @param {Hit} hit
 * @param {number} index
 * @param {{ dated: boolean, count: number }} options
 */
export function photoCard(hit, index, { dated, count }) {
  const image = h("img", { alt: "", decoding: "async", draggable: true });
  const link = h("a", { href: `/?photo=${hit.id}`, tabIndex: -1, "aria-label": describe(hit, dated) }, image,
    hit.copies ? h("span", { class: "badge copies" }, icon("copies"), formatNumber(hit.copies + 1)) : null,
    hit.online ? null : h("span", { class: "badge offline", title: t("offline_one") }, icon("unplugged")));
  const check = h("button", { type: "button", class: "check", role: "checkbox", tabIndex: -1, "aria-label": t("choose", { name: hit.filename }) });
  const element = h("div", {
    class: "photo", role: "listitem", "data-index": index,
    "aria-posinset": index + 1, "aria-setsize": count,
  }, link, check);
  return { element, link, image, check };
}

/**
 * @param {HTMLElement} element
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export function position({ style }, x, y, width, height) {
  style.left = `${x.toFixed(2)}px`;
  style.top = `${y.toFixed(2)}px`;
  style.width = `${width.toFixed(2)}px`;
  style.height = `${height.toFixed(2)}px`;
}

// Sizes that are kept; others have to be made.
const SIZES = [320, 480];
const LARGEST = 1280;

/**
 * The smallest that is large enough.
 * @param {Hit} hit
 * @param {number} pixels
 */
export function thumbnail(hit, pixels) {
  const size = SIZES.find((known) => known >= pixels * 0.8) ?? LARGEST;
  return `/photos/${hit.id}/thumbnail?size=${size}`;
}

/**
 * @param {PhotoCard} card
 * @param {Hit} hit
 * @param {number} longSide
 */
export function paint({ element, image }, hit, longSide) {
  if (image.src) return;
  image.onload = () => image.classList.add("there");
  image.onerror = () => element.classList.add("broken");
  const density = Math.min(devicePixelRatio || 1, 2);
  image.src = thumbnail(hit, longSide * density);
}

/**
 * A picture that is still on its way is not waited for.
 * @param {PhotoCard} card
 */
export function drop({ element, image }) {
  image.onload = image.onerror = null;
  if (!image.complete) image.removeAttribute("src");
  element.remove();
}

/**
 * What is read out.
 * @param {Hit} hit
 * @param {boolean} [dated]
 */
export function describe(hit, dated = true) {
  const parts = [hit.filename];
  if (hit.taken && dated) parts.push(formatTaken(hit.taken, "day", hit.precision));
  if (hit.relevance === "maybe") parts.push(t("maybe_one"));
  parts.push(...reasons(hit));
  if (hit.copies) parts.push(t("copies", { n: hit.copies + 1 }));
  if (!hit.online) parts.push(t("offline_one"));
  return parts.join(", ");
}

/**
 * Why it was found, beside its picture: "Folder: Algarve", "Distance: 3.2 km", "Text: … the line …".
 * @param {Hit} hit
 */
export function reasons(hit) {
  const lines = hit.matched.filter(({ field, value }) => field === "text" && value).map(({ value }) => value);
  const others = hit.matched.filter(({ field, value }) => field !== "text" || !value);
  return [
    ...(lines.length ? [t("labelled", { name: t("in_text"), value: `… ${lines.join(" … ")} …` })] : []),
    ...others.map(({ field, words, distance }) =>
      t("labelled", { name: t(`in_${field}`), value: field === "near" ? away(distance ?? 0) : words.join(" ") })),
  ];
}

/** @param {number} metres */
const away = (metres) =>
  metres < 1000 ? formatUnit(metres, "meter") : formatUnit(Number((metres / 1000).toFixed(metres < 10_000 ? 1 : 0)), "kilometer");
