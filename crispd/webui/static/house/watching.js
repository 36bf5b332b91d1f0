// The state of the house as it changes, for everything on the page that shows it.

import { Refused, call } from "../base/api.js";
import { taken } from "../base/given.js";

const POLL_MS = 3000;
const QUIET_MS = 30000;

/**
 * @typedef {import("../base/types.js").Status} Status
 * @typedef {(status: Status) => void} Listener
 */

export class Watching {
  constructor() {
    /** @type {Status | null} */
    this.status = taken("status");
    /** @type {Set<Listener>} */
    this.listeners = new Set();
    this.closely = 0;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    document.addEventListener("visibilitychange", () => this.adjust());
    addEventListener("crispd:reach", (event) => {
      if (!(/** @type {CustomEvent<boolean>} */ (event).detail)) this.soon(POLL_MS);
    });
  }

  /**
   * Told at once where something is known, and at each change.
   * @param {Listener} listener
   * @param {{ closely?: boolean }} [options]
   */
  listen(listener, { closely = false } = {}) {
    this.listeners.add(listener);
    this.closely += closely ? 1 : 0;
    if (this.status) listener(this.status);
    this.adjust();
    return () => {
      if (!this.listeners.delete(listener)) return;
      this.closely -= closely ? 1 : 0;
      this.adjust();
    };
  }

  get isBusy() {
    return this.status !== null && (this.status.state === "indexing" || this.status.pending > 0 || this.status.scanning);
  }

  // A stream while there is something to see; it takes one of the few connections of a browser.
  adjust() {
    const wanted = !document.hidden && this.listeners.size > 0;
    const stream = wanted && (this.closely > 0 || this.isBusy);
    if (stream && !this.source) this.open();
    if (!stream) this.source?.close();
    if (!stream) this.source = null;
    clearTimeout(this.timer);
    if (wanted && !stream) this.soon(this.status ? QUIET_MS : 0);
  }

  open() {
    this.source = new EventSource("/events");
    this.source.addEventListener("status", (event) => this.tell(JSON.parse(event.data)));
    this.source.addEventListener("error", () => {
      if (this.source?.readyState === EventSource.CLOSED) this.source = null;
      // a stream that breaks off does not say why
      this.soon(0);
    });
  }

  async ask() {
    try {
      this.tell(await call("/status"));
    } catch (error) {
      // who is a stranger now has to pair; asking on would look like guessing
      if (!(error instanceof Refused && error.status === 401)) this.soon(POLL_MS);
    }
  }

  /** @param {number} milliseconds */
  soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), milliseconds);
  }

  /** @param {Status} status */
  tell(status) {
    this.status = status;
    for (const listener of [...this.listeners]) listener(status);
    this.adjust();
  }
}
