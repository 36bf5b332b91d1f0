// For a device that the house does not know yet.

import { call, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { t, why } from "../i18n.js";

/** @param {() => void} onPaired */
export function pairView(onPaired) {
  const code = h("input", {
    id: "code", name: "code", required: true, maxLength: 200, autocomplete: "one-time-code",
    inputMode: "numeric", placeholder: "1234-5678", "aria-describedby": "pair-problem",
  });
  const problem = h("p", { id: "pair-problem", class: "warning", role: "alert" });
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    problem.textContent = "";
    try {
      await post("/session", { code: code.value.trim() });
    } catch (error) {
      problem.textContent = why(error);
      return;
    }
    // Whether this browser keeps the cookie shows only now.
    await call("/status").then(onPaired, () => (problem.textContent = t("pair_cookie")));
  };
  return h("section", { class: "card pair" }, h("h1", {}, t("pair_title")), h("p", {}, t("pair_words")),
    h("form", { onsubmit: send }, h("label", { htmlFor: "code" }, t("pair_code")), code,
      h("button", { class: "primary" }, t("pair_go"))), problem);
}
