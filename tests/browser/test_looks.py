"""Screens and readers of every kind: television, large letters, forced colours, right to left."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.pseudo import speak, spoken
from tests.browser.test_page import HEADING, PHOTO, address
from tests.e2e.server import Server

Open = Callable[..., Any]

_PHONE = {"viewport": {"width": 390, "height": 844}}
_LARGE_LETTERS = """new MutationObserver((_, watching) => {
  if (!document.documentElement) return;
  document.documentElement.style.fontSize = '200%';
  watching.disconnect();
}).observe(document, {childList: true})"""
KINDS: dict[str, dict[str, Any]] = {
    "small": {"viewport": {"width": 320, "height": 568}},
    "large letters": _PHONE,
    "right to left": _PHONE,
    "forced colours": {**_PHONE, "forced_colors": "active", "color_scheme": "dark"},
    "more contrast": {**_PHONE, "contrast": "more"},
    "4K": {"viewport": {"width": 3840, "height": 2160}},
    "4K, scale 2": {"viewport": {"width": 1920, "height": 1080}, "device_scale_factor": 2},
    "television": {
        "viewport": {"width": 1920, "height": 1080}, "has_touch": True, "is_mobile": True,
    },
}  # fmt: skip
# What can be pressed, where it is shown, and too small for a finger.
_SMALL = """[...document.querySelectorAll(
  'button, select, summary, input:not([type=file]), a.round')]
  .filter(x => x.offsetParent && !x.closest('#plain'))
  .map(x => [x.outerHTML.slice(0, 90), (x.closest('label') ?? x).getBoundingClientRect()])
  .filter(([, box]) => box.width < 43.5 || box.height < 43.5)"""
# What can be pressed and stands beyond an edge, unless its row can be scrolled.
_BEYOND = """[...document.querySelectorAll(
  'button, select, input:not([type=file]), a.round, dd, h1')]
  .filter(x => x.offsetParent && !x.closest('#plain, .chips, .tries, .bars, .marks'))
  .map(x => [x.outerHTML.slice(0, 90), x.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -0.5 || box.right > innerWidth + 0.5))"""


def opened(open_page: Open, album: Server, path: str, kind: str) -> Any:
    """The page at an address, as that reader has it."""
    options = {"reduced_motion": "reduce", "service_workers": "block", **KINDS[kind]}
    page = open_page("about:blank", **options)
    if kind == "right to left":
        speak(page)
    if kind == "large letters":
        page.add_init_script(_LARGE_LETTERS)
    page.goto(address(album, path))
    page.wait_for_selector(".rows li" if "house" in path else PHOTO)
    page.wait_for_selector(".head:empty", state="detached")
    return page


def sound(page: Any) -> None:
    """Nothing to be scrolled sideways, nothing too small, nothing that axe finds."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(_SMALL) == []
    assert page.evaluate(_BEYOND) == []
    found = axe.Axe().run(page).response["violations"]
    assert not [
        (item["id"], [(node["html"][:160], node["any"][:1]) for node in item["nodes"]])
        for item in found
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_whole(album: Server, open_page: Open, kind: str) -> None:
    page = opened(open_page, album, "/?q=mountains", kind)
    sound(page)
    page.click("[data-chip=date]")
    page.wait_for_selector(".sheet .dates")
    sound(page)
    page.keyboard.press("Escape")
    page.click(".photo >> nth=1")
    page.wait_for_selector(".now img")
    page.keyboard.press("i")
    page.wait_for_selector(".info dl dt")
    sound(page)
    page.close()
    sound(opened(open_page, album, "/?view=house", kind))


def test_rows_and_letters_grow_with_the_screen(album: Server, open_page: Open) -> None:
    seen = {}
    for kind in ("small", "4K", "4K, scale 2", "television"):
        page = opened(open_page, album, "/", kind)
        seen[kind] = page.evaluate(
            "[parseFloat(getComputedStyle(document.body).fontSize),"
            " document.querySelector('.photo').offsetHeight,"
            " document.querySelector('.house-link').offsetHeight, innerHeight]"
        )
        page.close()
    letters, row, button, height = seen["4K"]
    assert letters >= height / 80  # as large a part of the screen as 13 pixels of 1080
    assert height / 8 < row < height / 3
    assert button >= 80
    assert seen["television"][0] == 24
    assert seen["4K, scale 2"][0] == 16
    assert seen["small"][2] == 44


# Everything that is read on the page or read out, but for what this house's photos are called.
_SAID = """() => {
  const skipped = 'script, style, #plain, bdi, option, .tries .chip, .suggestions, .info h2';
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(skipped)) texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
    if (element.closest('.photo, #plain, .slide')) continue;
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      texts.push(element.getAttribute(name) ?? '');
    }
  }
  return texts;
}"""
# Names, and what the browser itself writes of dates and sizes.
_NAMES = {
    "crispd", "mountains", "mini", "jpeg", "JPEG", "tmp", "MB", "kB", "November", "gps", "CRISPD",
    "English", "rating",
}  # fmt: skip


def test_no_word_of_the_page_is_outside_its_strings(album: Server, open_page: Open) -> None:
    """In a language of Hebrew letters no Latin word is left."""
    page = opened(open_page, album, "/?q=mountains", "right to left")
    left: set[str] = set()

    def look() -> None:
        for text in page.evaluate(_SAID):
            words = set(re.findall(r"[A-Za-z]{2,}", text)) - _NAMES
            if words and not re.search(r"/|\b20\d\d\b", text):  # a path or a date
                left.add(text)

    look()
    for kind in ("date", "folder", "type", "camera"):
        page.click(f"[data-chip={kind}]")
        page.wait_for_selector(".sheet")
        look()
        page.keyboard.press("Escape")
        page.wait_for_selector(".sheet", state="detached")
    for asked in ("has=gps,rating&orientation=portrait", "min_width=9000&min_relevance=likely"):
        page.goto(address(album, f"/?q=mountains&{asked}"))
        page.wait_for_selector(".notice")
        look()
    page.goto(address(album, "/?q=mountains"))
    page.click(f"{PHOTO} >> nth=0")
    page.wait_for_selector(".now img")
    page.keyboard.press("i")
    page.wait_for_selector(".info dl dt")
    page.click(".why summary")
    look()
    for path in ("/", "/?view=house", "/?q=mountains&after=2100"):
        page.goto(address(album, path))
        page.wait_for_selector(".rows li" if "house" in path else f"{PHOTO}, .notice")
        page.wait_for_timeout(300)
        look()
    assert not left


def test_right_to_left_as_a_whole(album: Server, open_page: Open) -> None:
    page = opened(open_page, album, "/?q=mountains", "right to left")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.inner_text(HEADING) == spoken("Maybe")
    first, second = (
        page.eval_on_selector(f"[data-index='{at}']", "x => x.getBoundingClientRect().left")
        for at in (0, 1)
    )
    assert first > second
    page.click(".photo >> nth=0")
    page.wait_for_selector(".now img")
    # forward is to the left, and its arrow points there
    after = page.eval_on_selector(".side.end", "x => x.getBoundingClientRect().left")
    assert after < 100
    tip = "new DOMMatrix(getComputedStyle(document.querySelector('.side.end svg')).transform).a"
    assert page.evaluate(tip) == -1
    shown = page.get_attribute(".now img", "alt")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"document.querySelector('.now img').alt !== {shown!r}")
    assert page.is_visible(".side.start")
    # a path is read from the left whatever stands around it
    page.keyboard.press("i")
    assert page.get_attribute(".info dd bdi", "dir") == "ltr"


def test_the_photo_with_the_focus_is_seen(album: Server, open_page: Open) -> None:
    page = opened(open_page, album, "/?q=mountains", "small")
    page.focus("#q")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.activeElement.closest('.photo')")
    ring = page.evaluate(
        "(x => [x.borderTopWidth, x.borderTopColor])"
        "(getComputedStyle(document.activeElement, '::after'))"
    )
    assert ring == ["4px", "rgb(13, 107, 95)"]


@pytest.mark.parametrize("kind", ["small", "large letters", "forced colours", "4K"])
def test_the_page_for_pairing_is_whole(album: Server, open_page: Open, kind: str) -> None:
    page = open_page("about:blank", reduced_motion="reduce", **KINDS[kind])
    if kind == "large letters":
        page.add_init_script(_LARGE_LETTERS)
    page.goto(address(album, "/pair"))
    sound(page)
    page.fill("[name=name]", f"A tablet with a long name, {kind}")
    page.click(".primary")
    page.wait_for_selector(".pair .code")
    sound(page)


def test_what_failed_is_said_in_german(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=dog&rating=many"), locale="de-DE", quiet=False)
    page.wait_for_selector(".notice >> text=crispd versteht nicht, wonach diese Adresse fragt.")
