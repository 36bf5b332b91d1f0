"""What goes wrong in a house: crispd dies, a device is thrown out, a drive or the photos are gone.

The processes are real ones, killed and started again at the same address.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.test_page import PHOTO, address
from tests.e2e.server import ALBUM, Server

Open = Callable[..., Any]
Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a service at one port, over three photos of the album; again after it was killed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("two_dogs_window", "cat_chelsea", "rocket"):
        shutil.copy(ALBUM / f"{name}.jpg", photos)
    running: list[Server] = []

    def started(folder: Path = photos, **settings: str) -> Server:
        for earlier in running:
            assert earlier.exit_code is not None
        server = Server(tmp_path / "data", folder, environment={"CRISPD_PORT": port}, **settings)
        server.exit_code = None
        running.append(server)
        if "auth" not in settings:
            server.settle(120)
        return server

    yield started
    for server in running:
        if server.exit_code is None:
            server.stop()


def killed(server: Server) -> None:
    server.kill()
    server.exit_code = -9


def test_a_search_comes_back_with_its_house(start: Start, open_page: Open) -> None:
    server = start()
    page = open_page(address(server), quiet=False)
    page.wait_for_selector(PHOTO)
    killed(server)
    page.fill("#q", "two dogs")
    page.wait_for_selector(".notice >> text=Not in reach")
    assert page.inner_text(".away") == ""  # it is said once
    start()
    page.wait_for_selector(PHOTO, timeout=20_000)
    page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('two_dogs')")
    assert page.locator(".notice").count() == 0


def test_the_state_of_the_house_comes_back(start: Start, open_page: Open) -> None:
    server = start()
    page = open_page(address(server, "/?view=house"), quiet=False)
    page.wait_for_selector("text=3 photos searchable")
    killed(server)
    page.wait_for_selector(".away:not(:empty)", timeout=20_000)
    photos = server.folders[0]
    shutil.copy(ALBUM / "raccoon.jpg", photos)
    start()
    page.wait_for_selector("text=4 photos searchable", timeout=30_000)
    page.wait_for_selector(".away:empty", state="attached")
    # the stream itself is there again: what comes now is seen without anybody asking
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shutil.copy(ALBUM / "astronaut.jpg", photos)
    page.wait_for_selector("text=5 photos searchable", timeout=30_000)
    assert not [url for url in asked if url.endswith("/status")]


def test_photos_that_did_not_come_are_asked_for_again(start: Start, open_page: Open) -> None:
    server = start()
    page = open_page(address(server, "/?q=cat&min_relevance=all"), quiet=False)
    page.wait_for_selector(PHOTO)
    killed(server)
    page.set_viewport_size({"width": 700, "height": 700})
    page.click(".photo >> nth=0")  # the large picture is not there
    page.wait_for_selector("dialog.viewer[open] [data-failed]", state="attached")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.viewer", state="hidden")
    page.wait_for_selector(".away:not(:empty)", timeout=40_000)
    page.evaluate("document.querySelectorAll('.photo').forEach(x => x.classList.add('broken'))")
    start()
    page.wait_for_selector(".away:empty", state="attached", timeout=20_000)
    page.wait_for_function("!document.querySelector('.photo.broken')")
    page.wait_for_selector(PHOTO)


def test_a_device_that_is_thrown_out(start: Start, open_page: Open, tmp_path: Path) -> None:
    server = start(auth="required")
    token = {"Authorization": f"Bearer {(tmp_path / 'data' / 'local-token').read_text().strip()}"}
    base = address(server, "")
    asked = {"name": "phone", "scopes": ["search", "originals"]}
    code = httpx.post(f"{base}/invitations", json=asked, headers=token).json()["code"]
    page = open_page(f"{base}/pair", quiet=False)
    page.fill("[name=code]", code)
    page.click("main button, form button")
    page.wait_for_selector(PHOTO)
    [device] = httpx.get(f"{base}/devices", headers=token).json()["devices"]
    assert httpx.delete(f"{base}/devices/{device['id']}", headers=token).status_code == 204
    page.fill("#q", "a cat")
    page.wait_for_selector(".pair #code")
    assert page.evaluate("document.activeElement.id") in ("q", "code")
    page.wait_for_timeout(1000)  # for what was asked already
    # it does not go on knocking
    refused: list[str] = []
    page.on("response", lambda answer: answer.status == 401 and refused.append(answer.url))
    page.wait_for_timeout(7000)
    assert not refused


def test_a_photo_whose_drive_is_gone(start: Start, open_page: Open, tmp_path: Path) -> None:
    server = start()
    photos = server.folders[0]
    before = open_page(address(server, "/?q=cat&min_relevance=all"))
    before.wait_for_selector(PHOTO)
    before.close()
    server.stop()
    server.exit_code = 0
    photos.rename(tmp_path / "unplugged")
    photos.mkdir()
    server = start(photos)
    page = open_page(address(server, "/?q=cat&min_relevance=all"), quiet=False)
    page.wait_for_selector(PHOTO)
    assert page.locator(".badge.offline").count() == 3
    assert "its drive is not plugged in" in page.get_attribute(".photo a", "aria-label")
    page.click(".photo >> nth=0")
    page.wait_for_selector("dialog.viewer[open] .now img")
    # what is kept of it is shown, and nothing is offered that cannot be had
    page.wait_for_function("document.querySelector('.now img').naturalWidth > 100")
    assert not page.is_visible("[aria-label='Download the original']")
    assert not page.is_visible("[aria-label='Open the original']")
    page.keyboard.press("i")
    page.wait_for_selector(".info dd >> text=its drive is not plugged in")


def test_a_house_without_photos(start: Start, open_page: Open, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    server = start(empty)
    page = open_page(address(server))
    page.wait_for_selector(".notice >> text=No photos yet")
    page.fill("#q", "dogs")
    page.wait_for_function("location.search === '?q=dogs'")
    page.wait_for_selector(".notice >> text=No photos yet")
    page.click(".notice button")
    page.wait_for_selector(".rows li")


def test_a_slow_network_is_waited_for(album: Server, open_page: Open) -> None:
    page = open_page(address(album))
    page.wait_for_selector(PHOTO)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 1500, "downloadThroughput": 3e4, "uploadThroughput": 1e4}
    network.send("Network.emulateNetworkConditions", slow)
    page.fill("#q", "two dogs")
    page.wait_for_selector(".searching")  # something goes on
    assert page.locator(PHOTO).count() > 0  # what was there stays until then
    page.fill("#q", "a cat")  # what is no longer wanted is given up
    page.wait_for_function("document.querySelector('.photo a')?.ariaLabel.startsWith('cat_')")
    page.wait_for_selector(".searching", state="detached")
    assert page.locator(".notice").count() == 0
