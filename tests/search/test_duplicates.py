"""Which photos are nearly the same, over tokens that a test makes up."""

from __future__ import annotations

import struct
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.duplicates import group_pages as pages
from crispd.duplicates import persistence
from crispd.duplicates.background_thread import ComparisonThread
from crispd.duplicates.comparison import DuplicateFinder, similarity
from crispd.duplicates.union_find import UnionFind
from crispd.errors import QueryError, StorageError
from crispd.search.metadata_index.metadata_index import MetadataIndex
from crispd.vectors.checkpoint import DUPLICATES_FILE
from crispd.vectors.index import VectorIndex
from tests.search.fakes import FakeListings, FakePhotos, listing

REGIONS, DIM = 4, 8


def turned(degrees: float, start: int) -> np.ndarray:
    """Tokens whose every region is so far from those of 0 degrees."""
    tokens = np.zeros((REGIONS, DIM), np.float32)
    tokens[:, start] = np.cos(np.radians(degrees))
    tokens[:, start + 1] = np.sin(np.radians(degrees))
    return tokens


class Evidence:
    """Pixels agree unless a test says otherwise."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.says: dict[tuple[int, int], bool | None] = {}

    def agree(self, one: int, other: int) -> bool | None:
        self.asked.append((one, other))
        return self.says.get((one, other), True)


class House:
    """Photos by label: their tokens' angle, and seconds of their time."""

    def __init__(self) -> None:
        self.index = VectorIndex(2)
        self.listings = FakeListings()
        self.photos = FakePhotos({})
        self.photos.tokens_of = self.tokens_of  # type: ignore[method-assign]
        self.tokens: dict[int, np.ndarray] = {}
        self.known = UnionFind()
        self.evidence = Evidence()
        self.finder = self.another(self.known)

    def another(self, known: UnionFind) -> DuplicateFinder:
        metadata_index = MetadataIndex(self.listings)
        return DuplicateFinder(
            self.index, self.photos, metadata_index, self.unpack, known, self.evidence
        )

    def add(
        self, label: int, degrees: float, at: int = 0, *, copies: int = 1, start: int = 0
    ) -> None:
        self.tokens[label] = turned(degrees, start)
        vector = np.array([[1, 0] if start == 0 else [0, 1]], np.float32)
        self.index.add(np.array([label]), vector)
        self.photos.copies[label] = copies
        time = f"2021-07-03T10:{at // 60:02}:{at % 60:02}"
        rows = [listing(label * 10 + copy + 1, label, taken_at=time) for copy in range(copies)]
        self.listings.put(*rows)

    def drop(self, label: int) -> None:
        self.index.remove(np.array([label]))
        self.photos.copies.pop(label)
        self.listings.drop(label * 10 + 1)

    def tokens_of(self, labels: list[int]) -> dict[int, bytes]:
        return {label: struct.pack("<q", label) for label in labels if label in self.tokens}

    def unpack(self, stored: list[bytes]) -> np.ndarray:
        return np.stack([self.tokens[struct.unpack("<q", data)[0]] for data in stored])

    def groups(self) -> list[tuple[int, ...]]:
        while self.finder.step():
            pass
        return self.finder.groups()


def test_alike_is_by_angle_and_by_time() -> None:
    house = House()
    house.add(1, 0, at=0)
    house.add(2, 20, at=1800)  # cos 0.94
    house.add(3, 50, at=5)  # cos 0.64 and 0.87
    house.add(4, 0, at=0, start=4)  # nothing in common
    assert house.groups() == [(1, 2)]
    house.add(5, 80, at=8)  # cos 0.87 with 3, three seconds later
    assert house.groups() == [(1, 2), (3, 5)]
    assert house.finder.progress() == (5, 5)


def test_likeness_alone_folds_nothing() -> None:
    house = House()
    for label in (1, 2, 3):
        house.add(label, 0, at=label)
    house.evidence.says = {(1, 2): False, (2, 3): False, (1, 3): True}
    assert house.groups() == [(1, 3)]


def test_what_belongs_together_already_is_not_looked_at() -> None:
    house = House()
    for label in range(1, 7):
        house.add(label, 0, at=label)
    assert house.groups() == [(1, 2, 3, 4, 5, 6)]
    assert len(house.evidence.asked) == 5


def test_what_could_not_be_seen_is_looked_at_by_the_next_process(tmp_path: Path) -> None:
    house = House()
    house.add(1, 0)
    house.add(2, 0, at=100)
    house.add(3, 0, at=200, start=4)
    house.evidence.says = {(1, 2): None}  # its drive is unplugged, say
    assert house.groups() == []
    assert house.finder.progress() == (3, 3)
    assert not house.finder.step()
    persistence.save(house.known, tmp_path, "this database")
    again = UnionFind()
    assert persistence.load(again, tmp_path, "this database")
    house.evidence.says = {}
    finder = house.another(again)
    assert finder.progress() == (2, 3)
    while finder.step():
        pass
    assert finder.groups() == [(1, 2)]


def test_each_content_is_compared_once_and_new_ones_are_noticed() -> None:
    house = House()
    for label in range(1, 101):
        house.add(label, 90 * (label % 2), at=label * 20)
    groups = house.groups()
    assert [len(group) for group in groups] == [50, 50] or len(groups) >= 2
    assert not house.finder.step()
    house.add(200, 0, at=4000, start=4)
    assert house.finder.progress() == (100, 101)
    assert house.finder.step()


def test_photos_that_go_leave_their_group() -> None:
    house = House()
    house.add(1, 0)
    house.add(2, 5, at=100)
    house.add(3, 10, at=200)
    assert house.groups() == [(1, 2, 3)]
    house.drop(1)
    assert house.groups() == [(2, 3)]
    house.drop(3)
    assert house.groups() == []


def test_copies_are_a_group_without_any_tokens() -> None:
    house = House()
    house.add(1, 0, copies=3)
    house.add(2, 0)
    metadata_index = MetadataIndex(house.listings)
    finder = DuplicateFinder(
        house.index, house.photos, metadata_index, None, UnionFind(), house.evidence
    )
    assert not finder.step()
    assert finder.groups() == [(1,)]
    assert finder.progress() == (2, 2)


def test_pages_neither_repeat_nor_drop() -> None:
    house = House()
    for label in range(1, 8):
        house.add(label, 0, copies=2, start=0, at=label * 60)
        house.tokens.pop(label)
    house.groups()
    seen, cursor = [], None
    while True:
        page = pages.page(house.finder, house.photos, 3, cursor)
        seen += [group.photos[0].content_hash for group in page.groups]
        if page.next is None:
            break
        cursor = page.next
        if len(seen) == 3:
            house.photos.copies.pop(2)
            for row in (21, 22):
                house.listings.drop(row)
    assert page.complete
    assert len(seen) == len(set(seen)) == 7
    assert all(group.wasted_bytes == 1 for group in page.groups)


@pytest.mark.parametrize("cursor", ["", "x", "-1", "9" * 30, "²"])
def test_cursors_of_others(cursor: str) -> None:
    house = House()
    with pytest.raises(QueryError, match="cursor"):
        pages.page(house.finder, house.photos, 3, cursor)


def test_likeness_is_one_with_itself() -> None:
    assert similarity(turned(30, 0), turned(30, 0)) == pytest.approx(1)
    assert similarity(turned(0, 0), turned(60, 0)) == pytest.approx(0.5)


def test_a_worker_ends_when_it_is_told_and_begins_again() -> None:
    house = House()
    for label in range(1, 200):
        house.add(label, 0, at=label)
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        assert go_on.wait(10)

    worker = ComparisonThread(house.finder, wait)
    worker.ask(0)
    assert started.wait(10)
    checked, total = house.finder.progress()
    assert 0 < checked < total
    go_on.set()
    worker.ask(10)
    assert house.finder.progress() == (199, 199)
    house.finder.step = lambda: (_ for _ in ()).throw(StorageError("no"))  # type: ignore[method-assign]
    worker.ask(10)
    worker.stop()
    worker.ask(10)
    assert "crispd-duplicates" not in {thread.name for thread in threading.enumerate()}


def test_what_was_found_out_survives_a_restart(tmp_path: Path) -> None:
    house = House()
    for label in range(1, 60):
        house.add(label, 30 * (label % 3), at=label * 20)
    groups = house.groups()
    persistence.save(house.known, tmp_path, "this database")
    again = UnionFind()
    assert persistence.load(again, tmp_path, "this database")
    finder = house.another(again)
    assert (finder.progress(), finder.groups()) == ((59, 59), groups)
    assert not finder.step()
    house.add(200, 0, at=4000)
    assert finder.step()
    assert not finder.step()
    assert not persistence.load(UnionFind(), tmp_path, "another database")
    assert not persistence.load(UnionFind(), tmp_path / "nowhere", "this database")


@pytest.mark.parametrize("damage", [b"", b"x", b"PK\x03\x04 and no more", None])
def test_a_damaged_file_is_none(tmp_path: Path, damage: bytes | None) -> None:
    known = UnionFind()
    known.check(np.arange(100, 20_000))
    persistence.save(known, tmp_path, "this")
    file = tmp_path / DUPLICATES_FILE
    whole = file.read_bytes()
    half = bytearray(whole)
    half[len(whole) // 2] ^= 255
    file.write_bytes(bytes(half) if damage is None else damage)
    fresh = UnionFind()
    assert not persistence.load(fresh, tmp_path, "this")
    assert fresh.checked(np.arange(20_000)) == 0


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file")
    persistence.save(UnionFind(), tmp_path / "index", "this")


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60))
def test_groups_are_what_is_connected(pairs: list[tuple[int, int]]) -> None:
    known, wanted = UnionFind(), {label: {label} for label in range(41)}
    for one, other in pairs:
        known.join(one, other)
        together = wanted[one] | wanted[other]
        wanted.update(dict.fromkeys(together, together))
    labels = np.arange(41)
    assert known.roots(labels).tolist() == [min(wanted[label]) for label in range(41)]
    copy = UnionFind()
    copy.take(np.arange(3), *known.flat())
    np.testing.assert_array_equal(copy.roots(labels), known.roots(labels))


def test_what_goes_and_comes_back_is_compared_again() -> None:
    house = House()
    house.add(1, 0)
    house.add(2, 90, at=100)
    house.groups()
    house.drop(1)
    house.add(3, 5, at=200)
    assert house.groups() == []
    house.add(1, 0)
    assert house.groups() == [(1, 3)]


def test_the_next_are_looked_for_once_and_not_at_each_step() -> None:
    house = House()
    for label in range(1, 321):
        house.add(label, 0, at=label, start=4 * (label % 2))
    asked = []
    labels = house.index.labels
    house.index.labels = lambda: asked.append(1) or labels()  # type: ignore[method-assign,func-returns-value]
    house.groups()
    assert house.finder.progress() == (320, 320)
    assert len(asked) <= 4


def test_a_worker_keeps_what_it_found_out() -> None:
    house, kept_at = House(), []
    for label in range(1, 100):
        house.add(label, 0, at=label)
    worker = ComparisonThread(
        house.finder, lambda: None, lambda: kept_at.append(house.finder.progress()[0])
    )
    worker.ask(10)
    worker.ask(10)
    worker.stop()
    assert kept_at == [99]
