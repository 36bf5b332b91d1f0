// Places that lie too close to each other for a finger are one.

import { kilometres, project } from "./projection.js";

const APART = 52; // pixels
// Of a place with a name and of one without: photos lie around its middle.
const REACH_KM = 25;
const MOST_NAMES = 8; // that a filter is given

/**
 * @typedef {{ name: string | null, region: string | null, country: string | null, latitude: number, longitude: number, count: number }} Place
 * @typedef {{ x: number, y: number, count: number, places: Place[] }} Cluster
 */

/**
 * Places with most photos stand where they are, and take those around them.
 * @param {Place[]} places
 * @param {number} side of the whole map in pixels
 * @returns {Cluster[]}
 */
export function clusters(places, side) {
  /** @type {Map<string, Cluster>} */
  const cells = new Map();
  const apart = APART / side;
  const cellOf = (/** @type {number} */ x, /** @type {number} */ y) => `${Math.floor(x / apart)} ${Math.floor(y / apart)}`;
  /** @type {Cluster[]} */
  const found = [];
  for (const place of places.toSorted((one, other) => other.count - one.count)) {
    const { x, y } = project(place.latitude, place.longitude);
    const near = around.map(([dx, dy]) => cells.get(cellOf(x + dx * apart, y + dy * apart)))
      .find((one) => one && Math.hypot(one.x - x, one.y - y) < apart);
    if (near) {
      near.places.push(place);
      near.count += place.count;
      continue;
    }
    const alone = { x, y, count: place.count, places: [place] };
    cells.set(cellOf(x, y), alone);
    found.push(alone);
  }
  return found;
}

const around = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy]));

/**
 * Filters of /search that let through the photos of a cluster: the names of its places, where no
 * other place of the map is called so, else a circle around them.
 * @param {Cluster} cluster
 * @param {Place[]} all
 * @returns {{ place?: string, near?: string }}
 */
export function filterOf({ places }, all) {
  const names = places.map(({ name }) => name);
  const inside = new Set(places);
  const others = new Set(all.filter((place) => !inside.has(place)).flatMap((place) => [place.name, place.region, place.country]));
  const clear = names.every((name) => name !== null && !name.includes(",") && !others.has(name));
  if (clear && names.length <= MOST_NAMES) return { place: [...new Set(names)].join(",") };
  const [middle] = places;
  const farthest = Math.max(...places.map((place) => kilometres(middle, place)));
  const where = [middle.latitude, middle.longitude].map((degrees) => degrees.toFixed(4));
  return { near: `${where.join(",")},${Math.ceil(farthest + REACH_KM)}km` };
}
