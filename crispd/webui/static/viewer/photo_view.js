// The photo of the address, out of the answer below it or alone.

import { Refused, call } from "../base/api.js";
import { Place } from "../base/place.js";
import { Results } from "../answers/results.js";
import { why } from "../i18n.js";
import { Viewer } from "./viewer.js";

export class PhotoView {
  /**
   * @param {import("../base/router.js").Router} router
   * @param {import("../answers/answer_view.js").AnswerView} answers
   */
  constructor(router, answers) {
    this.router = router;
    this.answers = answers;
    this.viewer = new Viewer({
      change: (hit) => router.note({ photo: hit.id }, { replace: true, state: { overList: history.state?.overList } }),
      close: () => this.close(),
      alike: (hit) => router.go(router.place.with({ asked: {}, picture: null }).asking({ like: hit.id })),
      copies: (hit) => router.go(new Place({ asked: { copies: [hit.id, ...(hit.alike ?? [])].join(",") } })),
      link: (place, ...content) => router.link(place, ...content),
      more: () => answers.more(),
    });
  }

  /** @param {number} index */
  open(index) {
    const { results } = this.answers;
    if (!results) return;
    this.router.note({ photo: results.hits[index].id }, { state: { overList: true } });
    this.viewer.show(results, index);
  }

  // From the first photo that is seen.
  play() {
    this.open(this.answers.grid.firstVisible());
    this.viewer.slideshow.start();
  }

  async show() {
    const { photo } = this.router.place;
    if (!photo) {
      if (this.viewer.isOpen) this.leave();
      return;
    }
    const { results } = this.answers;
    const index = results?.indexOf(photo) ?? -1;
    if (results && index >= 0) {
      this.viewer.show(results, index);
      return;
    }
    try {
      const alone = new Results({});
      const found = await call(`/photos/${encodeURIComponent(photo)}`);
      alone.take({ results: [found], next: null, interpreted: [], remarks: [] });
      if (this.router.place.photo === photo) this.viewer.show(alone, 0);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 401)) this.answers.say(why(error));
    }
  }

  close() {
    if (history.state?.overList) {
      history.back();
      return;
    }
    this.router.note({ photo: null }, { replace: true });
    this.leave();
  }

  leave() {
    const { results, index } = this.viewer;
    this.viewer.hide();
    if (results === this.answers.results && index >= 0) this.answers.grid.focus(index);
  }
}
