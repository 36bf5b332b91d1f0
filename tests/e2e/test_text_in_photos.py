"""Text in photos: read by a real process after indexing, found, told, and not read twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crispd.ocr.models import find_ocr_models
from tests.e2e.server import Server
from tests.ocr.pages import page

pytestmark = pytest.mark.skipif(
    find_ocr_models() is None, reason="rapidocr is not installed: pip install --no-deps rapidocr"
)
Serve = Callable[..., Server]


def test_a_receipt_is_found_by_its_words(tmp_path: Path, serve: Serve) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    page(["Zoohaus Kiel", "Summe EUR 26,43"]).save(photos / "IMG_1.jpg")
    page([]).save(photos / "IMG_2.jpg")
    room = {"memory_limit_mb": "1000"}
    server = serve(photos, read_text="auto", **room)
    server.until(lambda now: now["text_pending"] == 0, 60)
    assert server.status()["text_read"] == 2
    for asked in ("zoohaus", "26,43", "text:summe"):
        [hit] = server.get("/search", q=asked)["results"]
        assert hit["path"] == "IMG_1.jpg"
    [hit] = server.get("/search", q="zoohaus")["results"]
    assert hit["matched"] == [{"field": "text", "words": ["zoohaus"]}]
    lines = server.get(f"/photos/{hit['id']}")["text_lines"]
    assert [line["text"] for line in lines] == ["Zoohaus Kiel", "Summe EUR 26,43"]
    server.stop()
    (photos / "IMG_1.jpg").rename(photos / "moved.jpg")
    server = serve(photos, read_text="on", **room)
    server.until(lambda now: now["text_pending"] == 0, 60)
    assert server.status()["text_read"] == 0
    [hit] = server.get("/search", q="zoohaus")["results"]
    assert hit["path"] == "moved.jpg"
