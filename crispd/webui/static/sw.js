// Keeps the shell of the page, and nothing else: photos and answers come from the house or not at
// all, so that a lost phone holds no copies. EDITION is written before this by the service.

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
// Where the system's share sheet sends a picture of another app (manifest.json).
const SHARED = "/shared-picture";
const CACHE = `crispd-shell-${EDITION.version}`;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // files below /web/ never change; the page has just loaded them
      await cache.addAll(EDITION.files.map((url) => new Request(url, { cache: url.startsWith("/web/") ? "default" : "reload" })));
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("crispd-shell-") && name !== CACHE) await caches.delete(name);
      }
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "POST" && url.origin === worker.location.origin && url.pathname === SHARED) {
    event.respondWith(received(event.request));
    return;
  }
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === "/") {
    event.respondWith(kept("/shell", event.request));
  } else if (url.pathname.startsWith("/web/")) {
    event.respondWith(kept(url.pathname, event.request));
  }
});

/**
 * A picture is held in memory until the page asks for it, and kept nowhere; words are a question.
 * @type {File | null}
 */
let shared = null;

/** @param {Request} request */
async function received(request) {
  const form = await request.formData();
  const picture = form.get("picture");
  shared = picture instanceof File && picture.size ? picture : null;
  const words = String(form.get("text") ?? form.get("title") ?? "").trim();
  return Response.redirect(shared ? "/?shared=picture" : `/?${new URLSearchParams(words ? { q: words } : {})}`, 303);
}

worker.addEventListener("message", (event) => {
  if (event.data !== "shared-picture") return;
  event.ports[0].postMessage(shared);
  shared = null;
});

/**
 * @param {string} path
 * @param {Request} request
 */
async function kept(path, request) {
  return (await caches.match(path)) ?? fetch(request);
}
