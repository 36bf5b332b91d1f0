// Photos that somebody chose, out of one list or several, and what can be done with them.

import { call, isAbort } from "../base/api.js";
import { h, iconButton } from "../base/dom.js";
import { t, why } from "../i18n.js";

const MOST = 1000; // that one archive takes
const MOST_SHARED = 20; // that other programs take from a page

/** @typedef {import("./results.js").Hit} Hit */

export class Selection {
  /** @param {{ change(): void, say(words: string): void }} on */
  constructor(on) {
    this.on = on;
    /** @type {Map<string, Hit>} by id */
    this.chosen = new Map();
    /** @type {{ hits: Hit[], index: number } | null} where a range begins */
    this.anchor = null;
    this.count = h("p", { role: "status" });
    this.shareButton = iconButton("share", t("share_chosen"), () => this.share());
    this.bar = h("div", { class: "choice", role: "toolbar", "aria-label": t("chosen_tools"), hidden: true },
      iconButton("close", t("chosen_none"), () => this.clear()), this.count, this.shareButton,
      iconButton("save", t("download_chosen"), () => this.download()));
  }

  get active() {
    return this.chosen.size > 0;
  }

  /** @param {Hit} hit */
  has(hit) {
    return this.chosen.has(hit.id);
  }

  /**
   * One photo more or less; with ``through`` all from the last one to it.
   * @param {Hit[]} hits
   * @param {number} index
   * @param {boolean} through
   */
  toggle(hits, index, through) {
    const from = through && this.anchor && this.anchor.hits === hits ? this.anchor.index : index;
    const part = hits.slice(Math.min(from, index), Math.max(from, index) + 1);
    if (part.length === 1 && this.has(part[0])) this.chosen.delete(part[0].id);
    else for (const hit of part) this.add(hit);
    this.anchor = { hits, index };
    this.draw();
  }

  /** @param {Hit} hit */
  add(hit) {
    if (this.chosen.size < MOST || this.has(hit)) this.chosen.set(hit.id, hit);
    else this.on.say(t("chosen_most", { n: MOST }));
  }

  clear() {
    this.chosen.clear();
    this.anchor = null;
    this.draw();
  }

  draw() {
    this.bar.hidden = !this.active;
    this.count.textContent = this.active ? t("chosen", { n: this.chosen.size }) : "";
    this.shareButton.hidden = !("canShare" in navigator) || this.chosen.size > MOST_SHARED;
    document.body.classList.toggle("choosing", this.active);
    this.on.change();
  }

  // Browsers show how far a download is, so it is left to them: one file, or an archive of several.
  async download() {
    const hits = [...this.chosen.values()];
    try {
      await call(`/photos/${hits[0].id}`); // what fails now is said here, and not on a page of its own
    } catch (error) {
      this.on.say(why(error));
      return;
    }
    if (hits.length === 1) h("a", { href: `/photos/${hits[0].id}/original`, download: hits[0].filename }).click();
    else sendForm("/photos/archive", { ids: hits.map(({ id }) => id).join(",") });
  }

  async share() {
    try {
      const files = await Promise.all([...this.chosen.values()].map(jpegOf));
      if (navigator.canShare({ files })) await navigator.share({ files });
      else this.on.say(t("cannot_share"));
    } catch (error) {
      if (!isAbort(error)) this.on.say(t("cannot_share"));
    }
  }
}

/** @param {Hit} hit */
async function jpegOf(hit) {
  const answer = await fetch(`/photos/${hit.id}/preview?size=2048`);
  if (!answer.ok) throw new Error(answer.statusText);
  return new File([await answer.blob()], `${hit.filename.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
}

/**
 * @param {string} action
 * @param {Record<string, string>} values
 */
function sendForm(action, values) {
  const fields = Object.entries(values).map(([name, value]) => h("input", { type: "hidden", name, value }));
  const form = h("form", { method: "post", action, hidden: true }, fields);
  document.body.append(form);
  form.submit();
  form.remove();
}
