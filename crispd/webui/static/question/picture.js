// A picture to search by: chosen, taken with the phone, dropped or pasted.

import { h, icon } from "../base/dom.js";
import { t } from "../i18n.js";
import { openSheet } from "../base/sheet.js";

// More than any model sees; a photo of 12 megapixels is 3 MB that need not travel.
const LONG_SIDE = 1024;
const QUALITY = 0.9;

export class Pictures {
  /** @param {{ onPicture(number: number): void, onProblem(sentence: string): void }} on */
  constructor({ onPicture, onProblem }) {
    this.onPicture = onPicture;
    this.onProblem = onProblem;
    /** @type {{ blob: Blob, url: string }[]} */
    this.held = [];
    this.input = this.chooser({ accept: "image/*,.heic,.heif,.avif" });
    // the camera at once, where there is one
    this.camera = this.chooser({ accept: "image/*", capture: "environment" });
    document.body.append(this.input, this.camera);
    addEventListener("paste", (event) => this.pasted(event));
    addEventListener("dragover", (event) => this.dragged(event));
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("dropping");
    });
    addEventListener("drop", (event) => this.dropped(event));
  }

  /** @param {import("../base/dom.js").Attributes} attributes */
  chooser(attributes) {
    const input = h("input", { type: "file", hidden: true, tabIndex: -1, "aria-label": t("by_picture"), ...attributes });
    input.addEventListener("change", () => {
      this.take(input.files?.[0]);
      input.value = "";
    });
    return input;
  }

  choose() {
    if (!matchMedia("(pointer: coarse)").matches) {
      this.input.click();
      return;
    }
    const option = (/** @type {string} */ name, /** @type {string} */ text, /** @type {HTMLInputElement} */ input) => h("li", {}, h("button", { type: "button", class: "option", onclick: () => {
      sheet.close();
      input.click();
    } }, h("span", {}, text), icon(name)));
    /** @type {HTMLDialogElement} */
    const sheet = openSheet(t("by_picture"), h("ul", { class: "options" },
      option("camera", t("take_photo"), this.camera), option("open", t("choose_picture"), this.input)));
  }

  /** @param {number | null} number */
  get(number) {
    return number === null ? null : (this.held[number] ?? null);
  }

  /** @param {ClipboardEvent} event */
  pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    this.take(file);
  }

  /** @param {DragEvent} event */
  dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  }

  /** @param {DragEvent} event */
  dropped(event) {
    document.body.classList.remove("dropping");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    this.take(file);
  }

  /** @param {File | undefined} file */
  async take(file) {
    if (!file) return;
    if (file.type && !file.type.startsWith("image/")) {
      this.onProblem(t("not_a_picture"));
      return;
    }
    const blob = await smaller(file);
    this.held.push({ blob, url: URL.createObjectURL(blob) });
    this.onPicture(this.held.length - 1);
  }
}

/**
 * What this browser cannot read (HEIC, mostly) goes as it is; the service reads more.
 * @param {File} file
 * @returns {Promise<Blob>}
 */
async function smaller(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return file;
  }
  const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (!context) return file;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", QUALITY));
}
