// A panel over the page: from below on a phone, in the middle elsewhere.

import { h, iconButton } from "./dom.js";
import { t } from "../i18n.js";

/**
 * @param {string} title
 * @param {...import("./dom.js").Child} content
 */
export function openSheet(title, ...content) {
  const close = () => sheet.close();
  /** @type {HTMLDialogElement} */
  const sheet = h("dialog", { class: "sheet", "aria-label": title },
    h("div", { class: "sheet-head" }, h("h2", {}, title), iconButton("close", t("close"), close)),
    h("div", { class: "sheet-body" }, content));
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet) close();
  });
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
  return sheet;
}
