"""Thumbnails and previews of a real process: made while indexing, kept, lost, made again."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.server import ALBUM, Server

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
CHROME = {"accept": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_from_the_folder_to_the_phone(tmp_path: Path, serve: Serve) -> None:
    photos, data = tmp_path / "photos", tmp_path / "data"
    photos.mkdir()
    shutil.copy(ALBUM / "cat_chelsea.jpg", photos)
    with Image.open(ALBUM / "two_dogs_window.jpg") as dogs:
        dogs.resize((2400, 1800)).save(photos / "dogs.avif")
    server = serve(photos, thumbnail_cache_mb="64")
    status = server.settle()
    assert (status["photos"], status["thumbnail_cache_mb"]) == (2, 64)
    assert status["thumbnails_mb"] >= 0
    kept = {path.parts[-3] for path in (data / "thumbnails").rglob("*.jpg")}
    assert {"320px", "480px", "1280px"} <= kept

    hits = server.get("/search", q="two dogs", limit=2, min_relevance="all")["results"]
    dogs_id = next(hit["id"] for hit in hits if hit["path"] == "dogs.avif")
    thumbnail, preview = f"/photos/{dogs_id}/thumbnail", f"/photos/{dogs_id}/preview"
    answer = server.http.get(thumbnail, headers=CHROME)
    assert (opened(answer.content).format, opened(answer.content).size) == ("WEBP", (320, 240))
    again = {**CHROME, "if-none-match": answer.headers["etag"]}
    assert server.http.get(thumbnail, headers=again).status_code == 304
    answer = server.http.get(preview)
    assert (opened(answer.content).format, opened(answer.content).size) == ("JPEG", (2048, 1536))
    half = {"range": "bytes=100-", "if-range": answer.headers["etag"]}
    assert server.http.get(preview, headers=half).content == answer.content[100:]

    photos.rename(tmp_path / "unplugged")
    server.http.post("/folders/rescan")
    server.until(lambda now: now["folders_online"] == 0, 15)
    assert opened(server.http.get(thumbnail, params={"size": 1280}).content).size == (1280, 960)
    shutil.rmtree(data / "thumbnails")
    answer = server.http.get(thumbnail)
    assert answer.status_code == 404
    assert "not plugged in" in answer.json()["detail"]
    (tmp_path / "unplugged").rename(photos)
    server.http.post("/folders/rescan")
    server.until(lambda now: now["folders_online"] == 1, 15)
    assert opened(server.http.get(thumbnail).content).size == (320, 240)


def test_a_kill_leaves_no_half_pictures(photos: Path, tmp_path: Path, serve: Serve) -> None:
    server = serve(photos)
    server.until(lambda now: now["photos"] > 3, 60)
    server.kill()
    server = serve(photos)
    server.settle()
    for hit in server.get("/search", q="photo", limit=200, min_relevance="all")["results"]:
        answer = server.http.get(hit["thumbnail"])
        assert max(opened(answer.content).size) == 320
        opened(answer.content).load()


def test_larger_ones_are_made_once_indexing_is_done(tmp_path: Path, serve: Serve) -> None:
    photos, data = tmp_path / "photos", tmp_path / "data"
    photos.mkdir()
    with Image.open(ALBUM / "two_dogs_window.jpg") as dogs:
        dogs.resize((2400, 3200)).save(photos / "dogs.jpg")
        dogs.resize((300, 400)).save(photos / "small.jpg")

    def kept() -> list[str]:
        names = {path.stem: [] for path in (data / "thumbnails").rglob("*.jpg")}  # type: ignore[var-annotated]
        for path in (data / "thumbnails").rglob("*.jpg"):
            names[path.stem].append(path.parts[-3])
        return sorted(" ".join(sorted(sizes)) for sizes in names.values())

    server = serve(photos, thumbnails_ahead="false")
    server.settle()
    assert server.status()["thumbnails_pending"] is None
    assert kept() == ["320px", "320px 480px"]  # an eighth of the large one has no 480 pixels
    server.stop()
    server = serve(photos)
    server.until(lambda now: now["thumbnails_pending"] == 0, 60)
    assert kept() == ["1280px 320px 480px", "320px 480px"]

    photos.rename(tmp_path / "unplugged")
    server.http.post("/folders/rescan")
    server.until(lambda now: now["folders_online"] == 0, 15)
    hits = server.get("/search", q="two dogs", min_relevance="all")["results"]
    large = next(hit["id"] for hit in hits if hit["path"] == "dogs.jpg")
    for size, shown in ((480, (360, 480)), (1280, (960, 1280))):
        answer = server.http.get(f"/photos/{large}/thumbnail", params={"size": size})
        assert opened(answer.content).size == shown
        assert "immutable" in answer.headers["cache-control"]
