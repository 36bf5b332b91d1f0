// A map of photos: outlines of the earth, and how many photos there are where. It is loaded when it
// is opened, and gets what it needs of the page: imported, the page's modules would run twice.

import { clusters, filterOf } from "./clusters.js";
import { loadOutlines } from "./outlines.js";
import { project } from "./projection.js";
import { View } from "./view.js";

const STEPS = 2; // of clusters, for each time that the map is twice as large
const MOST_PIXELS = 2; // of the canvas, for one of the page

/**
 * @typedef {import("./clusters.js").Place} Place
 * @typedef {{
 *   h: typeof import("../base/dom.js").h,
 *   iconButton: typeof import("../base/dom.js").iconButton,
 *   t: typeof import("../i18n.js").t,
 *   formatNumber: typeof import("../i18n.js").formatNumber,
 * }} Tools
 */

/**
 * An element that is drawn once it is on the page. onChoose: filters for the photos of a cluster.
 * @param {Tools} tools
 * @param {Place[]} places
 * @param {(filter: { place?: string, near?: string }) => void} onChoose
 */
export async function makeMap({ h, iconButton, t, formatNumber }, places, onChoose) {
  const outlines = await loadOutlines();
  const canvas = h("canvas", { "aria-hidden": "true" });
  const marks = h("div", { class: "marks", role: "group", "aria-label": t("map") });
  const stage = h("div", { class: "map-stage", tabIndex: 0, role: "application", "aria-label": t("map_keys") }, canvas, marks);
  const tools = h("div", { class: "map-tools" },
    iconButton("plus", t("map_closer"), () => view.zoom(2)), iconButton("minus", t("map_farther"), () => view.zoom(0.5)));
  const element = h("div", { class: "map" }, stage, tools);
  /** @type {{ cluster: import("./clusters.js").Cluster, button: HTMLElement }[]} */
  let shown = [];
  let step = NaN;
  let waiting = false;

  const view = new View(stage, () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  });

  function draw() {
    const { width, height, side } = view;
    const density = Math.min(devicePixelRatio || 1, MOST_PIXELS);
    const wide = Math.round(width * density);
    const tall = Math.round(height * density);
    if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
    const context = canvas.getContext("2d");
    if (!context || !width) return;
    const style = getComputedStyle(element);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, wide, tall);
    const scale = side * density;
    const corner = view.onScreen({ x: 0, y: 0 });
    context.setTransform(scale, 0, 0, scale, corner.x * density, corner.y * density);
    context.fillStyle = style.getPropertyValue("--land");
    context.fill(outlines.land, "evenodd");
    context.lineJoin = "round";
    for (const [path, colour, pixels] of /** @type {const} */ ([[outlines.borders, "--border", 0.8], [outlines.coasts, "--coast", 1.1]])) {
      context.lineWidth = pixels / side;
      context.strokeStyle = style.getPropertyValue(colour);
      context.stroke(path);
    }
    mark();
  }

  function mark() {
    const now = Math.round(Math.log2(view.side) * STEPS);
    if (now !== step) {
      step = now;
      const focused = shown.find(({ button }) => button === document.activeElement)?.cluster.places[0];
      shown = clusters(places, 2 ** (step / STEPS)).map((cluster) => ({ cluster, button: makeMark(cluster) }));
      marks.replaceChildren(...shown.map((one) => one.button));
      // the keyboard stays with its place, whatever lies around it
      if (focused) shown.find(({ cluster }) => cluster.places.includes(focused))?.button.focus({ preventScroll: true });
    }
    for (const one of shown) {
      const { x, y } = view.onScreen(one.cluster);
      one.button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
    }
  }

  /** @param {import("./clusters.js").Cluster} cluster */
  function makeMark(cluster) {
    const label = t("labelled", { name: nameOf(cluster), value: t("photos", { n: cluster.count }) });
    return h("button", {
      type: "button", class: "map-mark", "aria-label": label, title: label,
      onclick: () => onChoose(filterOf(cluster, places)),
      onfocus: () => show(cluster),
    }, formatNumber(cluster.count));
  }

  /** @param {import("./clusters.js").Cluster} cluster */
  function nameOf({ places: [first, ...rest] }) {
    const name = [first.name ?? first.region, first.country].filter(Boolean).join(", ") || t("map_unnamed");
    return rest.length ? t("map_and_more", { name, n: rest.length }) : name;
  }

  /**
   * What has the focus is seen.
   * @param {import("./clusters.js").Cluster} cluster
   */
  function show(cluster) {
    const { x, y } = view.onScreen(cluster);
    if (x > 0 && y > 0 && x < view.width && y < view.height) return;
    Object.assign(view, { x: cluster.x, y: cluster.y });
    view.bound();
  }

  // the first size, and every other: what is in the middle stays there
  let fitted = false;
  new ResizeObserver(() => {
    if (!view.width) return;
    if (fitted) view.bound();
    else view.fit(places.map((place) => project(place.latitude, place.longitude)));
    fitted = true;
  }).observe(stage);
  return element;
}
