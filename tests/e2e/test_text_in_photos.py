"""Text in photos: read by a real process after indexing, found, told, and not read twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crispd.ocr.models import find_ocr_models
from tests.e2e.server import Server
from tests.ocr.pages import page

pytestmark = pytest.mark.skipif(
    find_ocr_models() is None, reason="rapidocr is not installed: pip install --no-deps rapidocr"
)
Serve = Callable[..., Server]


@pytest.mark.slow  # a stage begins once ten seconds are quiet; a small one is in tests/ocr
def test_a_receipt_is_found_by_its_words(tmp_path: Path, serve: Serve) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    page(["Zoohaus Kiel", "Summe EUR 26,43", "12.03.21"]).save(photos / "IMG_1.jpg")
    page([]).save(photos / "IMG_2.jpg")
    room = {"memory_limit_mb": "1000"}
    server = serve(photos, read_text="auto", **room)
    server.until(lambda now: now["text_pending"] == 0, 60)
    assert server.status()["text_read"] == 2
    for asked in ("zoohaus", "26.43 €", "12.3.2021", "text:summe", "has:text", "zoohauss"):
        [hit] = server.get("/search", q=asked)["results"]
        assert hit["path"] == "IMG_1.jpg"
    [hit] = server.get("/search", q="zoohaus")["results"]
    [reason] = hit["matched"]
    lines = server.get(f"/photos/{hit['id']}")["text_lines"]
    assert (reason["field"], reason["words"]) == ("text", ["zoohaus"])
    assert (reason["value"], reason["box"]) == ("Zoohaus Kiel", lines[0]["corners"])
    assert [line["text"] for line in lines] == ["Zoohaus Kiel", "Summe EUR 26,43", "12.03.21"]
    server.stop()
    (photos / "IMG_1.jpg").rename(photos / "moved.jpg")
    server = serve(photos, read_text="on", **room)
    server.until(lambda now: now["text_pending"] == 0, 60)
    assert server.status()["text_read"] == 0
    [hit] = server.get("/search", q="zoohaus")["results"]
    assert hit["path"] == "moved.jpg"


@pytest.mark.slow
def test_text_is_forgotten_and_read_again(tmp_path: Path, serve: Serve) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    page(["Kontoauszug", "Liefer-", "schein 26,43"]).save(photos / "IMG_1.jpg")
    room = {"memory_limit_mb": "1000"}
    server = serve(photos, read_text="on", **room)
    server.until(lambda now: now["text_pending"] == 0, 60)
    [hit] = server.get("/search", q="kontoauszug")["results"]
    text = server.get(f"/photos/{hit['id']}/text", words="lieferschein 26.43")
    assert text["read"]
    assert text["text"] == "Kontoauszug\nLiefer-\nschein 26,43"
    assert [line["marks"] for line in text["lines"]] == [[], [[0, 7]], [[0, 6], [7, 12]]]
    assert server.get("/text") == {"state": "on", "photos": 1, "pending": 0}
    assert server.http.post("/text/forget").json() == {"started": 1}
    assert server.get("/text")["state"] == "forgotten"
    assert server.get("/search", q="text:kontoauszug")["results"] == []
    server.stop()
    page(["Kontoauszug 2"]).save(photos / "IMG_2.jpg")
    server = serve(photos, read_text="on", **room)
    server.settle()
    assert not server.get(f"/photos/{hit['id']}/text")["read"]
    assert server.http.post("/text/read").json()["state"] == "on"
    server.until(lambda now: now["text_read"] == 2, 60)
    assert len(server.get("/search", q="text:kontoauszug")["results"]) == 2


def read_so_far(server: Server) -> int:
    with closing(sqlite3.connect(server.data / "crispd.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM content_text").fetchone()[0])


def until_read(server: Server, count: int) -> int:
    end = time.monotonic() + 60
    while (now := read_so_far(server)) < count and time.monotonic() < end:
        time.sleep(0.02)
    return now


@pytest.mark.slow
def test_kill_and_pause_lose_nothing_and_read_nothing_twice(tmp_path: Path, serve: Serve) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(5):
        page([f"Invoice {number} of Zoohaus", "Total 26,43"]).save(photos / f"IMG_{number}.jpg")
    settings = {"read_text": "on", "memory_limit_mb": "1000"}
    server = serve(photos, **settings)
    until_read(server, 1)
    server.kill()
    before = read_so_far(server)
    assert 1 <= before < 5
    server = serve(photos, **settings)
    assert server.http.post("/indexing/pause").json() == {"paused": True}
    server.settle()
    time.sleep(6)  # longer than a stage waits before it begins
    assert read_so_far(server) <= before + 1  # the one that was in hand
    server.http.post("/indexing/resume")
    server.until(lambda now: now["text_pending"] == 0, 60)
    assert server.status()["text_read"] == 5 - before
    found = server.get("/search", q="text:zoohaus", limit=20)["results"]
    assert len({hit["path"] for hit in found}) == 5
    server.stop()
    # without the models, or unwanted: what was read is found, and nothing is read
    server = serve(photos, **settings | {"read_text": "off"})
    server.settle()
    assert server.get("/text") == {"state": "off", "photos": 5, "pending": None}
    [hit, *_] = server.get("/search", q="invoice 3")["results"]
    assert hit["path"] == "IMG_3.jpg"
