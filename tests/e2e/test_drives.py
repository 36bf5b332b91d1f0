"""Drives that go, come back, come back elsewhere, and drives that are others."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.mounts import bind, mount, unmount
from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
ASKED = {"photos", "missing"}


def folder_of(server: Server) -> dict[str, Any]:
    [folder] = server.get("/folders")["folders"]
    return dict(folder)


def other_photos(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        Image.new("RGB", (80, 60), (number * 30, 90, 120)).save(folder / f"other {number}.png")


@pytest.mark.usefixtures("indexed")
def test_another_drive_under_the_same_path(photos: Path, serve: Serve) -> None:
    photos.rename(photos.parent / "the right one")
    other_photos(photos, 6)

    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["missing"], status["encoded"]) == (23, 23, 0)
    folder = folder_of(server)
    assert folder["online"] is False
    assert "another drive" in folder["hint"]
    hit = server.hits()["cat_chelsea.jpg"]
    assert hit["online"] is False
    assert server.http.get(hit["thumbnail"]).status_code == 200
    assert server.http.get(hit["original"]).status_code == 404
    server.stop()

    shutil.rmtree(photos)
    (photos.parent / "the right one").rename(photos)
    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["missing"]) == (23, 0)
    assert (status["encoded"], status["linked"], status["removed"]) == (0, 0, 0)
    assert server.hits()["cat_chelsea.jpg"]["online"] is True


@pytest.mark.usefixtures("indexed")
def test_a_drive_that_was_replaced_on_purpose(photos: Path, serve: Serve) -> None:
    shutil.rmtree(photos)
    other_photos(photos, 6)
    server = serve(photos)
    assert server.settle()["photos"] == 23
    assert server.http.post("/folders/confirm", json={"path": "/nowhere"}).status_code == 404
    assert server.http.post("/folders/confirm").json() == {"started": 1}
    status = server.until(lambda now: now["photos"] == 6 and now["missing"] == 0, 20)
    assert (status["removed"], status["folders_online"]) == (23, 1)
    assert server.http.post("/folders/confirm").json() == {"started": 0}


@pytest.mark.usefixtures("indexed")
def test_a_folder_that_lies_elsewhere_now_is_not_read_again(photos: Path, serve: Serve) -> None:
    elsewhere = photos.parent / "mnt" / "pictures"
    elsewhere.parent.mkdir()
    photos.rename(elsewhere)
    server = serve(elsewhere)
    status = server.settle()
    assert status["photos"] == 23
    assert (status["encoded"], status["linked"], status["removed"]) == (0, 0, 0)
    hit = server.get("/search", q="a cat", min_relevance="all")["results"][0]
    assert (hit["folder"], hit["online"]) == (str(elsewhere), True)
    assert server.http.get(hit["original"]).status_code == 200


@pytest.mark.usefixtures("indexed")
def test_a_scan_that_misses_most_of_a_folder_asks(photos: Path, serve: Serve) -> None:
    shutil.copytree(photos, photos / "copies")
    server = serve(photos)
    assert server.settle()["photos"] == 46
    server.stop()
    shutil.rmtree(photos / "copies")
    for path in sorted(photos.glob("*.jpg"))[:7]:
        path.unlink()
    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["missing"], status["removed"]) == (46, 30, 0)
    assert "30 photos" in folder_of(server)["hint"]
    assert folder_of(server)["online"] is True
    # what is new is taken on meanwhile
    other_photos(photos / "new", 2)
    server.until(lambda now: now["photos"] == 48, 10)
    assert server.http.post("/folders/confirm", json={"path": str(photos)}).json()["started"] == 1
    server.until(lambda now: now["photos"] == 18 and now["missing"] == 0, 20)
    server.stop()
    server = serve(photos)  # and it does not ask again
    assert {name: server.settle()[name] for name in ASKED} == {"photos": 18, "missing": 0}


@pytest.mark.usefixtures("indexed")
def test_photos_that_come_back_are_not_asked_for_any_more(photos: Path, serve: Serve) -> None:
    shutil.copytree(photos, photos / "copies")
    server = serve(photos)
    server.settle()
    server.stop()
    away = photos.parent / "away"
    away.mkdir()
    (photos / "copies").rename(away / "copies")
    for path in sorted(photos.glob("*.jpg"))[:7]:
        path.rename(away / path.name)
    server = serve(photos)
    assert {name: server.settle()[name] for name in ASKED} == {"photos": 46, "missing": 30}
    for path in away.iterdir():
        path.rename(photos / path.name)
    server.http.post("/folders/rescan")
    status = server.until(lambda now: now["missing"] == 0, 10)
    assert (status["photos"], status["removed"]) == (46, 0)
    assert server.settle()["encoded"] == 0


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own with the album on it."""
    path = tmp_path / "drive"
    path.mkdir()
    if not mount(path):
        pytest.skip("file systems may not be mounted here")
    fill(path)
    yield path
    unmount(path)


def fill(path: Path) -> None:
    for photo in ALBUM.glob("*.jpg"):
        shutil.copy2(photo, path)


def test_unmounted_and_mounted_while_running(drive: Path, serve: Serve) -> None:
    server = serve(drive)
    before = server.settle()
    for _ in range(2):
        subprocess.run(["umount", "-l", drive], check=True)
        server.http.post("/folders/rescan")
        server.until(lambda now: now["folders_online"] == 0, 15)
        time.sleep(0.5)
        assert server.status()["photos"] == before["photos"]
        assert (
            server.get("/search", q="a cat", min_relevance="all")["results"][0]["online"] is False
        )
        assert mount(drive)
        fill(drive)
        server.http.post("/folders/rescan")
        server.until(lambda now: now["folders_online"] == 1, 15)
    status = server.settle()
    assert (status["photos"], status["encoded"]) == (before["photos"], before["encoded"])
    assert status["removed"] == 0


def test_an_emptied_folder_can_be_confirmed(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    server.settle()
    for path in photos.iterdir():
        path.unlink()
    server.until(lambda now: now["folders_online"] == 0, 10)
    left = server.status()["photos"]
    folder = folder_of(server)
    assert (folder["missing"], folder["hint_code"]) == (left, "emptied")
    assert "crispd confirm" in folder["hint"]
    server.stop()
    server = serve(photos)  # and at a start
    status = server.settle()
    assert (status["photos"], status["missing"]) == (left, left)
    assert server.http.post("/folders/confirm").json() == {"started": 1}
    # Counters follow the commit that a reader may see already.
    status = server.until(lambda now: now["photos"] == 0 and now["removed"] == left, 15)
    assert (status["missing"], status["folders_online"]) == (0, 1)
    time.sleep(2.5)
    assert server.status()["folders_online"] == 1
    # what comes then is taken, and once more nothing is believed without a word
    fill(photos)
    server.until(lambda now: now["photos"] == 23, 20)
    assert server.settle()["encoded"] == 0
    for path in photos.iterdir():
        path.rename(photos.parent / path.name)
    server.http.post("/folders/rescan")
    assert server.until(lambda now: now["folders_online"] == 0, 10)["missing"] > 0


@pytest.mark.usefixtures("indexed")
def test_the_right_drive_is_back_at_once(photos: Path, serve: Serve) -> None:
    """Also one of the same number: the kernel gives those again."""
    right, wrong = photos.parent / "right", photos.parent / "wrong"
    photos.rename(right)
    other_photos(wrong, 6)
    photos.mkdir()
    if not bind(wrong, photos):
        pytest.skip("file systems may not be mounted here")
    try:
        server = serve(photos)
        server.until(lambda now: now["missing"] == 23, 20)
        assert folder_of(server)["hint_code"] == "another_drive"
        for drive, missing in ((right, 0), (wrong, 23), (right, 0)):
            # mounts on one device: nothing but the folder itself is another
            unmount(photos)
            assert bind(drive, photos)
            began = time.monotonic()
            server.until(lambda now, wanted=missing: now["missing"] == wanted, 20)
            assert time.monotonic() - began < 5
        status = server.settle()
        assert (status["photos"], status["removed"], status["encoded"]) == (23, 0, 0)
        shutil.copy(right / "grass.jpg", right / "copy.jpg")  # it is listened to again
        server.until(lambda now: now["photos"] == 24, 5)
    finally:
        server.stop()
        unmount(photos)


@pytest.mark.usefixtures("indexed")
def test_a_folder_by_two_names_is_taken_once(photos: Path, serve: Serve) -> None:
    link = photos.parent / "link"
    link.symlink_to(photos)
    server = serve(photos, link)
    status = server.settle()
    assert (status["photos"], status["folders"]) == (23, 1)
    assert "is the same folder as" in "".join(server.lines)
    server.stop()
    inner = photos / "2020"
    inner.mkdir()
    (photos.parent / "nested").symlink_to(inner)
    with pytest.raises(AssertionError, match="lies inside"):
        serve(photos, photos.parent / "nested")
