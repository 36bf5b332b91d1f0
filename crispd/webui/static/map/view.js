// What part of the map is seen: moved and enlarged by fingers, mouse, wheel and keys.

const CLOSEST = 2 ** 19; // pixels that the earth is wide
const KEY_STEP = 80; // pixels
const WHEEL = 0.0025;
const FEW_PIXELS = 6;
const AT_MOST = 2 ** 15; // where a single place is shown

export class View {
  /**
   * @param {HTMLElement} element
   * @param {() => void} changed
   */
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    this.x = 0.5; // what stands in the middle
    this.y = 0.4;
    this.side = 512; // of the whole map, in pixels
    /** @type {Map<number, { x: number, y: number }>} */
    this.pointers = new Map();
    this.moved = 0;
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      element.addEventListener(name, (event) => this.pointers.delete(event.pointerId));
    }
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    element.addEventListener("dblclick", (event) => this.zoom(2, event));
    element.addEventListener("keydown", (event) => this.pressed(event));
  }

  get width() {
    return this.element.clientWidth;
  }

  get height() {
    return this.element.clientHeight;
  }

  // Where a spot of the square is on the screen.
  /** @param {import("./projection.js").Spot} spot */
  onScreen({ x, y }) {
    return { x: (x - this.x) * this.side + this.width / 2, y: (y - this.y) * this.side + this.height / 2 };
  }

  /**
   * All spots, with some room around them.
   * @param {import("./projection.js").Spot[]} spots
   */
  fit(spots) {
    if (!spots.length) return;
    const [left, right] = [Math.min(...spots.map(({ x }) => x)), Math.max(...spots.map(({ x }) => x))];
    const [top, bottom] = [Math.min(...spots.map(({ y }) => y)), Math.max(...spots.map(({ y }) => y))];
    this.x = (left + right) / 2;
    this.y = (top + bottom) / 2;
    const room = 0.78;
    this.side = Math.min(AT_MOST, (this.width * room) / (right - left || 1e-9), (this.height * room) / (bottom - top || 1e-9));
    this.bound();
  }

  bound() {
    this.side = Math.min(CLOSEST, Math.max(this.width, this.side));
    const across = Math.min(0.5, this.width / 2 / this.side);
    const up = Math.min(0.5, this.height / 2 / this.side);
    this.x = Math.min(1 - across, Math.max(across, this.x));
    this.y = Math.min(1 - up, Math.max(up, this.y));
    this.changed();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    this.x -= dx / this.side;
    this.y -= dy / this.side;
    this.bound();
  }

  /**
   * What lies under the point stays there.
   * @param {number} factor
   * @param {{ clientX: number, clientY: number }} [point]
   */
  zoom(factor, point) {
    const box = this.element.getBoundingClientRect();
    const dx = point ? point.clientX - box.left - box.width / 2 : 0;
    const dy = point ? point.clientY - box.top - box.height / 2 : 0;
    const side = Math.min(CLOSEST, this.side * factor);
    this.x += dx / this.side - dx / side;
    this.y += dy / this.side - dy / side;
    this.side = side;
    this.bound();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button) return;
    if (!this.pointers.size) this.moved = 0;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** @param {PointerEvent} event */
  move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const before = this.spread();
    this.moved += Math.hypot(event.clientX - pointer.x, event.clientY - pointer.y);
    // a tap goes to what lies under it; what moves is the map's
    if (this.moved > FEW_PIXELS) this.element.setPointerCapture(event.pointerId);
    Object.assign(pointer, { x: event.clientX, y: event.clientY });
    const now = this.spread();
    if (this.pointers.size > 1) this.zoom(now.distance / before.distance, { clientX: before.x, clientY: before.y });
    this.pan(now.x - before.x, now.y - before.y);
  }

  // The middle of the fingers, and how far they are apart.
  spread() {
    const all = [...this.pointers.values()];
    const x = all.reduce((sum, one) => sum + one.x, 0) / all.length;
    const y = all.reduce((sum, one) => sum + one.y, 0) / all.length;
    const distance = all.reduce((sum, one) => sum + Math.hypot(one.x - x, one.y - y), 0) / all.length;
    return { x, y, distance: distance || 1 };
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * WHEEL * (event.ctrlKey ? 4 : 1)), event);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.pan(KEY_STEP, 0),
      ArrowRight: () => this.pan(-KEY_STEP, 0),
      ArrowUp: () => this.pan(0, KEY_STEP),
      ArrowDown: () => this.pan(0, -KEY_STEP),
      "+": () => this.zoom(1.6),
      "=": () => this.zoom(1.6),
      "-": () => this.zoom(1 / 1.6),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
}
