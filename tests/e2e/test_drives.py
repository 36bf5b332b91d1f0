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

from tests.e2e.mounts import mount, unmount
from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]
ASKED = {"photos", "missing"}


def folder_of(server: Server) -> dict[str, Any]:
    [folder] = server.get("/folders")["folders"]
    return dict(folder)


def other_photos(folder: Path, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        Image.new("RGB", (80, 60), (number * 30, 90, 120)).save(folder / f"other {number}.png")


def test_another_drive_under_the_same_path(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    before = server.settle()
    server.stop()
    photos.rename(photos.parent / "the right one")
    other_photos(photos, 6)

    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["missing"], status["encoded"]) == (23, 23, 0)
    folder = folder_of(server)
    assert folder["online"] is False
    assert "another drive" in folder["hint"]
    hit = server.get("/search", q="a cat", min_relevance="all")["results"][0]
    assert (hit["path"], hit["online"]) == ("cat_chelsea.jpg", False)
    assert server.http.get(hit["thumbnail"]).status_code == 200
    assert server.http.get(hit["original"]).status_code == 404
    server.stop()

    shutil.rmtree(photos)
    (photos.parent / "the right one").rename(photos)
    server = serve(photos)
    status = server.settle()
    assert (status["photos"], status["missing"]) == (before["photos"], 0)
    assert (status["encoded"], status["linked"], status["removed"]) == (0, 0, 0)
    assert server.get("/search", q="a cat", min_relevance="all")["results"][0]["online"] is True


def test_a_drive_that_was_replaced_on_purpose(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    server.settle()
    server.stop()
    shutil.rmtree(photos)
    other_photos(photos, 6)
    server = serve(photos)
    assert server.settle()["photos"] == 23
    assert server.http.post("/folders/confirm", json={"path": "/nowhere"}).status_code == 404
    assert server.http.post("/folders/confirm").json() == {"started": 1}
    status = server.until(lambda now: now["photos"] == 6 and now["missing"] == 0, 20)
    assert (status["removed"], status["folders_online"]) == (23, 1)
    assert server.http.post("/folders/confirm").json() == {"started": 0}


def test_a_folder_that_lies_elsewhere_now_is_not_read_again(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    before = server.settle()
    server.stop()
    elsewhere = photos.parent / "mnt" / "pictures"
    elsewhere.parent.mkdir()
    photos.rename(elsewhere)
    server = serve(elsewhere)
    status = server.settle()
    assert status["photos"] == before["photos"]
    assert (status["encoded"], status["linked"], status["removed"]) == (0, 0, 0)
    hit = server.get("/search", q="a cat", min_relevance="all")["results"][0]
    assert (hit["folder"], hit["online"]) == (str(elsewhere), True)
    assert server.http.get(hit["original"]).status_code == 200


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
