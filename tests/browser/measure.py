"""``python -m tests.browser.measure``: bytes, requests, times, layout shift and memory of the page.

The first visit is to a real service with the sample album. The 10,000 photos are answers and
thumbnails made up in the browser's driver: what is measured there is the page alone.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.server import ALBUM, Server

PHOTOS = 10_000
_PHONE = {"width": 390, "height": 844}
_WATCH = """
window.shifts = 0; window.firstPhoto = null;
new PerformanceObserver(list => { for (const entry of list.getEntries())
  if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({type: 'layout-shift', buffered: true});
new MutationObserver(() => {
  if (window.firstPhoto === null && document.querySelector('.photo img.there'))
    window.firstPhoto = performance.now();
}).observe(document, {subtree: true, attributes: true, childList: true});
"""
_SCROLL = """async () => {
  const times = []; let last = performance.now(); let still = 0; let most = 0;
  while (still < 90 && times.length < 6000) {
    const before = scrollY; scrollBy(0, 80);
    await new Promise(requestAnimationFrame);
    const now = performance.now(); times.push(now - last); last = now;
    still = scrollY === before ? still + 1 : 0;
    most = Math.max(most, document.querySelectorAll('.photo').length);
  }
  times.sort((a, b) => a - b);
  return {frames: times.length, median: times[times.length >> 1],
    p95: times[Math.floor(times.length * .95)], most, scrolled: Math.round(scrollY)};
}"""


def first_visit(browser: Any, base: str) -> dict[str, Any]:
    context = browser.new_context(viewport=_PHONE, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(_WATCH)
    asked: list[tuple[str, int]] = []
    page.on(
        "requestfinished",
        lambda request: asked.append((request.url, request.sizes()["responseBodySize"])),
    )
    page.goto(f"{base}/?q=mountains")
    page.wait_for_selector(".photo img.there")
    page.wait_for_timeout(3000)
    shell = [size for url, size in asked if "/photos/" not in url]
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    told = {
        "requests": len(asked), "requests_without_photos": len(shell),
        "kilobytes_without_photos": round(sum(shell) / 1000, 1),
        "first_paint_ms": round(page.evaluate(paint) or 0),
        "first_photo_ms": round(page.evaluate("window.firstPhoto")),
        "layout_shift": page.evaluate("window.shifts"),
    }  # fmt: skip
    context.close()
    return told


def ten_thousand(browser: Any, base: str) -> dict[str, Any]:
    context = browser.new_context(viewport=_PHONE, bypass_csp=True, service_workers="block")
    page = context.new_page()
    page.add_init_script(_WATCH)
    data = io.BytesIO()
    Image.effect_noise((320, 240), 30).convert("RGB").save(data, "JPEG", quality=60)
    picture = data.getvalue()
    page.route(
        "**/thumbnail*", lambda route: route.fulfill(body=picture, content_type="image/jpeg")
    )
    page.route("**/search?*", lambda route: route.fulfill(json=answer(route.request.url)))
    page.goto(f"{base}/?q=anything")
    page.wait_for_selector(".photo img.there")
    session = context.new_cdp_session(page)
    before = heap(session)
    told: dict[str, Any] = page.evaluate(_SCROLL)
    told |= {
        "heap_mb_before": before, "heap_mb_after": heap(session),
        "layout_shift": page.evaluate("window.shifts"),
        "photos_in_list": page.evaluate("document.querySelector('.photo').ariaSetSize"),
    }  # fmt: skip
    context.close()
    return told


def heap(session: Any) -> float:
    session.send("HeapProfiler.collectGarbage")
    return round(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6, 1)


def answer(url: str) -> dict[str, Any]:
    given = parse_qs(urlsplit(url).query)
    start, limit = int(given.get("cursor", ["0"])[0]), int(given["limit"][0])
    end = min(PHOTOS, start + limit)
    shapes = [(4032, 3024), (3024, 4032), (4000, 2250), (3000, 3000)]
    return {
        "query": "anything", "searched": "anything", "considered": PHOTOS, "exact": True,
        "reranked": 20, "next": str(end) if end < PHOTOS else None, "interpreted": [],
        "likely": PHOTOS, "maybe": 0, "timings_ms": {"total": 1.0}, "notes": [],
        "results": [
            {
                "id": f"p{number:023d}", "filename": f"{number}.jpg", "path": f"{number}.jpg",
                "folder": "/srv/photos", "taken_at": "2021-07-03T10:12:00", "online": True,
                "width": shapes[number * 7 % 4][0], "height": shapes[number * 7 % 4][1],
                "type": "jpeg", "score": 0.9, "coarse_score": 0.3, "fine_score": 2.0,
                "relevance": "likely",
            }
            for number in range(start, end)
        ],
    }  # fmt: skip


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        server = Server(Path(scratch) / "data", ALBUM)
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            server.settle(300)
            base = str(server.http.base_url).rstrip("/")
            for measure in (first_visit, ten_thousand):
                told = {measure.__name__: measure(browser, base)}
                sys.stdout.write(json.dumps(told) + "\n")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
