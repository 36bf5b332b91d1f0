"""Counters of the pipeline, its rate, and the time left."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WINDOW_SECONDS = 60.0


class IngestCounters:
    """Thread-safe counts since the start of the process.

    The rate is photos made searchable a second over the last minute of work, so an idle hour does
    not dilute it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._in_flight = 0
        self._finished: deque[float] = deque()

    def began(self) -> None:
        """A job left the queue and is being worked on."""
        with self._lock:
            self._in_flight += 1

    def settled(self, what: str | None = None) -> None:
        """A job is done: ``what`` is encoded, linked or failed, None where nothing was to do."""
        with self._lock:
            self._in_flight -= 1
            if what is not None:
                self._counts[what] += 1
                self._finished.append(self._clock())
                self._forget_old()

    def finished(self) -> None:
        """Something that was no job is done, which counts for the rate alone."""
        with self._lock:
            self._finished.append(self._clock())
            self._forget_old()

    def count(self, what: str, number: int = 1) -> None:
        """Something happened that was no job: removed, moved."""
        with self._lock:
            self._counts[what] += number

    def __getitem__(self, what: str) -> int:
        with self._lock:
            return self._counts[what]

    @property
    def in_flight(self) -> int:
        """Jobs between the queue and the commit."""
        return self._in_flight

    def rate(self) -> float:
        """Photos a second over the last minute; 0 when nothing was done in it."""
        with self._lock:
            self._forget_old()
            if len(self._finished) < 2:
                return 0.0
            first = self._finished[0]
            elapsed = max(self._clock() - first, 1e-3)
            return len(self._finished) / elapsed

    def _forget_old(self) -> None:
        horizon = self._clock() - _WINDOW_SECONDS
        while self._finished and self._finished[0] < horizon:
            self._finished.popleft()
