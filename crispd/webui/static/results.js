// Photos of one question, page by page.

import { Refused, call } from "./api.js";

const FIRST = 60;
const LATER = 120;
const MOST = 200;
// How photos stand and where an answer ends: nothing is chosen by them.
const NOT_CHOOSING = new Set(["sort", "group", "min_relevance"]);

// What the page needs of a photo: ten thousand of them are held.
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
});

export class Results {
  // asked: parameters of /search; picture: a Blob to search by; first: the first page, where it is
  // known already.
  constructor(asked, picture = null, first = null) {
    Object.assign(this, { asked, picture, first, hits: [], places: new Map(), about: null, next: null, loading: null, folds: false });
  }

  get complete() {
    return this.about !== null && this.next === null;
  }

  get byTime() {
    return this.about?.byTime ?? false;
  }

  // The next page. Everybody who asks meanwhile waits for the same one.
  more(signal, most = false) {
    if (this.complete) return Promise.resolve();
    this.loading ??= this.fetch(signal, most).finally(() => (this.loading = null));
    return this.loading;
  }

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

  async page(limit, signal) {
    const { first } = this;
    this.first = null;
    if (first) return first;
    if (this.asked.copies) return copies(this.asked.copies.split(","), signal);
    if (this.next) {
      return call(`/search?${new URLSearchParams({ cursor: this.next, limit })}`, { signal });
    }
    const { group, ...asked } = this.asked;
    if (group !== "none") asked.group = "duplicates";
    if (this.picture) {
      const body = new FormData();
      body.set("image", this.picture, "picture.jpg");
      body.set("limit", limit);
      for (const [name, value] of Object.entries(asked)) body.set(name, value);
      return call("/search", { method: "POST", body, signal });
    }
    // all photos there are: one of the filters has to be given
    const everything = Object.keys(asked).some((name) => !NOT_CHOOSING.has(name)) ? {} : { min_width: 1 };
    // an honest end: what is hardly meant is shown to whoever asks for it
    const ending = this.asked.q && !this.asked.like ? { min_relevance: "maybe" } : {};
    const parameters = { ...ending, ...asked, ...everything, limit };
    return call(`/search?${new URLSearchParams(parameters)}`, { signal });
  }

  take(answer) {
    const words = answer.searched || this.asked.like || this.asked.copies || this.picture;
    const byTime = this.asked.sort ? this.asked.sort !== "relevance" : !words;
    this.about = {
      ...(this.about ?? {
        query: answer.query,
        searched: answer.searched,
        considered: answer.considered,
        likely: answer.likely,
        maybe: answer.maybe,
        // nothing of it may be what was asked for: said above it, and no dead end
        closest: !answer.results.length && answer.closest?.length > 0,
        interpreted: answer.interpreted,
        remarks: answer.remarks ?? [],
        timings: answer.timings_ms,
        exact: answer.exact,
      }),
      byTime,
    };
    for (const hit of answer.results.length ? answer.results : (answer.closest ?? [])) {
      if (this.places.has(hit.id)) continue;
      this.folds ||= hit.duplicates > 0;
      this.places.set(hit.id, this.hits.length);
      this.hits.push(slim(hit));
    }
    this.next = answer.next;
  }

  // Whether there is more that is hardly meant.
  get ended() {
    return this.complete && this.about.likely !== null && this.asked.min_relevance !== "all";
  }

  indexOf(id) {
    return this.places.get(id) ?? -1;
  }
}

// Photos by their ids, as an answer; those that have gone meanwhile are left out.
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
    this.lists = new Map();
  }

  get(key) {
    const list = this.lists.get(key);
    if (list) this.put(key, list);
    return list;
  }

  put(key, list) {
    this.lists.delete(key);
    this.lists.set(key, list);
    while (this.lists.size > this.size) this.lists.delete(this.lists.keys().next().value);
  }

  drop(key) {
    this.lists.delete(key);
  }
}
