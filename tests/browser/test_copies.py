"""Photos that are nearly the same: one of them, and the others behind it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.test_page import PHOTO, address, names
from tests.e2e.server import ALBUM, Server
from tests.e2e.test_duplicates import versions

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A rocket in six versions beside three others, all compared."""
    folder = tmp_path_factory.mktemp("copies")
    photos = folder / "photos"
    photos.mkdir()
    for name in ("rocket", "raccoon", "astronaut", "cat_chelsea"):
        shutil.copy(ALBUM / f"{name}.jpg", photos)
    versions(photos / "rocket.jpg")
    server = Server(folder / "data", photos)
    server.settle(120)
    while not server.get("/duplicates")["complete"]:
        pass
    yield server
    server.stop()


def shown(page: Any, count: int) -> None:
    page.wait_for_function(f"document.querySelectorAll('.photo').length === {count}")


def test_a_badge_counts_them_and_the_photo_shows_them(copied: Server, open_page: Open) -> None:
    page = open_page(address(copied))
    page.wait_for_selector(PHOTO)
    shown(page, 4)
    badge = page.locator(".badge.copies")
    assert badge.count() == 1
    assert badge.inner_text().strip() == "6"
    label = page.get_attribute(".photo:has(.copies) a", "aria-label")
    assert "6 nearly the same" in label
    # in the viewer: only where there are any
    page.click(".photo:has(.copies)")
    page.wait_for_selector("dialog.viewer[open] .now img")
    page.click(".show-copies")
    page.wait_for_selector("dialog.viewer", state="hidden")
    shown(page, 6)
    assert {name.split(".")[0].split("_")[0] for name in names(page)} == {"rocket"}
    assert page.inner_text(".told") == "6 nearly the same"
    # the address holds them
    page.reload()
    shown(page, 6)
    page.click(".photo >> nth=2")
    page.wait_for_selector("dialog.viewer[open] .now img")
    assert not page.is_visible(".show-copies")
    page.go_back()
    page.wait_for_selector("dialog.viewer", state="hidden")
    page.go_back()
    page.wait_for_selector("dialog.viewer[open]")
    page.go_back()
    page.wait_for_selector("dialog.viewer", state="hidden")
    shown(page, 4)
    # what is typed is asked of the whole library again
    page.go_forward()
    page.go_forward()
    shown(page, 6)
    page.fill("#q", "raccoon")
    page.wait_for_function("location.search === '?q=raccoon'")


def test_folding_is_switched_off_in_the_address(copied: Server, open_page: Open) -> None:
    page = open_page(address(copied))
    page.wait_for_selector(PHOTO)
    shown(page, 4)
    page.click("[data-chip=group]")
    page.wait_for_function("location.search === '?group=none'")
    shown(page, 9)
    assert page.locator(".badge.copies").count() == 0
    # it stays while one goes on asking, and goes with its chip
    page.fill("#q", "rocket")
    page.wait_for_function("location.search.includes('q=rocket')")
    assert "group=none" in page.url
    page.wait_for_function("document.querySelectorAll('.photo').length >= 6")
    page.keyboard.press("Escape")  # suggestions lie over the chips
    page.click("[data-chip=group]")
    page.wait_for_function("location.search === '?q=rocket'")
    page.wait_for_selector(".badge.copies")
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.badge.copies').length === 0")


def test_the_document_brings_folded_answers(copied: Server, open_page: Open) -> None:
    asked: list[str] = []
    for path, count in (("/?q=rocket&min_relevance=all", 4), ("/?group=none", 9)):
        page = open_page(address(copied))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address(copied, path))
        page.wait_for_selector(PHOTO)
        shown(page, count)
        # but whether any photo has stars, which nobody waits for
        assert not [url for url in asked if "/search" in url and "rating=1" not in url]


def test_without_scripts_copies_are_a_link(copied: Server, open_page: Open) -> None:
    page = open_page(address(copied), java_script_enabled=False)
    assert page.locator("#plain li").count() == 4
    page.click("#plain li a >> text=All 6")
    assert page.locator("#plain li").count() == 6
    page.goto(address(copied, "/?group=none"))
    assert page.locator("#plain li").count() == 9


def test_a_picture_finds_folded_photos(copied: Server, open_page: Open) -> None:
    page = open_page(address(copied))
    page.wait_for_selector(PHOTO)
    page.set_input_files("input[type=file] >> nth=0", ALBUM / "rocket.jpg")
    page.wait_for_selector(".chip.picture")
    page.wait_for_selector(".badge.copies")
