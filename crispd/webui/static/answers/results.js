// Photos of one question, page by page.

import { Refused, call } from "../base/api.js";

const FIRST = 60;
const LATER = 120;
const MOST = 200;
// How photos stand and where an answer ends: nothing is chosen by them.
const NOT_CHOOSING = new Set(["sort", "group", "min_relevance"]);

/** @typedef {ReturnType<typeof slim>} Hit */

// What the page needs of a photo: ten thousand of them are held.
/** @param {import("../base/types.js").Hit} hit */
const slim = (hit) => ({
  id: hit.id,
  filename: hit.filename,
  folder: hit.folder,
  path: hit.path,
  taken: hit.taken_at,
  precision: hit.taken_precision ?? undefined,
  width: hit.width,
  height: hit.height,
  type: hit.type,
  online: hit.online,
  score: hit.score,
  coarse: hit.coarse_score,
  fine: hit.fine_score,
  relevance: hit.relevance,
  copies: hit.duplicates ?? 0,
  alike: hit.duplicates ? hit.duplicate_ids : null,
  matched: hit.matched ?? [],
  place: hit.place,
});

/**
 * What an answer says of itself: part of SearchResponse, and how it stands.
 * @typedef {import("../base/types.js").SearchResponse} SearchResponse
 * @typedef {Pick<SearchResponse, "query" | "searched" | "considered" | "likely" | "maybe" | "interpreted" | "remarks">
 *   & { closest: boolean, near: boolean, sort: string, byTime: boolean }} About
 */

export class Results {
  /**
   * @param {import("../base/place.js").Asked} asked
   * @param {Blob | null} [picture] to search by
   * @param {SearchResponse | null} [first] the first page, where it is known already
   */
  constructor(asked, picture = null, first = null) {
    this.asked = asked;
    this.picture = picture;
    this.first = first;
    /** @type {Hit[]} */
    this.hits = [];
    /** @type {Map<string, number>} */
    this.places = new Map();
    /** @type {About | null} */
    this.about = null;
    /** @type {string | null} */
    this.next = null;
    /** @type {Promise<void> | null} */
    this.loading = null;
    this.folds = false;
  }

  get complete() {
    return this.about !== null && this.next === null;
  }

  get byTime() {
    return this.about?.byTime ?? false;
  }

  /**
   * The next page. Everybody who asks meanwhile waits for the same one.
   * @param {AbortSignal} [signal]
   * @param {boolean} [most]
   * @returns {Promise<void>}
   */
  more(signal, most = false) {
    if (this.complete) return Promise.resolve();
    this.loading ??= this.fetch(signal, most).finally(() => (this.loading = null));
    return this.loading;
  }

  /**
   * @param {AbortSignal | undefined} signal
   * @param {boolean} most
   */
  async fetch(signal, most) {
    const limit = most ? MOST : this.about ? LATER : FIRST;
    let answer;
    try {
      answer = await this.page(limit, signal);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 410) throw error;
      // The order was forgotten: what was seen stays, and the rest is asked for anew.
      this.next = null;
      answer = await this.page(limit, signal);
    }
    this.take(answer);
  }

  /**
   * @param {number} limit
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<Partial<SearchResponse>>}
   */
  async page(limit, signal) {
    const { first } = this;
    this.first = null;
    if (first) return first;
    if (this.asked.copies) return copies(this.asked.copies.split(","), signal);
    if (this.next) {
      return call(`/search?${new URLSearchParams({ cursor: this.next, limit: String(limit) })}`, { signal });
    }
    if (this.picture) {
      const body = new FormData();
      body.set("image", this.picture, "picture.jpg");
      for (const [name, value] of Object.entries(collapsed(this.asked))) body.set(name, value);
      body.set("limit", String(limit));
      return call("/search", { method: "POST", body, signal });
    }
    return call(`/search?${parametersOf(this.asked, limit)}`, { signal });
  }

  /** @param {Partial<SearchResponse>} answer */
  take(answer) {
    const found = answer.results ?? [];
    const closest = answer.closest ?? [];
    const words = answer.searched || this.asked.like || this.asked.copies || this.picture;
    const near = Boolean(this.asked.near) || (answer.interpreted ?? []).some(({ field }) => field === "near");
    const sort = this.asked.sort ?? (words ? "relevance" : near ? "distance" : "newest");
    const byTime = ["newest", "oldest"].includes(sort);
    this.about = {
      ...(this.about ?? {
        query: answer.query ?? "",
        searched: answer.searched ?? "",
        considered: answer.considered ?? 0,
        likely: answer.likely ?? null,
        maybe: answer.maybe ?? null,
        // nothing of it may be what was asked for: said above it, and no dead end
        closest: !found.length && closest.length > 0,
        interpreted: answer.interpreted ?? [],
        remarks: answer.remarks ?? [],
      }),
      near,
      sort,
      byTime,
    };
    for (const hit of found.length ? found : closest) {
      if (this.places.has(hit.id)) continue;
      this.folds ||= Boolean(hit.duplicates);
      this.places.set(hit.id, this.hits.length);
      this.hits.push(slim(hit));
    }
    this.next = answer.next ?? null;
  }

  // Whether there is more that is hardly meant.
  get ended() {
    return this.complete && this.about?.likely !== null && this.asked.min_relevance !== "all";
  }

  /**
   * Whether the service made a remark of this code.
   * @param {string} code
   */
  says(code) {
    return this.about?.remarks.some((one) => one.code === code) ?? false;
  }

  /** @param {string} id */
  indexOf(id) {
    return this.places.get(id) ?? -1;
  }
}

/** @param {import("../base/place.js").Asked} asked */
function collapsed({ group, ...asked }) {
  return group === "none" ? asked : { ...asked, group: "duplicates" };
}

/**
 * Of /search, for what the page is asked.
 * @param {import("../base/place.js").Asked} asked
 * @param {number} limit
 */
export function parametersOf(asked, limit) {
  const choosing = Object.keys(asked).some((name) => !NOT_CHOOSING.has(name));
  return new URLSearchParams({
    // an honest end: what is hardly meant is shown to whoever asks for it
    ...(asked.q && !asked.like ? { min_relevance: "maybe" } : {}),
    ...collapsed(asked),
    // all photos there are: one of the filters has to be given
    ...(choosing ? {} : { min_width: "1" }),
    limit: String(limit),
  });
}

/**
 * Photos by their ids, as an answer; those that have gone meanwhile are left out.
 * @param {string[]} ids
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<Partial<SearchResponse>>}
 */
async function copies(ids, signal) {
  const found = await Promise.all(ids.map(async (id) => {
    try {
      return await call(`/photos/${encodeURIComponent(id)}`, { signal });
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }));
  const results = found.filter(Boolean);
  return { results, considered: results.length, next: null, likely: null, interpreted: [], remarks: [] };
}

// The last few lists, so that Back shows at once what was there.
export class Shelf {
  constructor(size = 8) {
    this.size = size;
    /** @type {Map<string, Results>} */
    this.lists = new Map();
  }

  /** @param {string} key */
  get(key) {
    const list = this.lists.get(key);
    if (list) this.put(key, list);
    return list;
  }

  /**
   * @param {string} key
   * @param {Results} list
   */
  put(key, list) {
    this.lists.delete(key);
    this.lists.set(key, list);
    for (const oldest of this.lists.keys()) {
      if (this.lists.size <= this.size) break;
      this.lists.delete(oldest);
    }
  }

  /** @param {string} key */
  drop(key) {
    this.lists.delete(key);
  }
}
