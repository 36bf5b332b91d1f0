"""Thumbnails made ahead: when, of which photos, and when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from crispd.errors import PhotoUnreadable, StorageError
from crispd.ingest.idle_stage import IdleStage
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.pause_policy import PausePolicy
from crispd.thumbnails.prefetch import ThumbnailPrefetch
from crispd.types import PhotoRecord
from tests.api.fake_service import record

QUICK = 0.01


@dataclass
class House:
    """As the thread asks it. ``after``: called once a photo is done."""

    count: int = 5
    name: str = "ahead"
    rests: int = 0
    finishes: int = 0
    now: object | None = "quiet"
    room: int = 1000
    offline: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    missing: set[int] = field(default_factory=set)
    done: list[int] = field(default_factory=list)
    looks: int = 0
    error: Exception | None = None
    after: Callable[[], None] = lambda: None

    def rows(self) -> list[int]:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return list(range(self.count, 0, -1))

    def records(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        known = [row for row in rows if row not in self.missing]
        return {row: replace(record(), row=row, online=row not in self.offline) for row in known}

    def complete(self, photo: PhotoRecord) -> bool:
        if photo.row in self.broken:
            raise PhotoUnreadable("It is damaged.")
        self.done.append(photo.row)
        self.after()
        return True

    def has_room(self) -> bool:
        return len(self.done) < self.room

    def state(self) -> object | None:
        return self.now

    def finished(self) -> None:
        self.finishes += 1

    def rest(self) -> None:
        self.rests += 1


@pytest.fixture
def running() -> Any:
    threads: list[IdleStage] = []

    def start(house: House, courtesy: IndexingThrottle | None = None) -> IdleStage:
        threads.append(IdleStage(cast("Any", house), courtesy or IndexingThrottle(), QUICK))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "crispd-ahead"]


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_all_of_them_once_the_newest_first(running: Any) -> None:
    house = House(count=120, offline=(50,), broken=(60,), missing={70})
    thread = running(house)
    wait_for(lambda: thread.pending == 0)
    assert house.done == [row for row in range(120, 0, -1) if row not in {50, 60, 70}]
    assert thread.made == 117
    time.sleep(20 * QUICK)
    assert house.looks == 1  # nothing has changed: nobody looks again
    house.done.clear()
    house.now = "a drive came back"
    wait_for(lambda: len(house.done) == 117)


def test_not_while_indexing_is_busy(running: Any) -> None:
    house = House(now=None)
    thread = running(house)
    time.sleep(20 * QUICK)
    assert (house.looks, thread.pending) == (0, None)
    house.now = "quiet"
    wait_for(lambda: thread.pending == 0)


def test_it_gives_way_to_new_photos_and_begins_again(running: Any) -> None:
    house = House(count=10)
    house.after = lambda: setattr(house, "now", None) if len(house.done) == 3 else None
    running(house)
    wait_for(lambda: len(house.done) == 3)
    time.sleep(20 * QUICK)
    assert house.done == [10, 9, 8]
    house.now = "quiet again"
    wait_for(lambda: house.done[3:] == list(range(10, 0, -1)))


def test_it_stops_short_of_what_may_be_kept(running: Any) -> None:
    house = House(count=10, room=4)
    thread = running(house)
    wait_for(lambda: thread.pending == 0)
    assert house.done == [10, 9, 8, 7]
    assert not house.finishes


@pytest.mark.parametrize("offline", [(), (2,)])
def test_what_was_away_was_not_looked_at(running: Any, offline: tuple[int, ...]) -> None:
    house = House(offline=offline, broken=(3,), missing={4})
    thread = running(house)
    wait_for(lambda: thread.pending == 0)
    assert house.finishes == (not offline)


def test_it_waits_while_indexing_is_paused(running: Any) -> None:
    pauses = PausePolicy()
    pauses.by_hand = True
    house = House()
    running(house, IndexingThrottle(pauses))
    wait_for(lambda: house.looks == 1)
    time.sleep(20 * QUICK)
    assert not house.done
    pauses.by_hand = False
    wait_for(lambda: len(house.done) == 5)


def test_what_fails_is_tried_again(running: Any) -> None:
    house = House(error=StorageError("The disk has a moment."))
    running(house)
    wait_for(lambda: house.looks > 2)
    house.error = None
    wait_for(lambda: len(house.done) == 5)


@pytest.mark.parametrize("suspected", [True, False])
def test_what_seems_to_crash_is_left_to_who_asks(suspected: bool) -> None:
    asked: list[PhotoRecord] = []

    class Media:
        def complete(self, photo: PhotoRecord) -> bool:
            asked.append(photo)
            return True

    class Crashed:
        suspects = frozenset({record().full_path} if suspected else {"/other.jpg"})

    unused: Any = None
    house = ThumbnailPrefetch(unused, cast("Any", Media()), unused, unused, cast("Any", Crashed()))
    assert house.complete(record()) is not suspected
    assert bool(asked) is not suspected
