"""Photos of roots that are not watched: kept, and seen nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from crispd.store.database import Database
from crispd.store.inspection.inspect import inspect_database
from crispd.store.reading.reads import Reader
from crispd.types import CaptureTime, FileStamp, PhotoMetadata, Root, RootCounts
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise

PACK = "mini@1"
STAMP = FileStamp(10, 20)
BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")


@dataclass
class House:
    """Two roots; ``copied`` is a content that both have, ``alone`` one of the second only."""

    database: Database
    kept: Root
    other: Root
    labels: dict[str, int]

    @property
    def reader(self) -> Reader:
        return self.database.read().for_pack(PACK)

    def id_of(self, path: str) -> str:
        records = self.reader.photos_of(list(self.labels.values())).values()
        return next(photo.id for some in records for photo in some if photo.path == path)

    def watch(self, *roots: Root) -> list[Root]:
        with self.database.write() as tx:
            return tx.watch(roots)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    database = Database.open(tmp_path / "crispd.sqlite3")
    labels: dict[str, int] = {}
    with database.write() as tx:
        kept, other = tx.ensure_root("/kept"), tx.ensure_root("/other")
        for number, content in enumerate(("mine", "copied", "alone")):
            vector = np.eye(8, dtype=np.float32)[number]
            metadata = PhotoMetadata(4, 3, "jpeg")
            labels[content] = tx.save_encoded(content, PACK, metadata, vector, b"tokens")
        for root, path, content in (
            (kept, "mine.jpg", "mine"), (other, "copy.jpg", "copied"), (other, "a.jpg", "alone"),
        ):  # fmt: skip
            tx.save_photo(root, path, STAMP, content, BY_FILE)
        tx.save_failure(kept, "bad.jpg", STAMP, "empty", "It is empty.")
        tx.save_failure(other, "worse.jpg", STAMP, "empty", "It is empty.")
    yield House(database, kept, other, labels)
    database.close()


def everything(house: House) -> dict[str, object]:
    """Whatever can be asked of the database, without the ids."""
    reader, listings = house.reader, house.reader.listings(PACK)
    shown = reader.photos_of(list(house.labels.values()))
    return {
        "watched": reader.watched(),
        "photos_of": sorted(photo.path for some in shown.values() for photo in some),
        "photos_at": sorted(photo.path for photo in reader.photos_at(range(20)).values()),
        "ids_at": len(reader.ids_at(range(20))),
        "newest": len(reader.newest_rows()),
        "live": reader.live_labels(PACK).tolist(),
        "counts": reader.counts(),
        "problems": [problem.path for problem in reader.problems(10, 0)],
        "problem_count": reader.problem_count(),
        "listed": sorted(item.path for item in listings.everything().listings),
        "changed": sorted(item.path for item in listings.since(0).listings),
        "roots": listings.roots(),
    }


def test_photos_of_a_dropped_root_are_nowhere_and_come_back(house: House) -> None:
    before = everything(house)
    dropped, mine = house.id_of("a.jpg"), house.id_of("mine.jpg")
    assert house.watch(house.kept) == [house.other]
    assert everything(house) == {
        "watched": [house.kept],
        "photos_of": ["mine.jpg"],
        "photos_at": ["mine.jpg"],
        "ids_at": 1,
        "newest": 1,
        "live": [house.labels["mine"]],
        "counts": {house.kept.id: RootCounts(photos=1, failed=1)},
        "problems": ["bad.jpg"],
        "problem_count": 1,
        "listed": [b"mine.jpg"],
        "changed": [b"mine.jpg"],
        "roots": {house.kept.id: "/kept"},
    }
    assert house.reader.photo(dropped) is None
    assert house.reader.label_of_photo(dropped) is None
    assert house.reader.photo(mine) is not None
    # what indexing asks is not hidden: nothing is made a second time
    assert house.reader.label_of("alone", PACK) == house.labels["alone"]
    assert set(house.reader.known_files(house.other.id)) == {"copy.jpg", "a.jpg", "worse.jpg"}
    assert house.reader.tokens_of([house.labels["alone"]]) == {house.labels["alone"]: b"tokens"}
    assert house.watch(house.kept) == []  # it is told once
    assert house.watch(house.kept, house.other) == []
    assert everything(house) == before
    assert house.id_of("a.jpg") == dropped


def test_a_copy_of_what_is_kept_joins_the_index(house: House) -> None:
    index = VectorIndex(8)
    assert synchronise(index, house.reader, PACK) == (3, 0)
    house.watch(house.kept)
    assert synchronise(index, house.reader, PACK) == (0, 2)
    label = house.labels["copied"]
    with house.database.write() as tx:
        tx.save_photo(house.kept, "copy.jpg", STAMP, "copied", BY_FILE)
        assert tx.liveness(PACK) == ([label], [])
    assert synchronise(index, house.reader, PACK) == (1, 0)
    [shown] = house.reader.photos_of([label])[label]
    assert shown.root_path == "/kept"
    with house.database.write() as tx:  # the copy that is not watched keeps nothing alive
        tx.remove_photos(house.kept.id, ["copy.jpg"])
        assert tx.liveness(PACK) == ([], [label])
    assert synchronise(index, house.reader, PACK) == (0, 1)
    house.watch(house.kept, house.other)
    assert synchronise(index, house.reader, PACK) == (2, 0)


def test_a_look_from_outside_tells_both_apart(house: House) -> None:
    house.watch(house.kept)
    with house.database.write() as tx:
        tx.save_photo(house.kept, "copy.jpg", STAMP, "copied", BY_FILE)
    found = inspect_database(house.database.path)
    assert (found.ready, found.failed, found.contents, found.encoded) == (2, 1, 2, 3)
    assert (found.vectors, found.dropped) == ({PACK: 2}, {"/other": 2})
    assert found.unseen == {"alone"}
    assert set(found.known) == {"/kept", "/other"}
    house.watch(house.kept, house.other)
    found = inspect_database(house.database.path)
    assert (found.ready, found.failed, found.contents) == (4, 2, 3)
    assert (found.dropped, found.unseen) == ({}, frozenset())
