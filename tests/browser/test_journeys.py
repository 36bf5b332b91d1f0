"""Journeys through a family's photos with dates, places, people and ratings.

Slow ones have 3,000 of them. The pack is a small one: what photos show is not looked for here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.library import CITIES, Made, make_library
from tests.browser.test_looks import KINDS, sound
from tests.browser.test_looks import opened as on_screen
from tests.browser.test_page import PHOTO, address
from tests.e2e.server import Server

pytest.importorskip("playwright", reason="pip install playwright")

from tests.browser.measure import WATCH

Open = Callable[..., Any]
_FEW, _MANY = 180, 3000


@dataclass(frozen=True, slots=True)
class Travels:
    """A service that has read them all."""

    server: Server
    made: list[Made]

    def count(self, **what: Any) -> int:
        """Of how many all of this holds."""
        return sum(
            all(getattr(one, name) == value for name, value in what.items()) for one in self.made
        )


@pytest.fixture(scope="session", params=[_FEW, pytest.param(_MANY, marks=pytest.mark.slow)])
def travels(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    small_pack: dict[str, str],
) -> Iterator[Travels]:
    folder = tmp_path_factory.mktemp("travels")
    made = make_library(folder / "photos", request.param)
    server = Server(folder / "data", folder / "photos", **small_pack)
    server.settle(600)
    yield Travels(server, made)
    server.stop()


def opened(open_page: Open, travels: Travels, path: str = "/", **options: Any) -> Any:
    page = open_page(address(travels.server, path), reduced_motion="reduce", **options)
    page.wait_for_selector(PHOTO)
    page.wait_for_selector(".lead .tools [aria-label=Map]")
    return page


def asked(page: Any) -> str:
    return str(page.evaluate("decodeURIComponent(location.search.replaceAll('+', ' '))"))


@pytest.mark.parametrize("path", ["/", "/?person=Anna", "/?q=in+june"])
def test_nothing_moves_and_nothing_is_wrong(travels: Travels, open_page: Open, path: str) -> None:
    page = open_page("about:blank", reduced_motion="reduce")
    page.add_init_script(WATCH)
    page.goto(address(travels.server, path))
    page.wait_for_selector(PHOTO)
    # what is known last: years, places, people, stars, what to try
    page.wait_for_selector(".lead .tools [aria-label=Map]")
    page.wait_for_selector("[data-chip=rating]")
    page.wait_for_selector(".head:empty", state="detached")
    assert page.evaluate("window.shifts") == 0
    sound(page)


def test_a_map_shows_where_and_leads_there(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, bypass_csp=False)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    page.click(".lead [aria-label=Map]")
    page.wait_for_selector(".map-mark")
    assert "outlines.bin" in loaded  # and not before
    cities = Counter(CITIES[one.city][0] for one in travels.made)
    numbers = page.eval_on_selector_all(
        ".map-mark", "all => all.map(x => +x.textContent.replace(',', ''))"
    )
    assert sum(numbers) == len(travels.made)
    assert len(numbers) < len(cities)  # those close to each other are one
    # by keys, as large as it gets around Tokyo
    page.focus(".map-mark[aria-label^=Tokyo]")
    for _ in range(4):
        page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement.ariaLabel").startswith("Tokyo")
    page.keyboard.press("Enter")
    page.wait_for_selector(".map-sheet", state="detached")
    assert "place=Tokyo" in asked(page)
    page.wait_for_selector(f"text={cities['Tokyo']} photos")


def test_a_map_of_a_question_counts_what_it_found(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, "/?person=Anna&rating=4")
    n = sum(one.person == "Anna" and one.rating >= 4 for one in travels.made)
    page.click(".lead [aria-label=Map]")
    page.wait_for_selector(".map-mark")
    text = page.inner_text(".map-body p")
    assert text.startswith(f"{n} photos have a place")


def test_the_map_moves_under_fingers_and_wheel(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, has_touch=True)
    page.click(".lead [aria-label=Map]")
    page.wait_for_selector(".map-mark")
    page.wait_for_timeout(300)
    marks = "document.querySelectorAll('.map-mark').length"
    before = page.evaluate(marks)
    where = "document.querySelector('.map-mark[aria-label^=Tokyo]').getBoundingClientRect().x"
    x = page.evaluate(where)
    page.mouse.move(120, 500)
    page.mouse.down()
    page.mouse.move(90, 480, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    page.mouse.wheel(0, -900)
    page.wait_for_timeout(200)
    assert page.evaluate(where) > x  # enlarged: it moved away
    fingers = page.context.new_cdp_session(page)
    page.evaluate("document.querySelector('.map-mark[aria-label*=Czechia]').focus()")

    def touch(kind: str, *apart: int) -> None:
        points = [{"x": 195 + each, "y": 420, "id": at} for at, each in enumerate(apart)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -20, 20)
    for half in (40, 90, 150):
        touch("touchMove", -half, half)
    touch("touchEnd")
    page.wait_for_function(f"{marks} > {before}")
    assert not page.query_selector("dialog.viewer[open]")
    sound(page)


def test_what_is_near_is_counted_and_says_how_far(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, "/?near=54.323,10.123,30km")
    n = travels.count(city=[name for name, *_ in CITIES].index("Kiel"))
    page.wait_for_selector(f"text={n} photos")
    chosen = "document.querySelector('select[data-chip=sort]').value"
    assert page.evaluate(chosen) == "distance"
    assert "Distance: " in page.content()
    sound(page)


def test_a_name_with_a_comma_is_one(travels: Travels, open_page: Open) -> None:
    name = "Novák, Jiří"
    page = opened(open_page, travels)
    page.click('[data-chip="person"]')
    page.click(f'.option:has-text("{name}")')
    n = travels.count(person=name)
    page.wait_for_selector(f"text={n} photos")
    chip = page.inner_text('[data-chip="person"]')
    assert name in chip
    assert "\\" not in chip
    page.click(PHOTO)
    page.wait_for_selector("dialog.viewer[open] .now img")
    page.keyboard.press("i")
    page.click(f'.info dd a:has-text("{name}")')
    page.wait_for_selector("dialog.viewer", state="hidden")
    page.wait_for_selector(f"text={n} photos")
    sound(page)


def test_years_have_counts_and_lead_into_one(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, "/?person=Anna")
    page.click(".lead [aria-label=Years]")
    page.wait_for_function(
        "[...document.querySelectorAll('.bars small')].every(x => x.textContent)"
    )
    found = page.eval_on_selector_all(
        ".bars button", "all => all.map(x => [x.dataset.year, +x.firstChild.textContent])"
    )
    years = Counter(str(one.taken.year) for one in travels.made)
    annas = Counter(str(one.taken.year) for one in travels.made if one.person == "Anna")
    assert dict(found) == {year: annas[year] for year in years}
    assert [year for year, _ in found] == sorted(years)
    sound(page)
    # by keys: the last has the one stop of Tab, arrows lead on
    page.focus(".bars button[tabindex='0']")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    year = page.evaluate("document.activeElement.dataset.year")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-chip=date] >> text={year}")
    assert f"after={year}-01-01" in asked(page)
    page.wait_for_selector(f"text={annas[year]} photo")
    assert page.get_attribute(f"[data-year='{year}']", "aria-pressed") == "true"
    page.click(f"[data-year='{year}']")
    page.wait_for_function("!location.search.includes('after')")


def test_a_slideshow_goes_on_until_somebody_taps(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels)
    page.clock.install()
    page.click(".lead [aria-label=Slideshow]")
    page.wait_for_selector("dialog.viewer.bare .now img")
    first = asked(page)
    page.clock.run_for(5100)
    page.wait_for_function(f"!location.search.includes('{first.removeprefix('?')}')")
    second = asked(page)
    page.keyboard.press("p")
    page.clock.run_for(11_000)
    assert asked(page) == second
    assert page.get_attribute(".viewer [aria-label=Slideshow]", "aria-pressed") == "false"


def test_what_was_taken_around_then_and_its_folder(travels: Travels, open_page: Open) -> None:
    one = next(each for each in travels.made if each.number == 30)
    page = opened(open_page, travels, f"/?q=name:IMG_{one.number:05}")
    page.click(PHOTO)
    page.keyboard.press("i")
    page.click(".photo-actions >> text=Taken around then")
    page.wait_for_function("location.search.includes('sort=oldest')")
    around = [
        each for each in travels.made if abs((each.taken.date() - one.taken.date()).days) <= 3
    ]
    assert len(around) >= 12
    page.wait_for_selector(f"text={len(around)} photos")
    page.go_back()
    page.click(".photo-actions >> text=Whole folder")
    page.wait_for_function("location.search.includes('folder=')")
    folder = one.path.rpartition("/")[0]
    n = sum(each.path.startswith(folder) for each in travels.made)
    page.wait_for_selector(f"text={n} photos")


def test_a_photo_is_copied_as_a_picture(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, permissions=["clipboard-read", "clipboard-write"])
    page.click(PHOTO)
    page.keyboard.press("i")
    page.click(".photo-actions >> text=Copy photo")
    page.wait_for_selector("text=The photo is in the clipboard.")
    assert page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('image/png')).then(x => x.size)"
    )


def test_stars_are_chosen(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels)
    page.click("[data-chip=rating]")
    page.click(".option >> nth=3")
    page.wait_for_selector("[data-chip=rating].on")
    assert asked(page) == "?rating=4"
    n = sum(one.rating >= 4 for one in travels.made)
    page.wait_for_selector(f"text={n:,} photos")


def test_the_start_page_asks_what_this_library_answers(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels)
    page.wait_for_selector(".tries .chip .icon-person")
    words = page.eval_on_selector_all(
        ".tries .chip", "all => all.slice(0, 3).map(x => x.innerText)"
    )
    for at, word in enumerate(words):
        page.click(f".tries .chip >> nth={at}")
        page.wait_for_function("location.search.length > 1")
        page.wait_for_selector(PHOTO)
        assert int(page.inner_text(".told").split(" ")[0].replace(",", "")) > 0, word
        page.click(".mark")
        page.wait_for_selector(".tries .chip .icon-person")


def test_a_month_is_of_any_year(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels, "/?q=in+june")
    n = sum(one.taken.month == 6 for one in travels.made)
    page.wait_for_selector(".chip.understood >> text=any June")
    page.wait_for_selector(f"text={n} photos")
    page.click(".chip.understood")
    page.wait_for_function("!location.search.includes('june')")


def test_another_app_hands_over_a_picture(travels: Travels, open_page: Open) -> None:
    page = opened(open_page, travels)
    manifest = travels.server.http.get("/manifest.webmanifest").json()
    target = manifest["share_target"]
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    # as the system's share sheet does
    page.evaluate(
        """({action, enctype, params}) => {
          const form = document.createElement('form');
          Object.assign(form, {action, enctype, method: 'post', id: 'sheet'});
          const input = document.createElement('input');
          Object.assign(input, {type: 'file', name: params.files[0].name, id: 'sent'});
          form.append(input);
          document.body.append(form);
        }""",
        target,
    )
    picture = next((travels.server.folders[0]).rglob("*.jpg"))
    page.set_input_files("#sent", picture)
    page.evaluate("document.getElementById('sheet').submit()")
    page.wait_for_selector(".chip.picture")
    page.wait_for_selector(PHOTO)
    assert asked(page) == ""
    page.reload()  # it is not kept
    page.wait_for_selector("text=Choose it again")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_map_and_years_on_every_screen(travels: Travels, open_page: Open, kind: str) -> None:
    page = on_screen(open_page, travels.server, "/", kind)
    years, world = (page.locator(".lead .tools button").nth(at) for at in (1, 0))
    years.wait_for()
    years.click()
    page.wait_for_function(
        "[...document.querySelectorAll('.bars small')].every(x => x.textContent)"
    )
    sound(page)
    world.click()
    page.wait_for_selector(".map-mark")
    page.wait_for_timeout(200)
    sound(page)


@pytest.mark.small_pack
def test_what_is_searchable_already_is_said(
    serve: Callable[..., Server], tmp_path: Path, open_page: Open
) -> None:
    make_library(tmp_path / "photos", 12)
    server = serve(tmp_path / "photos")
    server.settle(60)
    server.http.post("/indexing/pause").raise_for_status()
    for one in make_library(tmp_path / "more", 20)[12:]:
        (tmp_path / "more" / one.path).rename(tmp_path / "photos" / f"{one.number}.jpg")
    server.http.post("/folders/rescan").raise_for_status()
    server.until(lambda status: status["pending"] == 8, 30)
    page = open_page(address(server))
    page.wait_for_selector(PHOTO)
    page.wait_for_selector(".told >> text=12 photos searchable · 8 left")
    server.http.post("/indexing/resume").raise_for_status()
    page.wait_for_selector(".told >> text=20 photos")
