// Going from place to place: the history of the browser, and links within the page.

import { h } from "./dom.js";
import { Place, Scrolls } from "./place.js";

export class Router {
  /**
   * show: another list or view; arrived: Back or Forward led from ``before`` here.
   * @param {{ show(top: number): void, arrived(before: Place, top: number): void }} on
   */
  constructor(on) {
    this.on = on;
    this.scrolls = new Scrolls();
    this.place = Place.here();
    addEventListener("popstate", () => this.arrived());
  }

  /**
   * @param {Place} place
   * @param {{ replace?: boolean, state?: object }} [options]
   */
  go(place, options = {}) {
    this.scrolls.go(place, options);
    this.place = place;
    this.on.show(0);
  }

  /**
   * The same with other parameters.
   * @param {import("./place.js").Changes} changes
   * @param {Partial<Place>} [place]
   */
  ask(changes, place = {}) {
    this.go(this.place.with(place).asking(changes));
  }

  /**
   * Another address for what is shown already.
   * @param {Partial<Place>} changes
   * @param {{ replace?: boolean, state?: object }} [options]
   */
  note(changes, options = {}) {
    this.place = this.place.with(changes);
    this.scrolls.go(this.place, options);
  }

  arrived() {
    const top = this.scrolls.arrive();
    const before = this.place;
    this.place = Place.here();
    this.on.arrived(before, top);
  }

  /**
   * A link was clicked; other tabs and windows are the browser's.
   * @param {MouseEvent} event
   * @param {Place} place
   */
  follow(event, place) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.go(place);
  }

  /**
   * @param {Place} place
   * @param {import("./dom.js").Child[]} content
   */
  link(place, ...content) {
    return h("a", { href: place.url, onclick: (event) => this.follow(event, place) }, ...content);
  }
}
