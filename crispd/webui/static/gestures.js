// Fingers, mouse and wheel on one picture: zoom, pan, swipe sideways, pull down.

const SWIPE_SHARE = 0.18;
const FLICK = 0.45; // pixels a millisecond
const PULL_PIXELS = 110;
const DOUBLE_MS = 280;
const MOST_ZOOM = 8;

export class Gestures {
  // on: {swipe(dx, done), swiped(direction | 0), pull(dy), pulled(closes), tap(), zoom(scale)}
  constructor(stage, on) {
    Object.assign(this, { stage, on, image: null, scale: 1, x: 0, y: 0 });
    this.pointers = new Map();
    this.lastTap = 0;
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    stage.addEventListener("pointerup", (event) => this.up(event));
    stage.addEventListener("pointercancel", (event) => this.up(event, true));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  watch(image) {
    this.image = image;
    this.reset();
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.draw();
  }

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
    if (this.image) {
      this.image.style.transform =
        this.scale === 1 ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    }
  }

  down(event) {
    if (event.target.closest("button, a") || (event.pointerType === "mouse" && event.button)) return;
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

  kind(dx, dy) {
    if (Math.hypot(dx, dy) < 8) return null;
    if (this.scale > 1.01) return "pan";
    if (Math.abs(dx) >= Math.abs(dy)) return "swipe";
    return dy > 0 ? "pull" : "none";
  }

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

  wheel(event) {
    event.preventDefault();
    this.zoomTo(this.scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
  }
}
