"""``python -m tests.browser.measure``: bytes, requests, times, layout shift and memory of the page.

Visits are to a real service with the sample album, or to the one at the address that is given: in
each the browser runs already, and knows nothing of the page. The 10,000 photos are answers and
thumbnails made up in the browser's driver: what is measured there is the page alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.frames import CATEGORIES, main_thread
from tests.e2e.server import ALBUM, Server

PHOTOS = 10_000
VISITS = 5
_PHONE = {"width": 390, "height": 844}
# name, how many times slower the processor, a network of so many Mbit/s and milliseconds
_CONDITIONS = (
    ("loopback", 1, None),
    ("slow_processor", 4, None),
    ("bad_wifi", 1, (20, 40)),
    ("slow_processor_and_bad_wifi", 4, (20, 40)),
)
WATCH = """
window.shifts = 0; window.firstPhoto = null;
new PerformanceObserver(list => { for (const entry of list.getEntries())
  if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({type: 'layout-shift', buffered: true});
new MutationObserver(() => {
  if (window.firstPhoto === null && document.querySelector('.photo img.there'))
    window.firstPhoto = performance.now();
}).observe(document, {subtree: true, attributes: true, childList: true});
"""
_TIMES = """() => ({
  first_paint_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  scripts_ready_ms: performance.getEntriesByName('crispd-ready')[0]?.startTime ?? 0,
  first_photo_ms: window.firstPhoto,
})"""
# Speed in pixels a frame; what is scrolled through is given in pixels.
SCROLL = """async ([by, pixels]) => {
  const times = []; let last = performance.now(); let most = 0; let nodes = 0;
  const end = scrollY + pixels;
  let still = 0;
  while (scrollY < end && still < 120) {
    const before = scrollY; scrollBy(0, by);
    await new Promise(requestAnimationFrame);
    const now = performance.now(); times.push(now - last); last = now;
    still = scrollY === before ? still + 1 : 0;
    most = Math.max(most, document.querySelectorAll('.photo').length);
    nodes = Math.max(nodes, document.getElementsByTagName('*').length);
  }
  times.sort((a, b) => a - b);
  return {frames: times.length, frame_ms_median: Math.round(times[times.length >> 1] * 10) / 10,
    frame_ms_p95: Math.round(times[Math.floor(times.length * .95)] * 10) / 10,
    most_photos: most, most_nodes: nodes, scrolled: Math.round(scrollY)};
}"""


def visits(browser: Any, base: str) -> dict[str, Any]:
    """First visits under each condition, then one to a page that is known already."""
    visit(browser, base, 1, None)  # the service's first answer, and the browser's own start
    told: dict[str, Any] = {}
    for name, slower, network in _CONDITIONS:
        found = [visit(browser, base, slower, network) for _ in range(VISITS)]
        told[name] = {
            key: round(statistics.median(one[key] for one in found), 1) for key in found[0]
        }
    told["known_page"] = known_page(browser, base)
    return told


def visit(
    browser: Any, base: str, slower: int, network: tuple[int, int] | None
) -> dict[str, float]:
    """A first visit. ``network``: Mbit/s and milliseconds."""
    context = browser.new_context(viewport=_PHONE, bypass_csp=True)
    page = context.new_page()
    page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    session.send("Network.enable")
    if network is not None:
        bits = network[0] * 1e6 / 8
        session.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": network[1], "downloadThroughput": bits,
             "uploadThroughput": bits},
        )  # fmt: skip
    page.add_init_script(WATCH)
    asked: list[tuple[str, int]] = []
    page.on(
        "requestfinished",
        lambda request: asked.append((request.url, request.sizes()["responseBodySize"])),
    )
    page.goto(f"{base}/?q=mountains")
    page.wait_for_selector(".photo img.there")
    page.wait_for_timeout(2500)
    shell = [size for url, size in asked if "/photos/" not in url]
    told: dict[str, float] = page.evaluate(_TIMES)
    told |= {
        "requests": len(asked), "requests_without_photos": len(shell),
        "kilobytes_without_photos": sum(shell) / 1000,
        "layout_shift": page.evaluate("window.shifts"),
    }  # fmt: skip
    context.close()
    return told


def known_page(browser: Any, base: str) -> dict[str, float]:
    """The same page again: the service worker has it."""
    context = browser.new_context(viewport=_PHONE, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{base}/?q=mountains")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    found = []
    for _ in range(VISITS):
        page.goto("about:blank")
        page.goto(f"{base}/?q=mountains")
        page.wait_for_selector(".photo img.there")
        found.append(page.evaluate(_TIMES))
    context.close()
    return {key: round(statistics.median(one[key] for one in found), 1) for key in found[0]}


def ten_thousand(browser: Any, base: str) -> dict[str, Any]:
    """Frames at a finger's speed and at a fling's, then everything to the end."""
    context = browser.new_context(viewport=_PHONE, bypass_csp=True, service_workers="block")
    page = context.new_page()
    page.add_init_script(WATCH)
    made_up(page)
    page.goto(f"{base}/?view=house")
    page.wait_for_selector(".rows li")
    session = context.new_cdp_session(page)
    before = heap(session)
    page.evaluate(LEAVE_FOR, "/?q=anything")
    page.wait_for_selector(".photo img.there")
    told: dict[str, Any] = {}
    for name, by in (("finger", 24), ("fling", 80)):
        browser.start_tracing(page=page, categories=CATEGORIES)
        frames = page.evaluate(SCROLL, [by, by * 300])
        trace = json.loads(browser.stop_tracing())
        told[name] = frames | main_thread(trace["traceEvents"])
    told["to_the_end"] = page.evaluate(SCROLL, [160, 10_000_000])
    page.wait_for_timeout(1000)
    told |= {
        "heap_mb_before": before, "heap_mb_after": heap(session),
        "layout_shift": page.evaluate("window.shifts"),
        "photos_in_list": page.evaluate("document.querySelector('.photo').ariaSetSize"),
    }  # fmt: skip
    context.close()
    return told


# As a link within the page would: the document that comes first has no made-up answer.
LEAVE_FOR = """address => {
  history.pushState({key: 'there'}, '', address);
  dispatchEvent(new PopStateEvent('popstate', {state: history.state}));
}"""


def made_up(page: Any) -> None:
    """Answer the page's questions with photos that nobody took."""
    data = io.BytesIO()
    Image.effect_noise((320, 240), 30).convert("RGB").save(data, "JPEG", quality=60)
    picture = data.getvalue()
    page.route(
        "**/thumbnail*", lambda route: route.fulfill(body=picture, content_type="image/jpeg")
    )
    page.route("**/search?*", lambda route: route.fulfill(json=answer(route.request.url)))
    page.route("**/photos/*/text*", lambda route: route.fulfill(json={"lines": []}))


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
        "likely": PHOTOS, "maybe": 0, "timings_ms": {"total": 1.0}, "notes": [], "remarks": [],
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


@contextlib.contextmanager
def service(given: list[str]) -> Iterator[str]:
    """The address that was given, or that of a service over the sample album."""
    if given:
        yield given[0].rstrip("/")
        return
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(Path(scratch) / "data", ALBUM)
        try:
            server.settle(300)
            yield str(server.http.base_url).rstrip("/")
        finally:
            server.stop()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with service(sys.argv[1:]) as base, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for measure in (visits, ten_thousand):
            for name, told in measure(browser, base).items():
                sys.stdout.write(json.dumps({name: told}) + "\n")
                sys.stdout.flush()
        browser.close()


if __name__ == "__main__":
    main()
