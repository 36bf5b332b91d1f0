"""Packs that differ and agree: the second turns vectors of photos and of words around."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from crispd.config import Settings
from crispd.service import Service
from tests.pack_switch.watching import Watched
from tests.packs import small

COLOURS = 60


def write(folder: Path, version: str, *, image: bool = False, text: bool = False) -> Path:
    """A small pack. ``image``, ``text``: whose vectors are turned around."""
    table = small.write_pack(folder)
    small.image_graph(folder / "image.onnx", mirrored=image)
    small.text_graph(folder / "text.onnx", mirrored=text)
    table["pack"]["version"] = version
    small.seal(folder, table)
    return folder


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``one`` and ``two`` agree and have opposite vectors; ``liar`` has words of another."""
    folder = tmp_path_factory.mktemp("packs")
    write(folder / "one", "1")
    write(folder / "two", "2", image=True, text=True)
    write(folder / "liar", "3", text=True)
    return folder


def picture(number: int) -> bytes:
    """A BMP of 16 x 16 pixels in one colour."""
    colour = np.random.default_rng(number).integers(0, 256, 3, dtype=np.uint8).tobytes()
    size = (16).to_bytes(4, "little")
    header = b"BM" + (54 + 768).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    header += (40).to_bytes(4, "little") + size * 2 + b"\x01\0\x18\0" + bytes(24)
    return header + colour * 256


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(COLOURS):
        (folder / f"{number:03}.bmp").write_bytes(picture(number))
    return folder


@pytest.fixture
def settings(tmp_path: Path, photos: Path, packs: Path) -> Settings:
    return Settings(
        folders=[str(photos)], data_dir=tmp_path / "data", pack=str(packs / "one"),
        read_text="off", thumbnails_ahead=False, settle_seconds=0.05,
    )  # fmt: skip


@pytest.fixture
def watched(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """A service in this process that has indexed all photos."""
    monkeypatch.setattr("crispd.pack_switch.switch._GRACE_SECONDS", 0.2)
    # what indexing waits for searches that never end
    monkeypatch.setattr("crispd.ingest.indexing_throttle._LONGEST_PAUSE_SECONDS", 0.01)
    service = Service(settings)
    service.start()
    watched = Watched(service)
    watched.settle(COLOURS)
    yield watched
    service.stop()
