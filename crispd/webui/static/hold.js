// A finger that rests on something.

const HOLD_MS = 450;
const FAR_PIXELS = 10;

// held(element) for what fits ``selector``; the click that follows is nobody's.
export function onHold(area, selector, held) {
  let timer = 0;
  let start = null;
  let swallow = false;
  const over = () => clearTimeout(timer);
  area.addEventListener("pointerdown", (event) => {
    over();
    swallow = false;
    const element = event.target.closest(selector);
    start = event.pointerType === "touch" && element ? event : null;
    if (!start) return;
    timer = setTimeout(() => {
      swallow = true;
      held(element);
    }, HOLD_MS);
  });
  area.addEventListener("pointermove", (event) => {
    if (start && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > FAR_PIXELS) over();
  });
  for (const name of ["pointerup", "pointercancel"]) area.addEventListener(name, over);
  // the menu of a link would lie over what was chosen
  area.addEventListener("contextmenu", (event) => start && event.preventDefault());
  area.addEventListener("click", (event) => {
    if (!swallow) return;
    swallow = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
}
