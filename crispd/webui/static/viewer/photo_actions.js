// What can be done with one photo, and where it leads: below what is known of it.

import { h, icon } from "../base/dom.js";
import { Place } from "../base/place.js";
import { t } from "../i18n.js";

const DAYS_AROUND = 3;
const COPIED_PIXELS = 2048;

/**
 * @param {import("../base/types.js").Photo} photo
 * @param {{
 *   link(place: Place, ...content: import("../base/dom.js").Child[]): HTMLElement,
 *   say(words: string): void,
 * }} on
 */
export function photoActions(photo, { link, say }) {
  const folder = photo.path.split("/").slice(0, -1).join("/");
  const around = daysAround(photo);
  /** @type {HTMLElement[]} */
  const actions = [];
  if (around) actions.push(link(new Place({ asked: { ...around, sort: "oldest" } }), icon("date"), t("around_then")));
  if (folder) actions.push(link(new Place({ asked: { folder } }), icon("folder"), t("whole_folder")));
  if ("ClipboardItem" in globalThis) {
    actions.push(h("button", { type: "button", onclick: () => copyPhoto(photo.id).then(() => say(t("photo_copied")), () => say(t("cannot_copy"))) },
      icon("copies"), t("copy_photo")));
  }
  for (const action of actions) action.classList.add("chip");
  return h("div", { class: "photo-actions" }, actions);
}

/**
 * Some days before its own and after, as filters; null where its day is not known.
 * @param {import("../base/types.js").Photo} photo
 */
function daysAround({ taken_at, taken_precision }) {
  if (!taken_at || taken_precision === "year" || taken_precision === "month") return null;
  const [year, month, day] = taken_at.slice(0, 10).split("-").map(Number);
  const date = (/** @type {number} */ days) => new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
  return { after: date(-DAYS_AROUND), before: date(DAYS_AROUND + 1) };
}

/**
 * Clipboards take PNG alone. It is promised at once: Safari forgets the tap that asked for it.
 * @param {string} id
 */
async function copyPhoto(id) {
  await navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(id) })]);
}

/** @param {string} id */
async function pngOf(id) {
  const answer = await fetch(`/photos/${id}/preview?size=${COPIED_PIXELS}`);
  if (!answer.ok) throw new Error(answer.statusText);
  const bitmap = await createImageBitmap(await answer.blob());
  const canvas = h("canvas", { width: bitmap.width, height: bitmap.height });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return /** @type {Promise<Blob>} */ (new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  }));
}
