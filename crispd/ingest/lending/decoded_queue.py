"""Photos between decoding and encoding, in order; those at the end may be lent meanwhile."""

from __future__ import annotations

import queue
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.ingest.stages.jobs import DecodedJob


@dataclass(slots=True, eq=False)
class QueuedPhoto:
    """``taken``: it has left the queue, so whoever took it encodes it."""

    item: DecodedJob
    lent: bool = False
    taken: bool = False


class DecodedQueue:
    """The own encoder takes from the front, whether a photo is lent or not. So none waits longer
    than it would without workers, and what a vanished one had is encoded when its turn comes.
    Thread-safe.

    ``capacity``: how many may wait; asked anew each time.
    """

    def __init__(self, capacity: Callable[[], int]) -> None:
        self._capacity = capacity
        self._changed = threading.Condition()
        self._photos: deque[QueuedPhoto] = deque()
        self._awake = False

    def put(self, item: DecodedJob) -> None:
        """Add at the end; waits for room."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._photos) < self._capacity())
            self._photos.append(QueuedPhoto(item))
            self._changed.notify_all()

    def get(self, timeout: float) -> DecodedJob:
        """The first one. Raises queue.Empty after ``timeout`` seconds without any."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._photos) or self._awake, timeout)
            if not self._photos:
                raise queue.Empty
            photo = self._photos.popleft()
            photo.taken = True
            self._changed.notify_all()
            return photo.item

    def wake(self) -> None:
        """From now on nothing is waited for but room."""
        with self._changed:
            self._awake = True
            self._changed.notify_all()

    # --- for workers --------------------------------------------------------------------------

    def wait_for_surplus(self, own: int, timeout: float) -> bool:
        """Whether more wait than the ``own`` that the own encoder is to find."""
        with self._changed:
            self._changed.wait_for(lambda: self._awake or len(self._free()) > own, timeout)
            return len(self._free()) > own

    def lend(self, most: int, own: int) -> list[QueuedPhoto]:
        """The last ones that nobody has, and none of the first ``own``. They keep their places."""
        with self._changed:
            chosen = self._free()[own:][-most:]
            for photo in chosen:
                photo.lent = True
            return chosen

    def is_wanted(self, lent: Sequence[QueuedPhoto]) -> bool:
        """Whether any of them still waits for a worker."""
        with self._changed:
            return not all(photo.taken for photo in lent)

    def take(self, photo: QueuedPhoto) -> bool:
        """A worker has encoded it; False where the own encoder was first."""
        with self._changed:
            if photo.taken:
                return False
            photo.taken = True
            self._photos.remove(photo)
            self._changed.notify_all()
            return True

    def give_back(self, lent: Sequence[QueuedPhoto]) -> None:
        """No worker encodes them."""
        with self._changed:
            for photo in lent:
                photo.lent = False
            self._changed.notify_all()

    def _free(self) -> list[QueuedPhoto]:
        return [photo for photo in self._photos if not photo.lent]
