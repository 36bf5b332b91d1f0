// Models: which one answers, how far a change is, and that better ones can be had.

import { call, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { formatDuration, formatNumber, language, t, why } from "../i18n.js";

const TOLD = "crispd.pack-told";

/**
 * @typedef {import("../base/types.js").PackOverview} PackOverview
 * @typedef {import("../base/types.js").PackEntry} PackEntry
 */

export class Packs {
  constructor() {
    this.element = h("section", { class: "card", hidden: true });
    this.said = h("p", { class: "said", role: "status" });
    this.drawn = "";
  }

  /** Only administrators are told; for others there is no such part. */
  async refresh() {
    try {
      this.draw(await call(`/packs?language=${encodeURIComponent(language)}`));
    } catch {
      this.element.hidden = !this.drawn;
    }
  }

  /** @param {PackOverview} found */
  draw(found) {
    const key = JSON.stringify(found);
    if (key === this.drawn) return;
    this.drawn = key;
    this.element.hidden = false;
    const active = found.packs.find((pack) => pack.state === "active");
    const others = found.packs.filter((pack) => pack.state === "installed" || pack.state === "previous");
    const busy = found.switch.state !== "idle";
    this.element.replaceChildren(h("h2", {}, t("models")),
      h("p", {}, t("pack_answers", { name: active?.title || active?.name || "" })),
      ...(busy ? this.change(found) : others.map((pack) => this.other(pack))),
      ...this.download(found), ...this.advice(found, busy), this.said);
  }

  /** @param {PackOverview} found */
  change({ switch: change }) {
    const name = change.pack ?? "";
    const text = change.state === "waiting" ? t("pack_waits", { name }) : change.state === "encoding"
      ? t("pack_encoding", { name, done: formatNumber(change.done), total: formatNumber(change.total) })
      : t("pack_checking", { name });
    const left = change.eta_seconds ? t("left", { time: formatDuration(change.eta_seconds) }) : "";
    return [h("p", {}, [text, left].filter(Boolean).join(" · ")),
      h("progress", { max: Math.max(change.total, 1), value: change.done, "aria-label": t("models") }),
      this.button("pack_give_up", "/packs/back")];
  }

  /** @param {PackEntry} pack */
  other(pack) {
    const back = pack.state === "previous";
    return h("p", {}, h("bdi", {}, pack.title || pack.name), " ",
      back ? this.button("pack_back", "/packs/back") : this.button("pack_use", `/packs/${encodeURIComponent(pack.name)}/use`));
  }

  /** @param {PackOverview} found */
  download({ pull, refused }) {
    const name = pull.pack ?? "";
    const said = [];
    if (pull.state === "pulling") {
      const left = pull.eta_seconds ? t("left", { time: formatDuration(pull.eta_seconds) }) : "";
      const bytes = { done: formatNumber(pull.done / 1e6), total: formatNumber(pull.total / 1e6) };
      said.push(h("p", {}, [t("pack_pulling", { name, ...bytes }), left].filter(Boolean).join(" · ")),
        h("progress", { max: Math.max(pull.total, 1), value: pull.done, "aria-label": name }),
        this.button("pack_give_up", "/packs/cancel"));
    }
    if (pull.state === "checking") said.push(h("p", {}, t("pack_checking", { name })));
    if (pull.state === "failed") said.push(h("p", { class: "warning" }, t("pack_failed", { name, why: pull.message ?? "" })));
    if (refused) said.push(h("p", { class: "warning" }, t("pack_refused", { name: refused.pack, why: refused.reason })));
    return said;
  }

  /**
   * One line, until somebody has answered it.
   * @param {PackOverview} found
   * @param {boolean} busy
   */
  advice({ packs, pull, recommended, recommended_hours: hours }, busy) {
    const pack = packs.find((one) => one.name === recommended);
    const told = localStorage.getItem(TOLD) === recommended;
    if (!pack || pack.state !== "available" || busy || told || pull.state === "pulling" || pull.state === "checking") return [];
    const line = h("p", {}, t("pack_better", { name: pack.title, time: formatDuration((hours ?? 0) * 3600) }));
    const later = h("button", { type: "button", onclick: () => {
      localStorage.setItem(TOLD, pack.name);
      line.remove();
      actions.remove();
    } }, t("not_now"));
    const actions = h("div", { class: "actions" },
      this.button("pack_fetch", "/packs/pull", { pack: pack.name }, { size: formatNumber(pack.download_mb ?? 0) }), later);
    return [line, actions];
  }

  /**
   * @param {string} label
   * @param {string} path
   * @param {object} [body]
   * @param {Record<string, string>} [values]
   */
  button(label, path, body, values) {
    return h("button", { type: "button", onclick: async () => {
      try {
        this.draw(await post(path, body));
        this.said.textContent = "";
      } catch (error) {
        this.said.textContent = why(error);
      }
    } }, t(label, values));
  }
}
