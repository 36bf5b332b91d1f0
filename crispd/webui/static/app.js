// Where the page begins.

import { spoken } from "./i18n.js";
import { Page } from "./page/page.js";

function begin() {
  const page = new Page();
  page.start();
  performance.mark("crispd-ready");
  atLeisure(() => {
    page.complete();
    if ("serviceWorker" in navigator) register();
  });
}

/**
 * What nobody waits for comes after the first photos.
 * @param {() => void} work
 */
function atLeisure(work) {
  const soon = () => (globalThis.requestIdleCallback ?? setTimeout)(work, { timeout: 2000 });
  if (document.readyState === "complete") soon();
  else addEventListener("load", () => setTimeout(soon, 200), { once: true });
}

// Kept for later starts, also without a network. Browsers allow it over HTTPS and on localhost.
async function register() {
  const policy = globalThis.trustedTypes?.createPolicy("crispd", { createScriptURL: (url) => url });
  try {
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("/sw.js") : "/sw.js");
  } catch {
    // the page works all the same, just not without its house
  }
}

if (spoken) spoken.then(begin);
else begin();
