// Keeps the shell of the page, and nothing else: photos and answers come from the house or not at
// all, so that a lost phone holds no copies. EDITION is written before this by the service.

const CACHE = `crispd-shell-${EDITION.version}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // files below /web/ never change; the page has just loaded them
      await cache.addAll(EDITION.files.map((url) => new Request(url, { cache: url.startsWith("/web/") ? "default" : "reload" })));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("crispd-shell-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname === "/") {
    event.respondWith(kept("/shell", event.request));
  } else if (url.pathname.startsWith("/web/")) {
    event.respondWith(kept(url.pathname, event.request));
  }
});

async function kept(path, request) {
  return (await caches.match(path)) ?? fetch(request);
}
