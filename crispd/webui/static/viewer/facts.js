// What is known of a photo, and the way to those that share it.

import { h } from "../base/dom.js";
import { valueOf } from "../base/place.js";
import { formatBytes, formatNumber, formatTaken, t } from "../i18n.js";

/**
 * @typedef {import("../base/types.js").Photo} Photo
 * @typedef {import("../base/dom.js").Child} Child
 * @typedef {(asked: import("../base/place.js").Asked, text: string) => HTMLElement} Link to the photos of a filter
 */

/**
 * [name of a string, value] each.
 * @param {Photo} photo
 * @param {Link} link
 */
export function facts(photo, link) {
  /** @type {[string, Child | Child[]][]} */
  const rows = [];
  /**
   * @param {string} name
   * @param {Child | Child[]} value
   */
  const add = (name, value) => (Array.isArray(value) ? value.length : value) && rows.push([name, value]);
  add("in_title", photo.title);
  add("in_description", photo.description);
  add("taken", taken(photo, link));
  add("taken_from", photo.taken_from && t(`from_${photo.taken_from}`));
  add("camera", photo.camera && link({ camera: valueOf("camera", photo.camera) }, photo.camera));
  add("lens", photo.lens);
  add("size", `${formatNumber(photo.width)} × ${formatNumber(photo.height)}, ${formatBytes(photo.bytes)}, ${photo.type.toUpperCase()}`);
  add("folder", folder(photo, link));
  add("place", place(photo, link));
  add("in_person", listed(photo.people, (name) => link({ person: valueOf("person", name) }, name)));
  add("rating", photo.rating !== null && photo.rating > 0 && "★".repeat(photo.rating));
  add("keywords", listed(photo.keywords, (word) => link({ keyword: valueOf("keyword", word) }, word)));
  add("raws", photo.raws.join(", "));
  add("in_text", photo.text_lines.length > 0 && h("span", { class: "lines" }, photo.text_lines.map((line) => line.text).join("\n")));
  if (!photo.online) add("drive", t("offline_one"));
  return rows;
}

/**
 * What was taken around then: on the same day, or in the same month where no more is known.
 * @param {Photo} photo
 * @param {Link} link
 */
function taken(photo, link) {
  if (!photo.taken_at) return null;
  const text = formatTaken(photo.taken_at, "moment", photo.taken_precision ?? undefined);
  if (photo.taken_precision === "year") return text;
  const [year, month, day] = photo.taken_at.slice(0, 10).split("-").map(Number);
  const ofMonth = photo.taken_precision === "month";
  const next = new Date(Date.UTC(year, ofMonth ? month : month - 1, ofMonth ? 1 : day + 1));
  const after = ofMonth ? photo.taken_at.slice(0, 7) : photo.taken_at.slice(0, 10);
  return link({ after, before: next.toISOString().slice(0, 10) }, text);
}

/**
 * @param {Photo} photo
 * @param {Link} link
 */
function folder(photo, link) {
  const inside = photo.path.split("/").slice(0, -1).join("/");
  const path = [photo.folder, photo.path].join("/");
  return h("bdi", { dir: "ltr" }, inside ? link({ folder: inside }, path) : path);
}

/**
 * @param {Photo} photo
 * @param {Link} link
 */
function place(photo, link) {
  const { name, region, country } = photo.place ?? {};
  const parts = [name, region, country].flatMap((part, at, all) => (part && part !== all[at - 1] ? [part] : []));
  if (parts.length) return listed(parts, (part) => link({ place: valueOf("place", part) }, part));
  return photo.latitude !== null && photo.longitude !== null && `${formatNumber(photo.latitude, 5)}, ${formatNumber(photo.longitude, 5)}`;
}

/**
 * With commas between.
 * @param {string[]} values
 * @param {(value: string) => Child} make
 * @returns {Child[]}
 */
const listed = (values, make) => values.flatMap((value, at) => (at ? [", ", make(value)] : [make(value)]));
