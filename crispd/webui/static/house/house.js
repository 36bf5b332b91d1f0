// The state of the house: folders, progress, problems.

import { Refused, call, post } from "../base/api.js";
import { h } from "../base/dom.js";
import { choose, formatDuration, formatMoment, formatNumber, language, t, told, why } from "../i18n.js";
import LANGUAGES from "../languages.js";
import { Packs } from "./packs.js";

const FOLDERS_MS = 4000;
const MOST_PROBLEMS = 50;

/**
 * @typedef {import("../base/types.js").Status} Status
 * @typedef {import("../base/types.js").Folder} Folder
 */

export class House {
  /** @param {import("./watching.js").Watching} watching */
  constructor(watching) {
    this.watching = watching;
    this.paused = false;
    this.drawn = "";
    this.foldersDrawn = "";
    /** @type {number | undefined} */
    this.failed = undefined;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {(() => void) | null} */
    this.leave = null;
    this.progress = h("section", { class: "card progress", "aria-labelledby": "progress-title" });
    this.folders = h("section", { class: "card" });
    this.problems = h("section", { class: "card" });
    this.packs = new Packs();
    this.about = h("section", { class: "card" });
    this.said = h("p", { class: "said", role: "status" });
    // shown once all of it is known: nothing moves while it arrives
    this.element = h("div", { class: "house waiting" }, h("h1", {}, t("house")),
      this.progress, this.folders, this.problems, this.packs.element, this.about, this.said);
    this.title = h("h2", { id: "progress-title" });
    this.message = h("p", { class: "quiet" });
    this.bar = h("progress", { max: 1, "aria-label": t("indexing") });
    this.numbers = h("p", { class: "numbers" });
    this.pause = h("button", { type: "button", onclick: () => this.togglePause() }, t("pause"));
    this.rescan = h("button", { type: "button", onclick: () => this.doing("/folders/rescan", "scan_started") }, t("rescan"));
    this.progress.append(this.title, this.message, this.bar, this.numbers, h("div", { class: "actions" }, this.pause, this.rescan));
  }

  show() {
    this.leave = this.watching.listen((status) => this.draw(status), { closely: true });
    Promise.all([this.refresh(), this.drawProblems(), this.packs.refresh()]).then(() => this.element.classList.remove("waiting"));
    this.timer = setInterval(() => this.refresh(), FOLDERS_MS);
  }

  hide() {
    this.leave?.();
    this.leave = null;
    clearInterval(this.timer);
  }

  /** @param {Status} status */
  draw(status) {
    const waits = status.pending > 0 || status.scanning;
    this.title.textContent = t(`state_${status.state}`);
    this.message.textContent = told("message", status.message_code, status.message ?? "");
    this.message.hidden = !status.message;
    this.bar.hidden = !waits;
    if (status.pending) this.bar.value = status.photos / (status.photos + status.pending);
    else this.bar.removeAttribute("value");
    this.numbers.textContent = numbers(status);
    this.paused = status.state === "paused";
    this.pause.textContent = t(this.paused ? "resume" : "pause");
    this.drawAbout(status);
    if (this.failed !== undefined && status.failed !== this.failed) this.drawProblems();
    this.failed = status.failed;
  }

  /** @param {Status} status */
  drawAbout(status) {
    const key = [status.pack, status.version, Math.round(status.memory_mb ?? 0)].join();
    if (key === this.drawn) return;
    this.drawn = key;
    /** @type {[string, string | null | 0][]} */
    const facts = [
      ["version", status.version], ["pack", status.pack], ["data_dir", status.data_dir],
      ["memory", status.memory_mb && t("memory_of", { used: Math.round(status.memory_mb), limit: status.memory_limit_mb })],
    ];
    /** @type {HTMLSelectElement} */
    const languages = h("select", { "aria-label": t("language"), onchange: () => choose(languages.value) },
      Object.keys(LANGUAGES).map((tag) => h("option", { value: tag, selected: tag === language }, LANGUAGES[tag].own_name)));
    this.about.replaceChildren(h("h2", {}, t("about_crispd")),
      h("dl", {}, facts.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, t(name)), h("dd", {}, String(value))])),
      h("label", { class: "language" }, t("language"), languages));
  }

  async refresh() {
    if (document.hidden) return;
    if (this.packs.drawn) this.packs.refresh();
    try {
      const { folders } = await call("/folders");
      this.drawFolders(folders);
    } catch (error) {
      if (error instanceof Refused) this.said.textContent = why(error); // out of reach: the page says so
    }
  }

  /** @param {Folder[]} folders */
  drawFolders(folders) {
    const key = JSON.stringify(folders);
    if (key === this.foldersDrawn) return;
    this.foldersDrawn = key;
    this.folders.replaceChildren(h("h2", {}, t("folders")),
      folders.length ? h("ul", { class: "rows" }, folders.map((folder) => this.folder(folder))) : h("p", {}, t("no_folders")));
  }

  /** @param {Folder} folder */
  folder(folder) {
    const facts = [
      t("photos", { n: folder.photos }),
      t(`watch_${folder.watch}`),
      folder.scanning ? t("scanning") : folder.last_scan && t("last_scan", { when: formatMoment(folder.last_scan) }),
      folder.lag_seconds >= 1 && t("lag", { time: formatDuration(folder.lag_seconds) }),
    ].filter(Boolean);
    const confirm = folder.missing > 0 && h("p", { class: "warning" }, t("missing", { n: folder.missing }), " ",
      h("button", { type: "button", onclick: () => this.doing("/folders/confirm", "confirmed", { path: folder.path }) }, t("forget_them")));
    // what is missing is asked about in words of its own
    const hint = folder.hint_code === "missing" ? null : told("hint", folder.hint_code, folder.hint ?? "", countable(folder.hint_values));
    return h("li", {},
      h("p", { class: "path" }, h("span", { class: folder.online ? "dot online" : "dot offline" }), h("bdi", { dir: "ltr" }, folder.path),
        h("strong", {}, folder.online ? t("online") : t("offline"))),
      h("p", { class: "quiet" }, facts.join(" · ")), hint ? h("p", { class: "warning" }, hint) : null, confirm || null);
  }

  async drawProblems() {
    /** @type {{ problems: import("../base/types.js").ProblemFile[], total: number }} */
    let found;
    try {
      found = await call(`/problems?limit=${MOST_PROBLEMS}`);
    } catch {
      return;
    }
    const rows = found.problems.map((problem) => h("li", {},
      h("p", { class: "path" }, h("bdi", { dir: "ltr" }, problem.path)), h("p", { class: "quiet" }, `${told("problem", problem.code, problem.reason)} (${formatMoment(problem.since)})`)));
    this.problems.replaceChildren(h("h2", {}, t("problems")),
      rows.length ? h("p", {}, t("problem_count", { n: found.total })) : h("p", { class: "quiet" }, t("no_problems")),
      ...(rows.length ? [h("ul", { class: "rows" }, rows), h("button", { type: "button", onclick: () => this.doing("/problems/retry", "retried") }, t("retry"))] : []));
  }

  togglePause() {
    return this.doing(this.paused ? "/indexing/resume" : "/indexing/pause", this.paused ? "resumed" : "paused_now");
  }

  /**
   * @param {string} path
   * @param {string} done key of what is said then
   * @param {object} [body]
   */
  async doing(path, done, body) {
    try {
      const answer = await post(path, body);
      this.said.textContent = t(done, { n: answer?.started ?? 0 });
      this.watching.ask();
      this.refresh();
    } catch (error) {
      this.said.textContent = why(error);
    }
  }
}

/**
 * Forms are chosen by numbers; notes bring texts.
 * @param {Record<string, string>} values
 */
const countable = (values = {}) => ("n" in values ? { ...values, n: Number(values.n) } : values);

/** @param {Status} status */
export function numbers(status) {
  const parts = [t("searchable", { n: status.photos })];
  if (status.pending) parts.push(t("waiting", { n: status.pending }));
  if (status.pending && status.images_per_second) {
    parts.push(t("per_second", { rate: formatNumber(status.images_per_second, 1) }));
  }
  if (status.eta_seconds) parts.push(t("left", { time: formatDuration(status.eta_seconds) }));
  if (status.text_pending) parts.push(t("text_waiting", { n: status.text_pending }));
  if (status.text_eta_seconds) parts.push(t("left", { time: formatDuration(status.text_eta_seconds) }));
  return [...parts, ...ofPacks(status)].join(" · ");
}

/**
 * A change of the model and a download, for who may not see models.
 * @param {Status} status
 */
function ofPacks(status) {
  const { pack_change: change, pack_download: download } = status;
  const parts = [];
  if (change === "encoding") {
    parts.push(t("pack_encoding", {
      name: status.pack_target ?? "", done: formatNumber(status.pack_done), total: formatNumber(status.pack_total),
    }));
    if (status.pack_eta_seconds) parts.push(t("left", { time: formatDuration(status.pack_eta_seconds) }));
  } else if (change === "checking" || change === "switching") {
    parts.push(t("pack_checking", { name: status.pack_target ?? "" }));
  }
  if (download === "pulling") {
    parts.push(t("pack_pulling", {
      name: status.pack_download_name ?? "",
      done: formatNumber(status.pack_download_bytes / 1e6),
      total: formatNumber(status.pack_download_total_bytes / 1e6),
    }));
  }
  return parts;
}
