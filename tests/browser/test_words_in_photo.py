"""Text in a photo on the page: marked where it was looked for, selected and copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crispd.default_data_dir import DATABASE
from crispd.store.database import Database
from crispd.store.words.content_text import TextStore
from crispd.types import TextLine
from tests.browser.test_page import address
from tests.e2e.server import Server
from tests.ocr.pages import page as drawn

Open = Callable[..., Any]
LINES = (
    TextLine("Zoohaus Kiel", 0.99, (0.1, 0.1, 0.5, 0.1, 0.5, 0.2, 0.1, 0.2)),
    TextLine("Summe EUR 26,43", 0.99, (0.1, 0.3, 0.6, 0.3, 0.6, 0.4, 0.1, 0.4)),
    TextLine("UPWARDS", 0.99, (0.9, 0.9, 0.9, 0.5, 0.98, 0.5, 0.98, 0.9)),
)


@pytest.fixture
def receipt(tmp_path: Path, serve: Callable[..., Server]) -> Server:
    """A house with one photo, whose text is known without the models that read it."""
    photos = tmp_path / "photos"
    photos.mkdir()
    drawn(["Zoohaus Kiel", "Summe EUR 26,43"], size=(800, 600)).save(photos / "IMG_1.jpg")
    server = serve(photos, read_text="off")
    server.settle()
    server.stop()
    database = Database.open(server.data / DATABASE)
    [photo] = database.read().photos_at([1]).values()
    TextStore(database).save(photo.content_hash, "r:1", LINES)
    database.close()
    server = serve(photos, read_text="off")
    server.settle()
    return server


def test_words_are_marked_where_they_stand_and_copied(receipt: Server, open_page: Open) -> None:
    page = open_page(address(receipt, "/?q=zoohaus+26.43"), viewport={"width": 900, "height": 700})
    page.click(".photo a")
    page.wait_for_selector("dialog.viewer mark")
    assert page.locator("mark").all_inner_texts() == ["Zoohaus", "26,43"]
    picture = page.locator(".now img").bounding_box()
    first, second, upwards = (each.bounding_box() for each in page.locator(".text-line").all())
    assert first["x"] == pytest.approx(picture["x"] + 0.1 * picture["width"], abs=2)
    assert first["width"] == pytest.approx(0.4 * picture["width"], abs=3)
    assert second["y"] == pytest.approx(picture["y"] + 0.3 * picture["height"], abs=2)
    assert upwards["height"] == pytest.approx(0.4 * picture["height"], abs=3)
    assert upwards["width"] == pytest.approx(0.08 * picture["width"], abs=3)
    # it moves with the picture
    page.keyboard.press("+")
    page.wait_for_function("document.querySelector('.now img').style.transform !== ''")
    zoomed = page.locator(".text-line").first.bounding_box()
    assert zoomed["width"] == pytest.approx(1.5 * first["width"], abs=3)
    page.keyboard.press("0")
    # by mouse
    middle = first["y"] + first["height"] / 2
    page.mouse.move(first["x"] + 2, middle)
    page.mouse.down()
    page.mouse.move(first["x"] + first["width"] - 1, middle, steps=5)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()").strip() == "Zoohaus Kiel"
    # all of it, without a clipboard too
    page.keyboard.press("t")
    page.evaluate("""() => {
      document.addEventListener('copy', () => (window.copied = getSelection().toString()));
      Object.defineProperty(navigator, 'clipboard', {value: undefined});
    }""")
    page.click("text=Copy all text")
    page.wait_for_selector("text=The text was copied.")
    assert page.evaluate("window.copied").split() == [
        "Zoohaus", "Kiel", "Summe", "EUR", "26,43", "UPWARDS",
    ]  # fmt: skip


def test_the_reason_says_the_line(receipt: Server, open_page: Open) -> None:
    page = open_page(address(receipt, "/?q=zoohaus"))
    page.wait_for_selector(".photo a[aria-label*='Text in the photo: … Zoohaus Kiel …']")


def test_a_photo_without_text_has_no_button(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=dog&min_relevance=all"))
    page.click(".photo a >> nth=0")
    page.wait_for_selector("dialog.viewer[open] .now img")
    page.wait_for_timeout(400)
    assert page.locator("[aria-label='Text in the photo']").is_hidden()
