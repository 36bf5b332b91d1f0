"""What a family does with the page, in Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.server import ALBUM, Server

Open = Callable[..., Any]
PHOTO = ".photo img.there"
# They are written once dates are loaded, a moment after the first photos.
HEADING = ".head:not(:empty)"


def address(server: Server, path: str = "/") -> str:
    return f"{str(server.http.base_url).rstrip('/')}{path}"


def names(page: Any) -> list[str]:
    """File names of the photos on the page, in their order."""
    found = page.eval_on_selector_all(
        ".photo", "all => all.map(x => [+x.dataset.index, x.firstChild.ariaLabel])"
    )
    return [label.split(",")[0] for _, label in sorted(found)]


def test_home_shows_photos_by_month_and_words_to_try(album: Server, open_page: Open) -> None:
    page = open_page(address(album), bypass_csp=False)
    page.wait_for_selector(PHOTO)
    page.wait_for_selector(HEADING)
    page.wait_for_selector(".tries .chip")
    word = page.inner_text(".tries .chip >> nth=0")
    page.click(".tries .chip >> nth=0")
    page.wait_for_url("**/?q=*")
    assert page.input_value("#q") == word


def test_typing_searches_and_back_returns(album: Server, open_page: Open) -> None:
    page = open_page(address(album))
    page.wait_for_selector(PHOTO)
    page.type("#q", "two dogs", delay=40)
    page.wait_for_function("location.search === '?q=two+dogs'")
    page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('two_dogs')")
    assert names(page)[0] == "two_dogs_window.jpg"
    page.keyboard.press("Enter")
    page.go_back()
    page.wait_for_function("location.search === ''")
    page.wait_for_selector(".head")
    assert page.input_value("#q") == ""


def test_words_before_the_caret_are_completed(album: Server, open_page: Open) -> None:
    page = open_page(address(album))
    page.wait_for_selector(PHOTO)
    page.type("#q", "indoors two_d", delay=20)
    page.wait_for_selector(".suggestions li >> text=two_dogs_window.jpg")
    assert page.inner_text(".suggestions li small") == "File name"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#q').value.startsWith('indoors name:two')")
    page.wait_for_selector(".chip >> text=File name: two_dogs_window.jpg")


def test_earlier_searches_can_be_forgotten(album: Server, open_page: Open) -> None:
    page = open_page(address(album))
    page.wait_for_selector(PHOTO)
    for words in ("lake", "two dogs", "lake house"):
        page.fill("#q", words)
        page.keyboard.press("Enter")
    page.fill("#q", "")
    page.click("#q")
    recent = "all => all.filter(x => x.querySelector('.forget')).map(x => x.innerText)"
    page.wait_for_selector(".suggestions .forget")
    assert page.eval_on_selector_all(".suggestions li", recent) == [
        "lake house",
        "two dogs",
        "lake",
    ]
    page.click(".suggestions li >> nth=1 >> .forget")
    assert page.eval_on_selector_all(".suggestions li", recent) == ["lake house", "lake"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Delete")
    assert page.eval_on_selector_all(".suggestions li", recent) == ["lake"]
    assert page.evaluate("localStorage.getItem('crispd.recent')") == '["lake"]'
    page.fill("#q", "see la")
    assert page.eval_on_selector_all(".suggestions li", recent) == []
    page.fill("#q", "la")
    assert page.eval_on_selector_all(".suggestions li", recent) == ["lake"]


def test_likely_and_maybe_are_divided_and_the_end_is_honest(album: Server, open_page: Open) -> None:
    answer = album.get("/search", q="mountains", limit=60)
    labels = {hit["relevance"] for hit in answer["results"]}
    assert labels == {"likely", "maybe"}
    assert len(answer["results"]) < answer["considered"]
    page = open_page(address(album, "/?q=mountains"))
    page.wait_for_selector(PHOTO)
    assert names(page) == [hit["filename"] for hit in answer["results"]]
    page.wait_for_selector(HEADING)
    heads = page.eval_on_selector_all(".head", "all => all.map(x => x.textContent)")
    assert heads == ["Maybe"]
    # the divide stands between the last likely one and the first that may be
    above, head, below = (
        page.eval_on_selector(where, "x => x.getBoundingClientRect().top")
        for where in (
            f"[data-index='{answer['likely'] - 1}']", ".head", f"[data-index='{answer['likely']}']"
        )
    )  # fmt: skip
    assert above < head < below
    page.click(".end button")
    page.wait_for_function("location.search.includes('min_relevance=all')")
    before = len(answer["results"])
    page.wait_for_function(f"document.querySelectorAll('.photo').length > {before}")


def test_a_question_without_an_answer_says_so(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=dog&after=2100"))
    page.wait_for_selector(".notice")
    assert "No photo found" in page.inner_text(".notice")
    page.click(".notice button")
    page.wait_for_selector(PHOTO)


def test_a_question_that_nothing_fits_offers_what_comes_closest(
    album: Server, open_page: Open
) -> None:
    nothing = ("penguin", "giraffe", "washing machine", "polar bear", "receipt", "sushi")
    empty = [words for words in nothing if not album.get("/search", q=words)["results"]]
    assert empty
    closest = album.get("/search", q=empty[0])["closest"]
    page = open_page(address(album, f"/?q={quote(empty[0])}"))
    page.wait_for_selector(PHOTO)
    assert page.inner_text(HEADING) == "Closest"
    assert "No photo seems to show this" in page.inner_text("main")
    assert page.locator(PHOTO).count() == len(closest)
    assert page.locator(".notice").count() == 0


def test_filters_understood_in_words_can_be_taken_away(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=cat+type%3Ajpeg"))
    page.wait_for_selector(".chip.understood")
    page.click(".chip.understood")
    page.wait_for_function("location.search === '?q=cat'")
    page.wait_for_function("!document.querySelector('.chip.understood')")


def test_choosing_a_folder_and_an_order(album: Server, open_page: Open) -> None:
    page = open_page(address(album))
    page.wait_for_selector(".tries .chip")
    page.click("[data-chip=folder]")
    page.click(".sheet .option")
    page.wait_for_function("location.search === '?folder=2021'")
    page.wait_for_function("document.querySelectorAll('.photo').length === 11")
    page.select_option("[data-chip=sort]", "oldest")
    page.wait_for_function("location.search.includes('sort=oldest')")
    page.click("[data-chip=folder]")
    page.wait_for_function("location.search === '?sort=oldest'")


def test_one_photo_by_keyboard(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=cat&min_relevance=all"))
    page.wait_for_selector(PHOTO)
    first, second = names(page)[:2]
    page.focus("#q")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog.viewer[open] .now img")
    assert first in page.get_attribute(".now img", "alt")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('.now img')?.alt.includes({second!r})")
    page.keyboard.press("i")
    page.wait_for_selector(".info dl dt >> text=Taken")
    page.click(".why summary")
    assert re.search(r"Fine score\s+-?[\d.]", page.inner_text(".why"))
    shared = page.url
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.viewer", state="hidden")
    # the focus is where one had got to
    focused = "document.activeElement.closest('.photo')?.dataset.index"
    page.wait_for_function(f"{focused} === '1'")
    again = open_page(shared)
    again.wait_for_function(f"document.querySelector('.now img')?.alt.includes({second!r})")


def test_swipes_and_a_pull_on_a_phone(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=cat&min_relevance=all"), has_touch=True)
    page.wait_for_selector(PHOTO)
    second = names(page)[1]
    page.click(".photo >> nth=0")
    page.wait_for_selector(".now img")
    page.mouse.move(300, 400)
    page.mouse.down()
    page.mouse.move(60, 405, steps=6)
    page.mouse.up()
    page.wait_for_function(f"document.querySelector('.now img')?.alt.includes({second!r})")
    page.mouse.move(200, 300)
    page.mouse.down()
    page.mouse.move(205, 600, steps=6)
    page.mouse.up()
    page.wait_for_selector("dialog.viewer", state="hidden")


def test_what_is_not_known_of_a_photo_is_not_named(album: Server, open_page: Open) -> None:
    """Nothing was compared on the start page: there is no score to tell."""
    page = open_page(address(album))
    page.click(PHOTO + " >> nth=0")
    page.keyboard.press("i")
    page.wait_for_selector(".info dl dt >> text=Taken")
    assert "null" not in page.inner_text(".info")
    assert page.locator(".why").count() == 0
    # the arrows stand in the middle of their circles
    for side in (".side.end", ".side.start"):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("new URL(location).searchParams.get('photo')")
        page.wait_for_selector(f"{side}:not([hidden])")
        off = page.eval_on_selector(
            side,
            "x => {const a = x.getBoundingClientRect(), b = x.firstChild.getBoundingClientRect();"
            " return Math.abs(a.top + a.height / 2 - b.top - b.height / 2)}",
        )
        assert off < 1


def test_more_like_this(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=cat"))
    page.click(PHOTO + " >> nth=0")
    page.click("[aria-label='More like this']")
    page.wait_for_function("location.search.startsWith('?like=')")
    page.wait_for_selector(PHOTO)
    page.wait_for_selector("dialog.viewer", state="hidden")
    page.go_back()
    page.wait_for_selector("dialog.viewer[open]")


def test_the_original_comes_as_it_is(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=two+dogs"))
    page.click(PHOTO + " >> nth=0")
    with page.expect_download() as download:
        page.click("[aria-label='Download the original']")
    assert download.value.suggested_filename == "two_dogs_window.jpg"
    original = (ALBUM / "two_dogs_window.jpg").read_bytes()
    assert download.value.path().read_bytes() == original


def test_a_picture_is_sent(album: Server, open_page: Open) -> None:
    page = open_page(address(album), quiet=False)
    page.wait_for_selector(PHOTO)
    with page.expect_request(lambda request: request.method == "POST") as asked:
        page.set_input_files("input[type=file] >> nth=0", ALBUM / "cat_chelsea.jpg")
    assert asked.value.headers["content-type"].startswith("multipart/form-data")
    answer = asked.value.response()
    if answer.status == 200:
        page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('cat_')")
    else:  # this service cannot search by a picture; the page says so in its words
        page.wait_for_selector(".notice")
    page.click(".chip.picture")
    page.wait_for_selector(".head")


def test_without_scripts_there_is_a_form(album: Server, open_page: Open) -> None:
    page = open_page(address(album), java_script_enabled=False)
    page.fill("#q", "two dogs")
    page.click(".plain-go")
    assert page.get_attribute("#plain img >> nth=0", "alt").endswith("two_dogs_window.jpg")


def test_the_shell_opens_without_its_house(album: Server, open_page: Open) -> None:
    page = open_page(address(album), quiet=False)
    page.wait_for_selector(PHOTO)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector(".notice")
    assert "cannot be reached" in page.inner_text(".notice")
    cached = page.evaluate(
        "caches.keys().then(async keys => (await (await caches.open(keys[0])).keys())"
        ".map(x => new URL(x.url).pathname))"
    )
    assert all(re.match(r"/(shell|manifest|web/)", path) for path in cached)
    page.context.set_offline(False)
    page.wait_for_selector(PHOTO)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?q=dog&min_relevance=all", "/?view=house", "viewer"])
def test_axe_finds_nothing(album: Server, open_page: Open, path: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    where = "/?q=dog&min_relevance=all" if path == "viewer" else path
    # reduced motion, so that nothing is looked at while it fades in
    page = open_page(address(album, where), color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_selector(".rows li" if "house" in path else PHOTO)
    page.wait_for_selector(".head:empty", state="detached")
    if path == "viewer":
        page.click(".photo >> nth=0")
        page.wait_for_selector(".now img")
        page.keyboard.press("i")
        page.wait_for_selector(".info dl dt >> text=Taken")
    found = axe.Axe().run(page).response["violations"]
    assert not [(item["id"], [node["html"][:160] for node in item["nodes"]]) for item in found]


@pytest.mark.parametrize("width", [320, 390, 820, 1280, 3840])
def test_nothing_hangs_over_the_edge(album: Server, open_page: Open, width: int) -> None:
    for path in ("/?q=dog&min_relevance=all", "/?view=house"):
        page = open_page(address(album, path), viewport={"width": width, "height": 800})
        page.wait_for_selector(".rows li" if "house" in path else PHOTO)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            "[...document.querySelectorAll('button, select, input:not([type=file]), .round')]"
            ".filter(x => x.offsetParent && !x.closest('#plain'))"
            ".map(x => [x.outerHTML.slice(0, 80),"
            " (x.closest('label') ?? x).getBoundingClientRect()])"
            ".filter(([, box]) => box.height < 43.5 || box.width < 43.5)"
        )
        assert not small
        page.close()


def test_right_to_left(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=dog&min_relevance=all"))
    page.wait_for_selector(PHOTO)
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.set_viewport_size({"width": 600, "height": 800})
    page.wait_for_function(
        "document.querySelector('[data-index=\"0\"]').getBoundingClientRect().right > 560"
    )
    box = page.eval_on_selector(".field .icon", "x => x.getBoundingClientRect().left")
    assert box > 300


def test_german(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?view=house"), locale="de-DE")
    page.wait_for_selector("text=So steht es im Haus")
    page.wait_for_selector("text=23 Fotos durchsuchbar")
    assert page.get_attribute("html", "lang") == "de"
    page.select_option(".language select", "cs")
    page.wait_for_selector("text=23 fotek ve vyhledávání")
    page.goto(address(album, "/?q=mountains&has=gps"))
    page.wait_for_selector("text=Obsahuje: místo")


def test_english_stands_where_a_language_cannot_be_loaded(album: Server, open_page: Open) -> None:
    page = open_page("about:blank", locale="fr-FR", service_workers="block", quiet=False)
    page.route("**/languages/fr.js", lambda route: route.abort())
    page.goto(address(album, "/?view=house"))
    page.wait_for_selector("text=23 photos searchable")


def test_colours_follow_the_device(album: Server, open_page: Open) -> None:
    for scheme, dark in (("light", False), ("dark", True)):
        page = open_page(address(album), color_scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        first = int(re.findall(r"\d+", colour)[0])
        assert (first < 60) == dark


def test_progress_while_photos_come(
    open_page: Open, tmp_path: Any, serve: Callable[..., Server]
) -> None:
    from PIL import Image

    photos = tmp_path / "photos"
    photos.mkdir()
    server = serve(photos)
    page = open_page(address(server), quiet=False)  # the server ends before its pages
    page.wait_for_selector(".notice >> text=No photos yet")
    state = open_page(address(server, "/?view=house"), quiet=False)
    for number in range(60):
        data = io.BytesIO()
        Image.effect_noise((900, 700), number + 1).convert("RGB").save(data, "JPEG")
        (photos / f"{number}.jpg").write_bytes(data.getvalue())
    state.wait_for_selector("progress:not([hidden])", timeout=60_000)
    state.wait_for_function("/left/.test(document.querySelector('.numbers').textContent)")
    state.wait_for_selector("text=60 photos searchable", timeout=120_000)
    page.bring_to_front()
    page.wait_for_selector(PHOTO, timeout=60_000)


def test_what_words_mean_is_said_and_an_answer_is_no_dead_end(
    album: Server, open_page: Open
) -> None:
    page = open_page(address(album, f"/?q={quote('rocket without people 1950')}"))
    page.wait_for_selector(PHOTO)
    chips = page.inner_text(".chips")
    assert "Without: people" in chips
    assert "not Without" not in chips
    assert "1950" in chips
    assert page.inner_text(".told") == (
        "No photo fits these filters. These come closest without them."
    )
    assert page.inner_text(f"{HEADING} >> nth=0") == "Closest"
    assert names(page)[0] == "rocket.jpg"
