"""``python -m tests.browser.screenshots FOLDER``: the page with the sample album, as WebP."""

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
# name, device, address, what is clicked first
SHOTS: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("phone-home", PHONE, "/", None),
    ("phone-search", PHONE, "/?q=mountains", None),
    ("phone-photo", PHONE, "/?q=two+dogs", PHOTO),
    ("phone-house", PHONE, "/?view=house", None),
    ("tablet-search", TABLET, "/?q=flowers", None),
    ("desk-search-dark", {**DESK, "color_scheme": "dark"}, "/?q=mountains&min_relevance=all", None),
    ("desk-home", DESK, "/", None),
    ("desk-photo", DESK, "/?q=flowers", PHOTO),
]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        server = Server(Path(scratch) / "data", ALBUM)
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            server.settle(300)
            base = str(server.http.base_url).rstrip("/")
            for name, device, path, click in SHOTS:
                shoot(browser, f"{base}{path}", device, click, folder / f"{name}.webp")
        finally:
            browser.close()
            server.stop()


def shoot(browser: Any, address: str, device: dict[str, Any], click: str | None, to: Path) -> None:
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", **device)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".rows li" if "view=house" in address else PHOTO)
    if click:
        page.click(f"{click} >> nth=0")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(to, quality=72, method=6)
    context.close()


if __name__ == "__main__":
    main()
