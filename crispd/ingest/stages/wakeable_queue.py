"""A queue that can wake its reader before its timeout."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class WakeableQueue(queue.Queue[T]):
    """``queue.Queue``, and ``wake``."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._awake = False

    def wake(self) -> None:
        """From now on ``get`` waits for nothing: it raises queue.Empty where no item is there."""
        with self.mutex:
            self._awake = True
            self.not_empty.notify_all()

    def put_all(self, items: Sequence[T]) -> None:
        """Add items at once, so that the reader finds none of them or all; waits for room."""
        with self.not_full:
            for item in items:
                while 0 < self.maxsize <= self._qsize():
                    self.not_empty.notify()
                    self.not_full.wait()
                self._put(item)
                self.unfinished_tasks += 1
            self.not_empty.notify()

    def get(self, block: bool = True, timeout: float | None = None) -> T:
        """As ``queue.Queue.get``."""
        with self.not_empty:
            if block:
                self.not_empty.wait_for(lambda: self._qsize() > 0 or self._awake, timeout)
            if not self._qsize():
                raise queue.Empty
            item: T = self._get()
            self.not_full.notify()
            return item
