// What stands where photos will be.

import { h } from "../base/dom.js";

const PROPORTIONS = [1.5, 0.75, 1.3, 1, 1.6, 0.7, 1.4, 1.2, 1.5, 0.8, 1.3, 1.5];

export function skeleton() {
  const blocks = PROPORTIONS.map((ratio) => {
    const block = h("span");
    block.style.flexGrow = block.style.aspectRatio = String(ratio);
    return block;
  });
  return h("div", { class: "skeleton", "aria-hidden": "true", hidden: true }, ...blocks);
}
