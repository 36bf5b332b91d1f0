// The earth on a square of side 1, after Mercator, as maps on the web have it.

// Beyond it the square ends.
const FARTHEST = 85;
const EARTH_KM = 6371;

/** @typedef {{ x: number, y: number }} Spot */

/**
 * @param {number} latitude
 * @param {number} longitude
 * @returns {Spot}
 */
export function project(latitude, longitude) {
  const bent = (Math.max(-FARTHEST, Math.min(FARTHEST, latitude)) * Math.PI) / 180;
  return { x: longitude / 360 + 0.5, y: 0.5 - Math.log(Math.tan(Math.PI / 4 + bent / 2)) / (2 * Math.PI) };
}

/**
 * @typedef {{ latitude: number, longitude: number }} Position
 * @param {Position} one
 * @param {Position} other
 */
export function kilometres(one, other) {
  const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;
  const [from, to] = [radians(one.latitude), radians(other.latitude)];
  const up = Math.sin((to - from) / 2) ** 2;
  const across = Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(up + Math.cos(from) * Math.cos(to) * across)));
}
