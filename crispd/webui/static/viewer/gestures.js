// Fingers, mouse and wheel on one picture: zoom, pan, swipe sideways, pull down.

import { closest } from "../base/dom.js";

const SWIPE_SHARE = 0.18;
const FLICK = 0.45; // pixels a millisecond
const PULL_PIXELS = 110;
const DOUBLE_MS = 280;
const MOST_ZOOM = 8;

export class Gestures {
  /**
   * swiped: in which direction, 0 for none; pulled: whether far enough to close.
   * @param {HTMLElement} stage
   * @param {{
   *   swipe(dx: number): void, swiped(direction: number): void, pull(dy: number): void, pulled(closes: boolean): void,
   *   tap(): void, zoom(scale: number): void,
   * }} on
   */
  constructor(stage, on) {
    this.stage = stage;
    this.on = on;
    /** @type {HTMLElement | null} */
    this.image = null;
    /** @type {HTMLElement | null} */
    this.layer = null;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    /** @type {Map<number, { x: number, y: number }>} */
    this.pointers = new Map();
    /** @type {{ x: number, y: number, time: number } | null} */
    this.start = null;
    /** @type {"pinch" | "pan" | "swipe" | "pull" | "none" | null} */
    this.mode = null;
    this.pinch = { distance: 1, x: 0, y: 0 };
    /** @type {number | undefined} */
    this.single = undefined;
    this.lastTap = 0;
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", (event) => this.up(event, true));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /** @param {HTMLElement} image */
  watch(image) {
    this.image = image;
    this.reset();
  }

  /**
   * What lies over the picture moves with it.
   * @param {HTMLElement | null} layer
   */
  cover(layer) {
    this.layer = layer;
    this.draw();
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.draw();
  }

  /**
   * @param {number} scale
   * @param {number} [clientX]
   * @param {number} [clientY]
   */
  zoomTo(scale, clientX = innerWidth / 2, clientY = innerHeight / 2) {
    const wanted = Math.min(MOST_ZOOM, Math.max(1, scale));
    const box = this.stage.getBoundingClientRect();
    const px = clientX - box.left - box.width / 2;
    const py = clientY - box.top - box.height / 2;
    const factor = wanted / this.scale;
    this.x = px - (px - this.x) * factor;
    this.y = py - (py - this.y) * factor;
    this.scale = wanted;
    this.bound();
    this.draw();
    this.on.zoom(wanted);
  }

  // The picture may not leave the screen.
  bound() {
    if (!this.image) return;
    const box = this.stage.getBoundingClientRect();
    const freeX = Math.max(0, (this.image.offsetWidth * this.scale - box.width) / 2);
    const freeY = Math.max(0, (this.image.offsetHeight * this.scale - box.height) / 2);
    this.x = Math.min(freeX, Math.max(-freeX, this.x));
    this.y = Math.min(freeY, Math.max(-freeY, this.y));
  }

  draw() {
    const moved = this.scale === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    for (const each of [this.image, this.layer]) if (each) each.style.transform = moved;
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (closest(event, "button, a, .text-line") || (event.pointerType === "mouse" && event.button)) return;
    this.stage.setPointerCapture?.(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.pointers.size === 1) {
      this.start = { x: event.clientX, y: event.clientY, time: event.timeStamp };
      this.mode = null;
    } else if (this.pointers.size === 2) {
      this.abandon();
      this.pinch = this.spread();
      this.mode = "pinch";
    }
  }

  abandon() {
    if (this.mode === "swipe") this.on.swiped(0);
    if (this.mode === "pull") this.on.pulled(false);
  }

  spread() {
    const [a, b] = [...this.pointers.values()];
    return { distance: Math.hypot(a.x - b.x, a.y - b.y) || 1, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  /** @param {PointerEvent} event */
  move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const before = { ...pointer };
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (this.mode === "pinch" && this.pointers.size === 2) {
      const now = this.spread();
      this.x += now.x - this.pinch.x;
      this.y += now.y - this.pinch.y;
      this.zoomTo((this.scale * now.distance) / this.pinch.distance, now.x, now.y);
      this.pinch = now;
      return;
    }
    if (this.pointers.size !== 1 || !this.start) return;
    const dx = event.clientX - this.start.x;
    const dy = event.clientY - this.start.y;
    this.mode ??= this.kind(dx, dy);
    if (this.mode === "pan") {
      this.x += event.clientX - before.x;
      this.y += event.clientY - before.y;
      this.bound();
      this.draw();
    } else if (this.mode === "swipe") this.on.swipe(dx);
    else if (this.mode === "pull") this.on.pull(dy);
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  kind(dx, dy) {
    if (Math.hypot(dx, dy) < 8) return null;
    if (this.scale > 1.01) return "pan";
    if (Math.abs(dx) >= Math.abs(dy)) return "swipe";
    return dy > 0 ? "pull" : "none";
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} cancelled
   */
  up(event, cancelled = false) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.pointers.size) {
      this.start = null;
      return;
    }
    const { mode, start } = this;
    this.mode = null;
    if (mode === "pinch") {
      if (this.scale < 1.05) this.zoomTo(1);
      return;
    }
    if (!start) return;
    const dx = event.clientX - start.x;
    const dy = event.clientY - start.y;
    const time = Math.max(1, event.timeStamp - start.time);
    if (mode === "swipe") {
      const far = Math.abs(dx) > innerWidth * SWIPE_SHARE || Math.abs(dx) / time > FLICK;
      this.on.swiped(!cancelled && far ? -Math.sign(dx) : 0);
    } else if (mode === "pull") {
      this.on.pulled(!cancelled && (dy > PULL_PIXELS || dy / time > FLICK * 1.5));
    } else if (mode === null && !cancelled) this.tapped(event);
  }

  /** @param {PointerEvent} event */
  tapped(event) {
    if (event.timeStamp - this.lastTap < DOUBLE_MS) {
      clearTimeout(this.single);
      this.lastTap = 0;
      this.zoomTo(this.scale > 1.01 ? 1 : 2.5, event.clientX, event.clientY);
      return;
    }
    this.lastTap = event.timeStamp;
    this.single = setTimeout(() => this.on.tap(), DOUBLE_MS);
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.zoomTo(this.scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
  }
}
