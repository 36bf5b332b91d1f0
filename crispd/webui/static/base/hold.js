// A finger that rests on something.

import { closest } from "./dom.js";

const HOLD_MS = 450;
const FAR_PIXELS = 10;

/**
 * held(element) for what fits ``selector``; the click that follows is nobody's.
 * @param {HTMLElement} area
 * @param {string} selector
 * @param {(element: HTMLElement) => void} held
 */
export function onHold(area, selector, held) {
  /** @type {number | undefined} */
  let timer;
  /** @type {PointerEvent | null} */
  let start = null;
  let swallow = false;
  const over = () => clearTimeout(timer);
  area.addEventListener("pointerdown", (event) => {
    over();
    swallow = false;
    const element = closest(event, selector);
    start = event.pointerType === "touch" && element ? event : null;
    if (!start || !element) return;
    timer = setTimeout(() => {
      swallow = true;
      held(element);
    }, HOLD_MS);
  });
  area.addEventListener("pointermove", (event) => {
    if (start && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > FAR_PIXELS) over();
  });
  area.addEventListener("pointerup", over);
  area.addEventListener("pointercancel", over);
  // the menu of a link would lie over what was chosen
  area.addEventListener("contextmenu", (event) => start && event.preventDefault());
  area.addEventListener("click", (event) => {
    if (!swallow) return;
    swallow = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
}
