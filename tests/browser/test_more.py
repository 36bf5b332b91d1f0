"""What is easily lost: places, gestures, pictures that come from elsewhere, strangers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.test_page import PHOTO, address, names
from tests.e2e.server import ALBUM, Server

pytest.importorskip("playwright", reason="pip install playwright")

from tests.browser.measure import LEAVE_FOR, WATCH, made_up

Open = Callable[..., Any]

# Elements that come and go, and styles that are written, a frame.
_COUNT_TOUCHED = """() => {
  window.touched = [];
  let now = 0;
  new MutationObserver((all) => {
    for (const one of all) now += one.type === 'attributes' ? 1
      : one.addedNodes.length + one.removedNodes.length;
  }).observe(document.querySelector('.items'), {subtree: true, childList: true, attributes: true});
  const next = () => { window.touched.push(now); now = 0; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
_SCROLL = """async (by) => {
  let most = 0;
  for (let frame = 0; frame < 150; frame += 1) {
    scrollBy(0, by);
    await new Promise(requestAnimationFrame);
    most = Math.max(most, document.getElementsByTagName('*').length);
  }
  return most;
}"""


@pytest.fixture
def many(album: Server, open_page: Open) -> Any:
    """The page with 10,000 made-up photos."""
    page = open_page(address(album, "/?view=house"), service_workers="block")
    page.wait_for_selector(".rows li")
    made_up(page)
    page.evaluate(LEAVE_FOR, "/?q=anything")
    page.wait_for_selector(PHOTO)
    return page


def test_scrolling_ten_thousand_touches_little(many: Any) -> None:
    many.evaluate(WATCH)
    many.wait_for_timeout(300)
    before = many.evaluate("window.shifts")  # of leaving the house, without anybody's hand
    many.evaluate(_COUNT_TOUCHED)
    most = many.evaluate(_SCROLL, 120)
    assert most < 700
    assert many.evaluate("window.shifts") == before
    touched = sorted(many.evaluate("window.touched"))
    # a row or two of three photos: the elements, where they are, their pictures, and what went
    assert touched[len(touched) // 2] <= 40
    assert touched[-1] <= 400
    for _ in range(15):  # as far as pages come
        many.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        many.wait_for_timeout(60)
    assert many.evaluate("document.getElementsByTagName('*').length") < 700


def test_back_restores_the_exact_place(many: Any) -> None:
    many.evaluate(_SCROLL, 120)
    many.wait_for_timeout(300)
    top = many.evaluate("scrollY")
    assert top > 10_000
    first = "[...document.querySelectorAll('.photo')].find(x => x.getBoundingClientRect().top > 80)"
    seen = many.evaluate(f"{first}.dataset.index")
    # to the state of the house and back
    many.click(".house-link")
    many.wait_for_selector(".house")
    many.go_back()
    many.wait_for_function(f"Math.abs(scrollY - {top}) < 2")
    assert many.evaluate(f"{first}.dataset.index") == seen
    # a photo opened and closed
    many.evaluate(f"{first}.firstChild.click()")
    many.wait_for_selector("dialog.viewer[open]")
    many.go_back()
    many.wait_for_selector("dialog.viewer", state="hidden")
    assert abs(many.evaluate("scrollY") - top) < 2


def test_two_fingers_enlarge(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=two+dogs"), has_touch=True)
    page.click(PHOTO + " >> nth=0")
    page.wait_for_selector(".now img")
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[int, int]) -> None:
        points = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (180, 400))
    touch("touchStart", (180, 400), (210, 400))
    for apart in (20, 50, 90):
        touch("touchMove", (180 - apart, 400), (210 + apart, 400))
    touch("touchEnd")
    page.wait_for_selector("dialog.zoomed")
    scale = float(
        page.evaluate("new DOMMatrix(document.querySelector('.now img').style.transform).a")
    )
    assert scale > 2
    page.keyboard.press("0")
    page.wait_for_function("!document.querySelector('dialog.zoomed')")


_HAND_OVER = """async ([kind, name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {type: 'image/jpeg'}));
  const how = {clipboardData: data, dataTransfer: data, bubbles: true, cancelable: true};
  const event = kind === 'paste' ? new ClipboardEvent(kind, how) : new DragEvent(kind, how);
  document.body.dispatchEvent(event);
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_from_elsewhere(album: Server, open_page: Open, kind: str) -> None:
    page = open_page(address(album))
    page.wait_for_selector(PHOTO)
    with page.expect_request(lambda request: request.method == "POST") as asked:
        data = list((ALBUM / "cat_chelsea.jpg").read_bytes())
        page.evaluate(_HAND_OVER, [kind, "cat.jpg", data])
    assert asked.value.response().status == 200
    page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('cat_')")


def test_a_phone_can_take_one(album: Server, open_page: Open) -> None:
    page = open_page(address(album), has_touch=True, is_mobile=True)
    page.wait_for_selector(PHOTO)
    page.click(".inside:not(.clear)")
    with page.expect_file_chooser() as chosen:
        page.click("text=Take a photo")
    assert chosen.value.element.get_attribute("capture") == "environment"
    chosen.value.set_files(ALBUM / "cat_chelsea.jpg")
    page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('cat_')")


def test_strangers_pair_and_get_where_they_wanted(
    open_page: Open, tmp_path: Path, serve: Callable[..., Server]
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "two_dogs.jpg").write_bytes((ALBUM / "two_dogs_window.jpg").read_bytes())
    server = serve(photos, auth="required")
    token = {"Authorization": f"Bearer {(tmp_path / 'data' / 'local-token').read_text().strip()}"}
    base = str(server.http.base_url).rstrip("/")

    def code(name: str) -> str:
        asked = {"name": name, "scopes": ["search"]}
        answer = httpx.post(f"{base}/invitations", json=asked, headers=token)
        assert answer.status_code == 201
        return str(answer.json()["code"])

    page = open_page(f"{base}/?q=two+dogs&min_relevance=all", quiet=False)
    page.wait_for_selector("[name=code]")
    page.fill("[name=code]", code("phone"))
    page.click("button >> text=Pair")
    page.wait_for_selector(PHOTO, timeout=60_000)
    assert page.url.endswith("/?q=two+dogs&min_relevance=all")
    # a device that was revoked meanwhile
    page.context.clear_cookies()
    page.fill("#q", "dogs at a window")
    page.wait_for_selector("#code")
    page.fill("#code", "1111-2222")
    page.click(".pair button")
    page.wait_for_selector("#pair-problem:not(:empty)")
    page.fill("#code", code("the same phone"))
    page.click(".pair button")
    page.wait_for_function("document.querySelector('#q').value === 'dogs at a window'")
    page.wait_for_selector(".grid, .notice")


def test_the_keyboard_alone(album: Server, open_page: Open) -> None:
    page = open_page(address(album))
    page.wait_for_selector(PHOTO)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("two dogs", delay=20)
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('two_dogs')")
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.activeElement.closest('.photo')?.dataset.index === '0'")
    page.keyboard.press("End")
    last = len(names(page)) - 1
    page.wait_for_function(f"+document.activeElement.closest('.photo').dataset.index >= {last}")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog.viewer[open]")
    page.keyboard.press("s")  # more like this
    page.wait_for_function("location.search.startsWith('?like=')")
    page.wait_for_selector(PHOTO)


def test_nothing_moves_for_who_wants_calm(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=two+dogs"), reduced_motion="reduce")
    page.click(PHOTO + " >> nth=0")
    page.wait_for_selector(".now img")
    running = "document.getAnimations({subtree: true}).length"
    assert page.evaluate(running) == 0
    page.keyboard.press("ArrowRight")
    assert page.evaluate(running) == 0


@pytest.mark.parametrize("path", ["/", "/?q=mountains", "/?view=house", "/?q=qqqq&after=2100"])
def test_nothing_shifts(album: Server, open_page: Open, path: str) -> None:
    page = open_page(address(album))
    page.add_init_script(WATCH)
    page.goto(address(album, path))
    page.wait_for_selector({"/?view=house": ".rows li"}.get(path, ".photo img.there, .notice"))
    page.wait_for_timeout(1500)
    assert page.evaluate("window.shifts") == 0


def test_the_original_is_a_tap_away(album: Server, open_page: Open) -> None:
    page = open_page(address(album, "/?q=mountians"))
    page.click(".notes a >> text=Search for it as it is written")
    page.wait_for_selector('.chip[data-chip="spelling"] >> text=As written')
    assert page.url.endswith("/?q=mountians&spelling=false")
    page.wait_for_selector(".notes a", state="detached")
    page.fill("#q", "mountians lake")
    page.wait_for_selector(".notes a")
    assert "spelling" not in page.url


@pytest.mark.parametrize(
    ("asked", "corrected"),
    [
        ("q=type%3Ajpeg+camera%3A%22x%2Ccanno%22", 'type:jpeg camera:"x,canon"'),
        ("q=a+-camera%3Acanno+b", 'a -camera:"canon" b'),
        ("q=a&camera=all:canno,x", "a"),
    ],
)
def test_a_near_miss_is_a_tap_away(
    album: Server, open_page: Open, asked: str, corrected: str
) -> None:
    """The album's cameras are not known; the service's word for it is all that counts here."""
    page = open_page(address(album))

    def answer(route: Any) -> None:
        given = route.fetch()
        said = given.json()
        values = {"field": "camera", "written": "canno", "meant": "canon"}
        said["remarks"] = [{"code": "near_miss", "values": values, "text": "?"}]
        route.fulfill(response=given, json=said)

    page.route("**/search?*canno*", answer)
    page.evaluate("address => { history.pushState({}, '', address); }", f"/?{asked}")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate', {state: {}}))")
    page.click(".notes a >> text=Search for that")
    page.wait_for_selector(".notes a", state="detached")
    assert page.input_value("#q") == corrected
    assert ("camera=all%3Acanon,x" in page.url) == ("camera=" in asked)


def test_people_of_the_library_can_be_chosen(album: Server, open_page: Open) -> None:
    page = open_page(address(album))

    def answer(route: Any) -> None:
        given = route.fetch()
        people = [{"value": "Anna Schmidt", "count": 2}]
        route.fulfill(response=given, json={**given.json(), "people": people, "complete": True})

    page.wait_for_selector(".photo img.there")
    assert not page.query_selector('.chip[data-chip="person"]')
    page.route("**/suggestions", answer)
    page.reload()
    page.wait_for_selector(".tries .chip")
    page.fill("#q", "two dogs")
    page.click('.chip[data-chip="person"]')
    page.click(".option >> text=Anna Schmidt")
    page.wait_for_selector('.chip[data-chip="person"] >> text=Person: Anna Schmidt')
    assert page.url.endswith("/?q=two+dogs&person=Anna+Schmidt")
    assert not page.query_selector('.chip[data-chip="place"]')


def test_notes_and_filters_in_german(album: Server, open_page: Open) -> None:
    where = "/?q=mountians+rating%3Amany+after%3A2020-05-01"
    page = open_page(address(album, where), locale="de-DE")
    page.wait_for_selector(".notes p >> text=Gesucht wurde „mountains“, nicht „mountians“.")
    page.wait_for_selector(".notes p >> text=„rating:many“ wurde als Wörter gesucht.")
    assert "seit 1. Mai 2020" in page.inner_text(".chip.understood")
    page.goto(address(album))
    page.wait_for_selector(".tries .chip >> text=Ordner", state="detached")
    page.wait_for_selector(".tries .chip")
    assert not {"dog", "cat", "mountains"} & set(page.inner_text(".tries").split("\n"))
