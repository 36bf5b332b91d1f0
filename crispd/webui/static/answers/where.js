// Where the photos of an answer were taken: what its map shows.

import { call } from "../base/api.js";
import { h, iconButton } from "../base/dom.js";
import { openSheet } from "../base/sheet.js";
import { formatNumber, t, why } from "../i18n.js";
import { loadMap } from "../on_demand.js";

const MOST_PLACES = 1000;
const MOST_PHOTOS = 2000; // of an answer that is counted here

/**
 * @typedef {import("../base/types.js").PlaceFacet} PlaceFacet
 * @typedef {import("../map/clusters.js").Place} Place
 * @typedef {import("./results.js").Results} Results
 */

/**
 * onChoose: filters for the photos of a place.
 * @param {Results} results
 * @param {(filter: { place?: string, near?: string }) => void} onChoose
 */
export async function openMap(results, onChoose) {
  const body = h("div", { class: "map-body" }, h("p", { role: "status" }, t("map_loading")));
  const sheet = openSheet(t("map"), body);
  sheet.classList.add("map-sheet");
  try {
    const [{ makeMap }, { places, partly }] = await Promise.all([loadMap(), placesOf(results)]);
    const map = await makeMap({ h, iconButton, t, formatNumber }, places, (filter) => {
      sheet.close();
      onChoose(filter);
    });
    const n = places.reduce((sum, { count }) => sum + count, 0);
    const said = !n ? t("map_nothing") : t(partly ? "map_partly" : "map_photos", { n, of: formatNumber(results.hits.length) });
    body.replaceChildren(map, h("p", { class: "quiet", role: "status" }, said));
  } catch (error) {
    body.replaceChildren(h("p", { role: "alert" }, why(error)));
  }
}

/**
 * Places and counts. Filters alone are counted by the service; what is found by words is counted
 * here, of the first photos of the answer.
 * @param {Results} results
 * @returns {Promise<{ places: Place[], partly: boolean }>}
 */
async function placesOf(results) {
  const filters = filtersOf(results);
  const found = await call(`/places?${new URLSearchParams({ ...filters, limit: String(MOST_PLACES) })}`);
  /** @type {PlaceFacet[]} */
  const known = found.places;
  if (filters) return { places: known.flatMap(placed), partly: false };
  while (!results.complete && results.hits.length < MOST_PHOTOS) await results.more(undefined, true);
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { place, copies } of results.hits) {
    if (place) counts.set(keyOf(place), (counts.get(keyOf(place)) ?? 0) + 1 + copies);
  }
  const places = known.flatMap((place) => placed({ ...place, count: counts.get(keyOf(place)) ?? 0 }));
  return { places, partly: !results.complete };
}

/**
 * Parameters of /places that let through the same photos as the question; null where there are none.
 * @param {Results} results
 * @returns {Record<string, string> | null}
 */
function filtersOf({ asked, about, picture }) {
  const { q, like, copies, sort, group, min_relevance, spelling, parse, ...filters } = asked;
  if (like || copies || picture || about?.searched) return null;
  for (const { values, negated } of about?.interpreted ?? []) {
    for (const [name, value] of Object.entries(values ?? {})) {
      // what a filter of the same name would have to be merged with is for the service alone
      if (negated || name in filters || typeof value !== "string") return null;
      filters[name] = value;
    }
  }
  return filters;
}

/**
 * @param {PlaceFacet} place
 * @returns {Place[]}
 */
function placed({ name, region, country, latitude, longitude, count }) {
  return latitude === null || longitude === null || !count ? [] : [{ name, region, country, latitude, longitude, count }];
}

/** @param {import("../base/types.js").Place} place */
const keyOf = ({ name, region, country }) => [name, region, country].join("\n");
