"""Several photos are chosen and taken away."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.test_page import PHOTO, address
from tests.e2e.server import Server

pytest.importorskip("playwright", reason="pip install playwright")

Open = Callable[..., Any]
BAR = ".choice"
CARD = ".photo"
CHOSEN = ".photo.chosen"


@pytest.fixture
def page(album: Server, open_page: Open) -> Any:
    page = open_page(address(album, "/"), viewport={"width": 1200, "height": 800})
    page.wait_for_selector(PHOTO)
    return page


def count(page: Any, selector: str = CHOSEN) -> int:
    return int(page.locator(selector).count())


def test_by_mouse_a_range_and_a_download(page: Any) -> None:
    photos = page.locator(CARD)
    photos.nth(1).hover()
    photos.nth(1).locator(".check").click()
    assert count(page) == 1
    photos.nth(4).click(modifiers=["Shift"])
    assert count(page) == 4
    photos.nth(2).click()  # while some are chosen a click chooses
    assert count(page) == 3
    assert "3" in page.locator(f"{BAR} p").inner_text()
    with page.expect_download() as waiting:
        page.locator(f"{BAR} button").last.click()
    archive = zipfile.ZipFile(waiting.value.path())
    assert waiting.value.suggested_filename == "photos.zip"
    assert len(archive.namelist()) == 3
    assert archive.testzip() is None
    page.keyboard.press("Escape")
    assert count(page) == 0
    assert page.locator(BAR).is_hidden()
    assert page.url.endswith("/")


def test_by_keyboard(page: Any) -> None:
    page.locator(f"{CARD} a").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+X")
    assert count(page) == 3
    page.keyboard.press("Space")
    assert count(page) == 2
    with page.expect_download() as waiting:
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("x")
        page.locator(f"{BAR} button").last.click()
    assert waiting.value.suggested_filename.endswith((".jpg", ".jpeg"))  # one photo is itself


def test_a_choice_outlives_a_search(page: Any) -> None:
    page.locator(f"{CARD} a").first.focus()
    page.keyboard.press("x")
    page.fill("#q", "dog")
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('dog')")
    page.wait_for_selector(PHOTO)
    assert page.locator(BAR).is_visible()
    assert "1" in page.locator(f"{BAR} p").inner_text()


def test_a_finger_that_rests_begins(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/"), has_touch=True, is_mobile=True)
    page.wait_for_selector(PHOTO)
    box = page.locator(CARD).first.bounding_box()
    x, y = box["x"] + 40, box["y"] + 40
    session = page.context.new_cdp_session(page)
    touch = {"touchPoints": [{"x": x, "y": y}]}
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", **touch})
    page.wait_for_selector(CHOSEN)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert count(page) == 1
    page.locator(CARD).nth(1).tap()
    assert count(page) == 2
    page.locator(f"{BAR} button").first.tap()
    assert count(page) == 0
    page.locator(CARD).nth(1).tap()
    page.wait_for_selector("dialog.viewer[open]")


def test_details_lead_to_what_was_taken_then(page: Any) -> None:
    page.locator(CARD).first.click()
    page.wait_for_selector("dialog.viewer[open]")
    page.keyboard.press("i")
    page.locator(".info dd a").first.click()
    page.wait_for_function(
        "location.search.includes('after=') && location.search.includes('before=')"
    )
    page.wait_for_selector("dialog.viewer", state="hidden")
    page.wait_for_selector(PHOTO)
