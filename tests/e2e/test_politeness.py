"""Indexing that is told to wait."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack


@pytest.mark.usefixtures("indexed")
def test_pause_and_resume(photos: Path, serve: Serve) -> None:
    server = serve(photos)
    before = server.settle()
    assert server.http.post("/indexing/pause").json() == {"paused": True}
    (photos / "again").mkdir()
    for path in ALBUM.glob("*.jpg"):
        (photos / "again" / path.name).write_bytes(path.read_bytes() + b"new")
    status = server.until(lambda now: now["state"] == "paused", 10)
    assert "crispd resume" in status["message"]
    (photos / "cat_chelsea.jpg").unlink()  # what is gone is noticed all the same
    server.until(lambda now: now["photos"] == before["photos"] - 1, 10)
    time.sleep(1)
    assert server.status()["encoded"] - before["encoded"] <= 2  # what was in hand was finished
    assert server.get("/search", q="a dog", min_relevance="all")["results"]
    assert server.http.post("/indexing/resume").json() == {"paused": False}
    status = server.until(lambda now: now["photos"] == 2 * before["photos"] - 1, 60)
    assert server.settle()["message"] is None
    assert server.stop() == 0


def test_quiet_hours_hold_back_and_do_not_hold_up_a_stop(photos: Path, serve: Serve) -> None:
    server = serve(photos, quiet_hours="00:00-00:00")
    status = server.until(lambda now: now["state"] == "paused", 20)
    assert (status["photos"], status["encoded"]) == (0, 0)
    assert "quiet hours" in status["message"]
    shutil.rmtree(photos)
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 10
