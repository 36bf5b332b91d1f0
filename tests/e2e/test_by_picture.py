"""Search by a picture, on a real process: the photo itself comes first, and nothing stays."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from crispd.images.formats import register_decoders
from tests.e2e.server import ALBUM, Server, command
from tests.images.test_isolated_decoder import FAULT


def smaller(path: Path, kind: str) -> bytes:
    """The picture at half its size, in another format."""
    register_decoders()
    out = io.BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").resize((image.width // 2, image.height // 2)).save(out, kind)
    return out.getvalue()


@pytest.mark.usefixtures("indexed")
def test_an_upload_finds_the_same_photo_first(
    photos: Path, serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(photos)
    server.settle()
    descriptors = Path(f"/proc/{server.pid}/fd")
    before = {str(each.readlink()) for each in descriptors.iterdir() if "tmp" in str(each)}
    names = ("raccoon", "rocket", "coffee_cup", "temple_in_china")
    for name, kind in zip(names, ("JPEG", "PNG", "WEBP", "HEIF"), strict=True):
        data = smaller(ALBUM / f"{name}.jpg", kind)
        answer = server.http.post("/search", files={"image": data}, data={"limit": "3"})
        assert answer.status_code == 200, answer.text
        first = answer.json()["results"][0]
        assert first["filename"] == f"{name}.jpg"
        assert first["coarse_score"] > 0.8
        assert first["score"] > 0.5
    pages, cursor = [hit["id"] for hit in answer.json()["results"]], answer.json()["next"]
    while cursor:
        page = server.get("/search", cursor=cursor, limit=9)
        pages += [hit["id"] for hit in page["results"]]
        cursor = page["next"]
    assert len(pages) == len(set(pages)) == len(list(photos.glob("*.jpg")))
    for data, status in ((b"text", 415), (smaller(ALBUM / "rocket.jpg", "JPEG")[:900], 422)):
        assert server.http.post("/search", files={"image": data}).status_code == status
    # a file of its own would have been unlinked, and show as deleted
    after = {str(each.readlink()) for each in descriptors.iterdir() if "tmp" in str(each)}
    assert after <= before
    assert "raccoon" not in "".join(server.lines)
    liked = server.get("/search", like=first["id"], limit=200)["results"]
    assert first["id"] not in {hit["id"] for hit in liked}
    run = command(
        tmp_path / "data", "search", "--image", ALBUM / "raccoon.jpg", "--url",
        server.http.base_url, "--json",
    )  # fmt: skip
    assert json.loads(run.stdout)["results"][0]["filename"] == "raccoon.jpg"


@pytest.mark.usefixtures("indexed")
def test_a_picture_that_crashes_the_decoder_harms_nobody(
    photos: Path, serve: Callable[..., Server], tmp_path: Path
) -> None:
    (tmp_path / "fault").mkdir()
    (tmp_path / "fault" / "sitecustomize.py").write_text(FAULT)
    path = f"{tmp_path / 'fault'}{os.pathsep}{ALBUM.parents[1]}"
    server = serve(photos, environment={"PYTHONPATH": path}, fresh=False)  # its decoders are
    server.settle()
    whole = smaller(ALBUM / "rocket.jpg", "JPEG")
    for _ in range(3):
        answer = server.http.post("/search", files={"image": whole + b"crash"})
        assert answer.status_code == 422
        assert "crash" in answer.json()["detail"]
    answer = server.http.post("/search", files={"image": whole})
    assert answer.json()["results"][0]["filename"] == "rocket.jpg"
    assert server.status()["state"] == "ready"
