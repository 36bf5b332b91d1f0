"""Pages of a running service whose folder changes all the while."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.server import ALBUM, Server

pytestmark = pytest.mark.small_pack


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize(
    "parameters", [{"q": "a photo"}, {"type": "jpeg"}, {"q": "cat", "sort": "newest"}]
)
def test_what_stays_comes_once(
    photos: Path, serve: Callable[..., Server], parameters: dict[str, str]
) -> None:
    for number in range(12):  # copies share a place in the order
        shutil.copy(ALBUM / "cat_chelsea.jpg", photos / f"copy{number}.jpg")
    server = serve(photos, settle_seconds="0.05")
    server.settle()
    stays = server.paths()
    stop = threading.Event()
    writer = threading.Thread(target=busy, args=(photos, stop))
    writer.start()
    try:
        for _ in range(3):
            seen = pages(server, **parameters)
            assert len(seen) == len(set(seen)), "a photo came twice"
            assert stays <= set(seen), f"missing: {stays - set(seen)}"
    finally:
        stop.set()
        writer.join()
    assert server.status()["moved"] + server.status()["removed"] > 0


def busy(photos: Path, stop: threading.Event) -> None:
    """Somebody who adds, renames and deletes photos of their own."""
    album = sorted(ALBUM.glob("*.jpg"))
    for number in count():
        new, other = photos / f"new{number}.jpg", photos / f"other{number}.jpg"
        shutil.copy(album[number % len(album)], new)
        if stop.wait(0.15):
            return
        new.rename(other)
        time.sleep(0.1)
        if number % 2:
            other.unlink()


def pages(server: Server, **parameters: str) -> list[str]:
    """Paths of all pages, slowly read."""
    answer = server.get("/search", limit="3", min_relevance="all", **parameters)
    seen = [hit["path"] for hit in answer["results"]]
    while answer["next"] is not None:
        time.sleep(0.1)
        answer = server.get("/search", cursor=answer["next"], limit="3")
        seen += [hit["path"] for hit in answer["results"]]
    return [path for path in seen if not path.startswith("other")]
