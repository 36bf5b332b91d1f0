"""The memory that the settings allow is not exceeded, whatever comes in."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e.server import Server
from tests.images.large import large_photos

Serve = Callable[..., Server]
LIMIT_MB = 512


def burst(folder: Path, count: int) -> None:
    """Photos of 12 and 48 megapixels in the formats that need most, and one far too large."""
    chance = np.random.default_rng(1)
    small = Image.fromarray(chance.integers(0, 255, (60, 80, 3), np.uint8))
    large, huge = small.resize((4032, 3024)), small.resize((8000, 6000))
    turned = Image.Exif()
    turned[0x0112] = 6
    kinds = {
        "turned.jpg": (large, {"exif": turned, "quality": 60}),
        "progressive.jpg": (large, {"progressive": True, "quality": 60}),
        "grey.png": (large.convert("LA"), {"compress_level": 1}),
        "colour.png": (large, {"compress_level": 1}),
        "packed.tif": (large, {"compression": "tiff_lzw"}),
        "plain.bmp": (large, {}),
        "huge.jpg": (huge, {"quality": 60}),
        "much too large.png": (huge, {"compress_level": 1}),
    }
    for name, (image, options) in kinds.items():
        out = io.BytesIO()
        kind = Image.registered_extensions()[Path(name).suffix]
        image.save(out, kind, **options)
        for number in range(count):
            (folder / f"{number} {name}").write_bytes(out.getvalue() + bytes([number]))


def most_mb(server: Server) -> float:
    """The most that the process ever had resident."""
    text = Path(f"/proc/{server.pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


@pytest.mark.parametrize("count", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_a_burst_of_large_photos(tmp_path: Path, serve: Serve, count: int) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    burst(photos, count)
    server = serve(photos, fresh=True, memory_limit_mb=str(LIMIT_MB), decode_threads="4")
    status = server.settle(240)
    assert status["memory_limit_mb"] == LIMIT_MB
    assert (status["photos"], status["failed"]) == (7 * count, count)
    problems = server.get("/problems")["problems"]
    assert {item["code"] for item in problems} == {"too_large"}
    assert all("memory_limit_mb" in item["reason"] for item in problems)
    for hit in server.get("/search", q="colours", limit=200, min_relevance="all")["results"]:
        assert server.http.get(hit["thumbnail"], params={"size": 1024}).status_code == 200
    print(f"{most_mb(server):.0f} of {LIMIT_MB} MB")
    assert status["memory_mb"] <= most_mb(server) <= LIMIT_MB


# What has to be indexed within 512 MB, and what is more than that leaves for one.
FITS = ("baseline.jpg", "progressive.jpg", "tiled.heic")


@pytest.mark.slow
def test_photos_of_todays_telephones(tmp_path: Path, serve: Serve) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for megapixels in (24, 50):
        for name, data in large_photos(megapixels, FITS):
            for copy in range(2):  # two at a time, where there were room
                end = bytes([copy]) if name.endswith(".jpg") else _free_box(copy)
                (photos / f"{copy}-{name}").write_bytes(data + end)
    for name, data in large_photos(24, ("plain.png",)):
        (photos / name).write_bytes(data)
    server = serve(photos, fresh=True, memory_limit_mb=str(LIMIT_MB), decode_threads="2")
    status = server.settle(600)
    assert server.get("/problems")["problems"] == []
    assert status["photos"] == 13
    hits = server.get("/search", q="colours", limit=200, min_relevance="all")["results"]
    for hit in hits:
        assert server.http.get(f"/photos/{hit['id']}/preview", timeout=120).status_code == 200
    print(f"{most_mb(server):.0f} of {LIMIT_MB} MB")
    assert most_mb(server) <= LIMIT_MB


def _free_box(number: int) -> bytes:
    """A box of a HEIC that means nothing (ISO 14496-12)."""
    return bytes((0, 0, 0, 9)) + b"free" + bytes([number])
