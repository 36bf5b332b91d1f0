// Coasts and borders out of outlines.bin, which scripts/outlines.py describes.

import { project } from "./projection.js";

const PER_DEGREE = 100;
const HALF = 0.5; // of the way around the earth

/**
 * On the square of projection.js.
 * @typedef {{ land: Path2D, coasts: Path2D, borders: Path2D }} Outlines
 * @returns {Promise<Outlines>}
 */
export async function loadOutlines() {
  const answer = await fetch(new URL("./outlines.bin", import.meta.url));
  if (!answer.ok) throw new Error(answer.statusText);
  return read(new Uint8Array(await answer.arrayBuffer()));
}

/**
 * @param {Uint8Array} bytes
 * @returns {Outlines}
 */
function read(bytes) {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const signed = () => {
    const folded = number();
    return folded & 1 ? -(folded + 1) / 2 : folded / 2;
  };
  const lines = { coasts: new Path2D(), borders: new Path2D() };
  /** @type {import("./projection.js").Spot[][]} */
  const arcs = [];
  let [longitude, latitude] = [0, 0];
  for (let count = number(); count > 0; count -= 1) {
    const points = number();
    const line = number() ? lines.borders : lines.coasts;
    const arc = [];
    for (let point = 0; point < points; point += 1) {
      longitude += signed();
      latitude += signed();
      const spot = project(latitude / PER_DEGREE, longitude / PER_DEGREE);
      arc.push(spot);
      // over the date line nothing is drawn
      if (point && Math.abs(spot.x - arc[point - 1].x) < HALF) line.lineTo(spot.x, spot.y);
      else line.moveTo(spot.x, spot.y);
    }
    arcs.push(arc);
  }
  const land = new Path2D();
  for (let count = number(); count > 0; count -= 1) {
    const ring = [];
    for (let parts = number(); parts > 0; parts -= 1) {
      const arc = signed();
      ring.push(...(arc < 0 ? arcs[-arc - 1].toReversed() : arcs[arc]));
    }
    fill(land, ring);
  }
  return { land, ...lines };
}

/**
 * A ring over the date line goes on beyond the square, and stands on its other side as well; one around
 * a pole ends at the edge of the square.
 * @param {Path2D} land
 * @param {import("./projection.js").Spot[]} ring
 */
function fill(land, ring) {
  let turns = 0;
  const open = ring.map(({ x, y }, at) => {
    const step = at ? x - ring[at - 1].x : 0;
    if (Math.abs(step) > HALF) turns -= Math.sign(step);
    return { x: x + turns, y };
  });
  if (turns) {
    const edge = ring[0].y > HALF ? 1 : 0;
    open.push({ x: open[open.length - 1].x, y: edge }, { x: open[0].x, y: edge });
  }
  const shifts = new Set([0, ...open.map(({ x }) => -Math.floor(x === 1 ? 0 : x))]);
  for (const shift of shifts) {
    open.forEach(({ x, y }, at) => (at ? land.lineTo(x + shift, y) : land.moveTo(x + shift, y)));
    land.closePath();
  }
}
