"""Memory budgets: how much memory files, and pictures decoded from them, may take at a time."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from crispd.platform.memory import give_back_freed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.memory_plan import MemoryPlan

T = TypeVar("T")


class MemoryBudget:
    """Bytes shared by all decoders. Who needs more than is free waits. Thread-safe.

    Who came first is served first, so that small ones do not starve one that needs all.
    """

    def __init__(self, whole: int) -> None:
        self.whole = whole
        self._taken = 0
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    @contextmanager
    def turn(self) -> Iterator[Callable[[int], None]]:
        """Held while one picture is in hand; what it gives takes a share, back at the end.

        A second call within a turn does not wait: two turns that wait for each other never end.
        """
        held = 0

        def take(count: int) -> None:
            nonlocal held
            wanted = min(count, self.whole)
            with self._changed:
                if not held:
                    self._wait(wanted)
                self._taken += wanted
                held += wanted

        try:
            yield take
        finally:
            with self._changed:
                self._taken -= held
                self._changed.notify_all()

    def _wait(self, wanted: int) -> None:
        me = object()
        self._line.append(me)
        try:
            self._changed.wait_for(
                lambda: self._line[0] is me and self._taken + wanted <= self.whole
            )
        finally:
            self._line.remove(me)
            self._changed.notify_all()  # the next in line may fit as well


class NeedsWholeBudget(Exception):
    """A picture needs more than the pictures' share. Nothing was decoded yet."""


@dataclass(frozen=True, slots=True)
class MemoryReservation:
    """What one file may take: ``take`` is called with bytes before they are taken, and may wait or
    raise NeedsWholeBudget; more than ``most`` is refused.
    """

    take: Callable[[int], None]
    most: int


@dataclass(frozen=True, slots=True)
class MemoryBudgets:
    """Files first, then pictures: in this order no two wait for each other."""

    files: MemoryBudget
    pictures: MemoryBudget

    def admit(self, file_bytes: int, work: Callable[[MemoryReservation], T]) -> T:
        """``work`` with a file in hand, as soon as there is room.

        It begins anew where its picture takes more than pictures may together: then with all that
        there is, and nobody beside it. It must hold nothing of a file when it raises
        NeedsWholeBudget.
        """
        most = max(self.files.whole + self.pictures.whole - file_bytes, 0)
        if file_bytes <= self.files.whole:
            try:
                return self._beside_others(file_bytes, most, work)
            except NeedsWholeBudget:
                pass  # its traceback holds the file: it has to end before the file is read again
        with self.files.turn() as take_files, self.pictures.turn() as take_pictures:
            take_files(self.files.whole)
            take_pictures(self.pictures.whole)
            give_back_freed()
            return work(MemoryReservation(lambda _: None, most))

    def _beside_others(
        self, file_bytes: int, most: int, work: Callable[[MemoryReservation], T]
    ) -> T:
        with self.files.turn() as take_files, self.pictures.turn() as take_pictures:
            take_files(file_bytes)

            def take(count: int) -> None:
                if count > self.pictures.whole:
                    raise NeedsWholeBudget
                take_pictures(count)

            return work(MemoryReservation(take, most))


def make_memory_budgets(found: MemoryPlan) -> MemoryBudgets:
    """Those of a plan."""
    return MemoryBudgets(MemoryBudget(found.file_bytes), MemoryBudget(found.picture_bytes))
