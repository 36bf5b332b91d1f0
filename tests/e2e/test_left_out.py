"""The data of crispd and what other programs keep is never taken for photos."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import ALBUM, Server
from tests.e2e.test_doctor import doctor

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
FEW = 5


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Few of the sample album."""
    made = tmp_path / "photos"
    made.mkdir()
    for path in sorted(ALBUM.glob("*.jpg"))[:FEW]:
        shutil.copy2(path, made)
    return made


@pytest.fixture
def within(photos: Path) -> Iterator[Callable[..., Server]]:
    """A service whose data folder lies in the photo folder."""
    started: list[Server] = []

    def start(data: str, **settings: Any) -> Server:
        started.append(Server(photos / data, photos, **settings))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def test_a_data_folder_below_the_photos(photos: Path, within: Callable[..., Server]) -> None:
    server = within("clone/data", thumbnails_ahead="true")
    assert server.settle()["photos"] == FEW
    for hit in server.get("/search", q="photo", limit=200, min_relevance="all")["results"]:
        assert server.http.get(hit["thumbnail"], params={"size": 1280}).status_code == 200
    server.http.post("/folders/rescan")
    time.sleep(1.5)  # events of thumbnails that were just made
    status = server.settle()
    assert (status["photos"], status["encoded"]) == (FEW, FEW)
    assert list((photos / "clone" / "data" / "thumbnails").rglob("*.jpg"))
    said = "".join(server.lines)
    assert f"The data folder {photos}/clone/data lies in the photo folder {photos}" in said
    server.stop()
    code, found = doctor(photos / "clone" / "data", str(photos))
    assert code == 0
    warned = [f for f in found if f["what"] == f"folder {photos}" and f["level"] == "warning"]
    assert any("data folder" in f["seen"] for f in warned)
    assert all(f["do"] for f in warned)
    server = within("clone/data")
    assert server.settle()["photos"] == FEW


def test_the_photo_folder_is_the_data_folder(photos: Path, within: Callable[..., Server]) -> None:
    server = within(".")
    time.sleep(1)
    assert server.settle()["photos"] == FEW
    server.http.post("/folders/rescan")
    time.sleep(0.5)
    assert server.settle()["photos"] == FEW


def test_the_data_folder_of_another_crispd(
    photos: Path, serve: Serve, within: Callable[..., Server]
) -> None:
    """Watched before it was there: the folder is told as soon as it is made."""
    server = serve(photos)
    server.settle()
    other = within("nas/crispd")
    other.settle()
    time.sleep(1.5)
    status = server.settle()
    assert (status["photos"], status["encoded"]) == (FEW, FEW)


def test_what_was_indexed_before_leaves(photos: Path, serve: Serve) -> None:
    """As an older version took thumbnails of Immich and previews of Lightroom for photos."""
    pictures = sorted(photos.glob("*.jpg"))
    for place in ("im/other", "lr/Previews"):
        (photos / place).mkdir(parents=True)
    for number, picture in enumerate(pictures):
        shutil.copy(picture, photos / "im" / "other" / f"{number}.jpg")
        shutil.copy(picture, photos / "lr" / "Previews" / f"{number}.jpg")
    server = serve(photos)
    assert server.settle()["photos"] == 3 * FEW
    # while it runs: a program says that the folder is its own
    (photos / "im" / "other").rename(photos / "im" / "thumbs")
    server.settle()
    (photos / "im" / "thumbs" / ".immich").touch()
    server.until(lambda now: now["photos"] == 2 * FEW, 15)
    server.stop()
    # and at a start: most of the rest, without a question, and nothing of it is touched
    (photos / "lr" / "Previews").rename(photos / "lr" / "Mine Previews.lrdata")
    server = serve(photos)
    status = server.until(lambda now: now["photos"] == FEW and not now["pending"], 15)
    assert status["missing"] == 0
    assert "previews of Lightroom" in "".join(server.lines)
    assert len(list((photos / "lr" / "Mine Previews.lrdata").iterdir())) == len(pictures)
