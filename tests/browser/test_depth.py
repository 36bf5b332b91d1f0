"""Ten thousand photos of a real service, to the last one and back.

Rows, vectors and thumbnails are made, the photos are not: a drive that is not plugged in.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from benchmarks.common.synthetic import fill
from crispd.packs.pack import load_pack
from crispd.store.database import Database
from crispd.thumbnails.cache_files import CacheFolders
from tests.browser.test_page import PHOTO, address
from tests.e2e.server import Server
from tests.packs import small

PHOTOS = 10_000
_TO_THE_END = """async () => {
  const last = () => [...document.querySelectorAll('.photo')].at(-1)?.ariaSetSize;
  for (let turn = 0; turn < 2000 && last() !== '10000'; turn += 1) {
    scrollTo(0, document.documentElement.scrollHeight);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  scrollTo(0, document.documentElement.scrollHeight);
}"""
_PLACE = """() => [Math.round(scrollY), document.querySelector('[data-index="9990"]')
  ?.getBoundingClientRect().top]"""


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("deep")
    small.write_pack(folder / "pack")
    pack = load_pack(folder / "pack", index_threads=1, search_threads=1)
    data = folder / "data"
    data.mkdir()
    database = Database.open(data / "crispd.sqlite3")
    fill(database, pack, PHOTOS)
    database.close()
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), (30, 120, 90)).save(picture, "JPEG")
    folders = CacheFolders(data / "thumbnails")
    for number in range(PHOTOS):
        path = Path(folders.path(320, f"content {number}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.getvalue())
    server = Server(data, Path("/synthetic"), pack=str(folder / "pack"))
    server.until(lambda status: status["index_vectors"] == PHOTOS, 120)
    yield server
    server.stop()


@pytest.mark.slow  # the library takes a minute or two to be made
def test_to_the_last_photo_and_back(deep: Server, open_page: Callable[..., Any]) -> None:
    page = open_page(address(deep, "/?group=none&min_width=1"), quiet=False)
    page.wait_for_selector(PHOTO)
    page.evaluate(_TO_THE_END)
    page.wait_for_selector(f"[data-index='{PHOTOS - 1}'] img.there")
    assert page.get_attribute(f"[data-index='{PHOTOS - 1}'] a", "aria-label").startswith("0.jpg")
    assert page.evaluate("document.getElementsByTagName('*').length") < 700
    page.wait_for_timeout(300)
    place = page.evaluate(_PLACE)
    assert place[0] > 100_000
    # a photo opened there and closed
    page.click(f"[data-index='{PHOTOS - 2}']")
    page.wait_for_selector("dialog.viewer[open]")
    page.go_back()
    page.wait_for_selector("dialog.viewer", state="hidden")
    assert page.evaluate(_PLACE) == place
    # elsewhere, back, forward and back: where it was, to the pixel
    page.click(".house-link")
    page.wait_for_selector(".house")
    page.go_back()
    page.wait_for_selector(f"[data-index='{PHOTOS - 1}'] img.there")
    assert page.evaluate(_PLACE) == place
    page.go_forward()
    page.wait_for_selector(".house")
    page.go_back()
    page.wait_for_selector(f"[data-index='{PHOTOS - 1}'] img.there")
    assert page.evaluate(_PLACE) == place
    # and in a page that has to ask for all of them again
    page.reload()
    page.wait_for_selector(f"[data-index='{PHOTOS - 1}'] img.there", timeout=60_000)
    assert page.evaluate(_PLACE) == place
