"""The disk of the data folder fills up, and has room again."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.indexed import IndexedAlbum
from tests.e2e.mounts import mount, unmount
from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The data folder of ``serve``, on a file system of 24 MB."""
    path = tmp_path / "data"
    path.mkdir()
    if not mount(path, "24m"):
        pytest.skip("file systems may not be mounted here")
    yield path
    unmount(path)


def leave(data: Path, room: int) -> None:
    """Fill the disk but for ``room`` bytes; the service may write beside it."""
    found = os.statvfs(data)
    free = found.f_bavail * found.f_frsize
    with contextlib.suppress(OSError), (data / "filler").open("ab", buffering=0) as file:
        file.write(bytes(max(free - room, 0)))


def copies(photos: Path, folder: str) -> int:
    """Photos of new content."""
    (photos / folder).mkdir()
    for path in ALBUM.glob("*.jpg"):
        (photos / folder / path.name).write_bytes(path.read_bytes() + folder.encode())
    return len(list(ALBUM.glob("*.jpg")))


@pytest.fixture
def started(photos: Path, data: Path, small_album: IndexedAlbum, serve: Serve) -> Iterator[Server]:
    """A service on that disk, stopped before the disk goes."""
    small_album.copy(photos, data)
    server = serve(photos, checkpoint_minutes="0.01")
    server.settle()
    yield server
    server.stop()


@pytest.mark.parametrize("room", [0, 300_000])
def test_indexing_waits_and_goes_on(photos: Path, data: Path, started: Server, room: int) -> None:
    before = started.status()
    leave(data, room)
    time.sleep(0.6)  # the disk is looked at twice a second
    new = copies(photos, "new")
    # It pauses as soon as the disk is full, which may be before the watcher has told of the photos.
    status = started.until(lambda now: now["state"] == "paused" and now["pending"] > 0, 20)
    assert "room on the disk" in status["message"]
    for _ in range(20):
        assert "cat_chelsea.jpg" in started.paths()
        time.sleep(0.05)
    assert started.get("/healthz")["ok"]
    (data / "filler").unlink()
    started.until(lambda now: now["photos"] == before["photos"] + new, 60)
    status = started.settle()
    assert (status["message"], status["failed"]) == (None, 0)
    assert status["encoded"] == before["encoded"] + new
    assert whole(data)


def test_a_disk_that_is_full_at_once(photos: Path, data: Path, started: Server) -> None:
    """Nobody looked before it was: SQLite itself meets the end of the disk."""
    before = started.status()
    new = sum(copies(photos, f"new {number}") for number in range(3))
    started.until(lambda now: now["encoded"] > before["encoded"], 30)
    leave(data, 0)
    started.until(lambda now: now["state"] == "paused", 20)
    time.sleep(3)
    assert started.get("/search", q="a cat", min_relevance="all")["results"]
    (data / "filler").unlink()
    started.until(lambda now: now["photos"] == before["photos"] + new, 60)
    assert started.settle()["encoded"] == before["encoded"] + new
    assert whole(data)


def whole(data: Path) -> bool:
    with closing(sqlite3.connect(data / "crispd.sqlite3")) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
