"""A service in this process with a fine pack."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crispd.config import Settings
from crispd.service import Service
from crispd.types import ServiceStatus
from tests.pack_switch.conftest import COLOURS, picture, write
from tests.pack_switch.watching import Watched
from tests.packs import small


def heavy(folder: Path, **spoilt: bool) -> Path:
    """A small pack without a fine stage."""
    table = small.write_pack(folder)
    small.image_graph(folder / "image.onnx", tokens=False, mirrored=True)
    small.text_graph(folder / "text.onnx", tokens=False, mirrored=not spoilt.get("words"))
    (folder / "fine.onnx").unlink()
    del table["tokens"], table["fine"]
    table["pack"] |= {"name": "heavy", "version": "7"}
    small.seal(folder, table)
    return folder


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fine")
    write(folder / "light", "1")
    heavy(folder / "heavy")
    heavy(folder / "liar", words=True)
    return folder


@pytest.fixture
def begin(tmp_path: Path, packs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable]:
    monkeypatch.setattr("crispd.ingest.indexing_throttle._LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("crispd.service.packs.fine_pack.try_out", lambda folder: None)
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(COLOURS):
        (photos / f"{number:03}.bmp").write_bytes(picture(number))
    base = Settings(
        folders=[str(photos)], data_dir=tmp_path / "data", pack=str(packs / "light"),
        read_text="off", thumbnails_ahead=False, settle_seconds=0.05,
    )  # fmt: skip
    running: list[Service] = []

    def start(fine: str, **more: object) -> Watched:
        settings = base.model_copy(update={"fine_pack": fine, **more})
        service = Service(settings)
        service.start()
        running.append(service)
        watched = Watched(service)
        watched.settle(COLOURS)
        return watched

    yield start
    for service in running:
        service.stop()


def until(watched: Watched, holds: Callable[[ServiceStatus], bool]) -> ServiceStatus:
    end = time.monotonic() + 30
    while not holds(status := watched.service.status()):
        assert time.monotonic() < end, status
        time.sleep(0.02)
    return status
