"""Reading of a library's photos: which, what is kept of them, and what is told of failures."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import sqlalchemy

from crispd.errors import DiskFull, PackCorrupt, PackError, PhotoUnreadable, PhotoVanished
from crispd.ocr import text_reading
from crispd.ocr.models import OcrModels, find_ocr_models
from crispd.ocr.text_reading import TextReadingWork, TextSources
from crispd.service.stages import text_stage
from crispd.service.status import current_state
from crispd.store.database import Database
from crispd.store.words.content_text import TextStore
from crispd.types import CaptureTime, FileStamp, PhotoMetadata, PhotoRecord, TextLine, TextProgress
from tests.ocr.pages import page, pixels
from tests.store.fresh import fresh_database

PACK = "p@1"
MODELS = OcrModels(Path("det.onnx"), Path("rec.onnx"), "r:1")
LINE = TextLine("Invoice", 0.97, (0.5,) * 8)


class Idle:
    """An ingestor that is done, or not."""

    idle = True

    def progress(self) -> Any:
        return type("Progress", (), {"encoded": 3, "linked": 0})

    def root_states(self) -> list[Any]:
        return []


class Crashes:
    suspects: frozenset[str] = frozenset()

    def decoding(self, path: str) -> Any:
        return threading.Lock()  # a context, as the marker's


class Renderer:
    error: Exception | None = None

    def of_original(self, photo: PhotoRecord, make: object) -> np.ndarray:
        if self.error is not None:
            raise self.error
        return np.zeros((4, 4, 3), np.uint8)


@dataclass
class FakeReader:
    """In place of the models. ``error``: of each photo."""

    opened: int = 0
    error: Exception | None = None
    at_opening: Exception | None = None
    before: Callable[[], None] = field(default=lambda: None)
    lines: list[TextLine] = field(default_factory=lambda: [LINE, LINE])

    def __call__(self, models: OcrModels) -> FakeReader:
        if self.at_opening is not None:
            raise self.at_opening
        self.opened += 1
        return self

    def read(self, pixels: np.ndarray, pause: Callable[[], bool]) -> list[TextLine]:
        if self.error is not None:
            raise self.error
        self.before()
        return self.lines if pause() else self.lines[:1]


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    fake = FakeReader()
    monkeypatch.setattr(text_reading, "OcrReader", fake)
    return fake


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = fresh_database(tmp_path / "crispd.sqlite3")
    for number in range(3):
        with opened.write() as tx:
            root, content = tx.ensure_root("/srv/album"), f"{number % 2}"  # the last is a copy
            metadata = PhotoMetadata(4, 3, "jpeg")
            tx.save_encoded(content, PACK, metadata, np.ones(4, np.float32), None)
            by_file = CaptureTime(f"202{number}-01-01T00:00:00", "mtime")
            tx.save_photo(root, f"{number}.jpg", FileStamp(1, 1), content, by_file)
    yield opened
    opened.close()


@pytest.fixture
def house(database: Database, reader: FakeReader) -> TextReadingWork:
    return TextReadingWork(MODELS, sources(database), threading.Event())


def sources(database: Database, **other: Any) -> TextSources:
    parts = {
        "store": TextStore(database), "reader": database.read(), "renderer": Renderer(),
        "ingestor": Idle(), "seen": lambda photo: photo, "crash_marker": Crashes(),
        "documents": lambda: np.array([], np.int64), "give_way": lambda: None, "pack": PACK,
    }  # fmt: skip
    return TextSources(**cast("Any", {**parts, **other}))


def photo(house: TextReadingWork, row: int) -> PhotoRecord:
    return house.records([row])[row]


@pytest.mark.skipif(find_ocr_models() is None, reason="rapidocr is not installed")
def test_a_receipt_is_read_and_found(database: Database) -> None:
    models = find_ocr_models()
    assert models is not None
    receipt: Any = Renderer()
    receipt.of_original = lambda *_: pixels(page(["Zoohaus Kiel", "EUR 26,43 12.03.21"]))
    house = TextReadingWork(models, sources(database, renderer=receipt), threading.Event())
    assert house.complete(photo(house, 2))
    words = database.read().words(PACK)
    for asked in ("zoohaus", "26.43", "26,43 €", "12.3.2021", "zoohauss"):
        [found] = words.lookup([asked])
        assert [rows.tolist() for rows in found.values()] == [[2]], asked


def test_each_content_is_read_once_and_the_models_let_go(
    house: TextReadingWork, reader: FakeReader, database: Database
) -> None:
    assert house.rows() == [3, 2, 1]
    assert [house.complete(photo(house, row)) for row in (3, 2, 1)] == [True, True, False]
    assert TextStore(database).lines_of("0") == (LINE, LINE)
    assert (house.rows(), reader.opened) == ([], 1)
    house.rest()
    TextStore(database).save("1", "r:0", ())
    assert house.complete(photo(house, 2))
    assert reader.opened == 2


def test_what_looks_like_a_document_comes_first(database: Database, reader: FakeReader) -> None:
    alike = sources(database, documents=lambda: np.array([2], np.int64))
    assert list(TextReadingWork(MODELS, alike, threading.Event()).rows()) == [2, 3, 1]


@pytest.mark.parametrize("error", [PackError("It failed."), None, MemoryError()])
def test_a_failure_is_told_and_nothing_is_tried_twice_until_asked(
    house: TextReadingWork, reader: FakeReader, database: Database, error: Exception | None
) -> None:
    reader.error = error
    if error is None:
        cast("Any", house)._sources.renderer.error = PhotoUnreadable("It is damaged.")
    before = house.state()
    assert house.complete(photo(house, 2))
    [problem] = database.read().problems(9, 0)
    known = "unexpected" if isinstance(error, MemoryError) else str(error or "It is damaged.")
    assert problem.reason.startswith("Its text was not read: ")
    assert known in problem.reason
    assert house.rows() == [3, 1]
    assert house.retry() == 1
    assert (house.rows(), house.state() != before) == ([3, 2, 1], True)


def test_a_drive_that_is_away_is_no_failure(house: TextReadingWork, database: Database) -> None:
    cast("Any", house)._sources.renderer.error = PhotoVanished("It is gone.")
    with pytest.raises(PhotoVanished):
        house.complete(photo(house, 2))
    assert database.read().problem_count() == 0
    assert house.rows() == [3, 2, 1]


def test_a_photo_that_takes_too_long_keeps_what_was_read(
    house: TextReadingWork, reader: FakeReader, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.thread_time()
    reader.before = lambda: monkeypatch.setattr(time, "thread_time", lambda: now + 31)
    assert house.complete(photo(house, 2))
    assert TextStore(database).lines_of("1") == (LINE,)
    [problem] = database.read().problems(9, 0)
    assert "more than 30 seconds" in problem.reason


def test_a_full_disk_is_no_failure_and_loses_nothing(
    house: TextReadingWork, reader: FakeReader, database: Database
) -> None:
    def limited(pages: int) -> int:
        with database.write() as tx:
            text = sqlalchemy.text(f"PRAGMA max_page_count = {pages}")
            return int(tx.connection.execute(text).scalar_one())

    def pages() -> int:
        with database.reading() as connection:
            return int(connection.execute(sqlalchemy.text("PRAGMA page_count")).scalar_one())

    noise = np.random.default_rng(0).integers(97, 123, 200_000, np.uint8).tobytes().decode()
    reader.lines = [TextLine(noise, 0.9, (0.5,) * 8)]
    usual = limited(0)
    limited(pages())
    with pytest.raises(DiskFull):
        house.complete(photo(house, 2))
    assert (house.rows(), database.read().problem_count()) == ([3, 2, 1], 0)
    limited(usual)
    assert house.complete(photo(house, 2))
    assert house.rows() == [3, 1]


def test_the_end_of_the_service_is_no_failure(
    house: TextReadingWork, reader: FakeReader, database: Database
) -> None:
    reader.before = cast("Any", house)._stop.set
    assert not house.complete(photo(house, 2))
    assert (house.rows(), database.read().problem_count()) == ([3, 2, 1], 0)


def test_models_that_are_gone_and_come_back(
    house: TextReadingWork,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(text_stage, "find_ocr_models", lambda: None)
    caplog.set_level("INFO")
    text_stage.tell_of_removed_models(TextStore(database))
    assert not caplog.messages
    for row in (3, 2):
        house.complete(photo(house, row))
    text_stage.tell_of_removed_models(TextStore(database))
    assert "What 2 photos say is kept and found" in caplog.text
    assert database.read().words(PACK).lookup(["invoice"])[0]["text"].tolist() == [1, 2, 3]
    again = TextReadingWork(MODELS, sources(database), threading.Event())
    assert list(again.rows()) == []


def test_models_that_cannot_be_opened_are_no_fault_of_photos(
    house: TextReadingWork, reader: FakeReader, database: Database
) -> None:
    reader.at_opening = PackCorrupt("The model is damaged.")
    assert house.has_room()
    assert not house.complete(photo(house, 2))
    assert not house.has_room()
    assert database.read().problem_count() == 0


def test_what_seems_to_crash_is_left_alone(database: Database, reader: FakeReader) -> None:
    crashed: Any = Crashes()
    crashed.suspects = frozenset({"/srv/album/1.jpg"})
    house = TextReadingWork(MODELS, sources(database, crash_marker=crashed), threading.Event())
    assert [house.complete(photo(house, row)) for row in (2, 1)] == [False, True]


def test_nothing_is_read_while_indexing_is_busy(database: Database, reader: FakeReader) -> None:
    busy = Idle()
    busy.idle = False
    house = TextReadingWork(MODELS, sources(database, ingestor=busy), threading.Event())
    assert house.state() is None


@pytest.mark.parametrize(
    ("pause", "text", "state"),
    [("Wait.", 3, "paused"), ("Wait.", 0, "ready"), ("Wait.", None, "ready"), (None, 3, "ready")],
)
def test_text_that_waits_is_paused(pause: str | None, text: int | None, state: str) -> None:
    done: Any = SimpleNamespace(pending=0, scanning=False)
    assert current_state(done, None, pause, TextProgress(text), healthy=True) == state
