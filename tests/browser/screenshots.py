"""``python -m tests.browser.screenshots FOLDER``: the page with the sample album, as WebP.

The photos of the album tell neither when nor where they were taken: beside copies of them lie
sidecars that make both up.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.server import ALBUM, Server

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
TABLET = {"viewport": {"width": 820, "height": 1180}}
DESK = {"viewport": {"width": 1280, "height": 800}}
PHOTO = ".photo img.there"
DARK = {"color_scheme": "dark"}
MAP, YEARS, ABOUT = (f"[aria-label='{name}']" for name in ("Map", "Years", "About this photo"))
# name, device, address, what is clicked
SHOTS: list[tuple[str, dict[str, Any], str, tuple[str, ...]]] = [
    ("phone-home", PHONE, "/", ()),
    ("phone-home-dark", {**PHONE, **DARK}, "/", (YEARS,)),
    ("phone-search", PHONE, "/?q=mountains", ()),
    ("phone-photo", PHONE, "/?q=two+dogs", (PHOTO, ABOUT)),
    ("phone-map", PHONE, "/", (MAP,)),
    ("phone-house", PHONE, "/?view=house", ()),
    ("tablet-search", TABLET, "/?q=flowers", ()),
    ("tablet-map-dark", {**TABLET, **DARK}, "/", (MAP,)),
    ("desk-search-dark", {**DESK, **DARK}, "/?q=mountains&min_relevance=all", ()),
    ("desk-home", DESK, "/", (YEARS,)),
    ("desk-map", DESK, "/", (MAP,)),
    ("desk-photo", DESK, "/?q=flowers", (PHOTO, ABOUT)),
]
# Latitudes and longitudes, in turn.
POSITIONS = (
    (46.02, 7.75), (47.37, 8.54), (48.86, 2.35), (41.9, 12.5), (52.52, 13.41), (59.33, 18.07),
    (39.9, 116.4), (37.77, -122.42), (-33.87, 151.21), (64.15, -21.94),
)  # fmt: skip
_SIDECAR = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:DateTimeOriginal="{year}-{month:02}-12T10:30:00"
 exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}"/></rdf:RDF></x:xmpmeta>"""


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        server = Server(Path(scratch) / "data", placed_album(Path(scratch) / "Photos"))
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            server.settle(300)
            base = str(server.http.base_url).rstrip("/")
            for name, device, path, clicks in SHOTS:
                shoot(browser, f"{base}{path}", device, clicks, folder / f"{name}.webp")
        finally:
            browser.close()
            server.stop()


def placed_album(folder: Path) -> Path:
    """A copy of the album, with sidecars."""
    folder.mkdir()
    for number, path in enumerate(sorted(ALBUM.glob("*.jpg"))):
        shutil.copy(path, folder)
        latitude, longitude = POSITIONS[number * 3 % len(POSITIONS)]
        text = _SIDECAR.format(
            year=2025 - number % 5 * 2,
            month=1 + number % 5 * 7 % 12,
            latitude=_minutes(latitude, "NS"),
            longitude=_minutes(longitude, "EW"),
        )
        (folder / f"{path.name}.xmp").write_text(text)
    return folder


def _minutes(degrees: float, letters: str) -> str:
    """As XMP has it: ``46,1.2N``."""
    whole, part = divmod(abs(degrees), 1)
    return f"{whole:.0f},{part * 60:.3f}{letters[degrees < 0]}"


def shoot(
    browser: Any, address: str, device: dict[str, Any], clicks: tuple[str, ...], to: Path
) -> None:
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", **device)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".rows li" if "view=house" in address else PHOTO)
    if "view=house" not in address:
        page.wait_for_selector(f".lead .tools {MAP}")
    for click in clicks:
        page.click(f"{click} >> nth=0")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2000)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(to, quality=72, method=6)
    context.close()


if __name__ == "__main__":
    main()
