"""Throttling of indexing, because people wait for searches and nobody waits for indexing."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crispd.ingest.pause_policy import PausePolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_PAUSE_SECONDS = 0.25  # a flood of searches slows indexing down but never stops it
_TICK_SECONDS = 0.25
_LONGEST_REST_SECONDS = 10.0


class IndexingThrottle:
    """Pauses ingest stages between two photos while a search runs.

    ``cpu_share``: of the time that a stage would work, so much is worked.
    """

    def __init__(self, pauses: PausePolicy | None = None, cpu_share: float = 1.0) -> None:
        self.pauses = pauses or PausePolicy()
        self._cpu_share = cpu_share
        self._lock = threading.Lock()
        self._searching = 0
        self._quiet = threading.Event()
        self._quiet.set()

    @contextmanager
    def search(self) -> Iterator[None]:
        """Held while a search runs."""
        with self._lock:
            self._searching += 1
            self._quiet.clear()
        try:
            yield
        finally:
            with self._lock:
                self._searching -= 1
                if not self._searching:
                    self._quiet.set()

    @property
    def is_searching(self) -> bool:
        """Whether someone searches now."""
        return not self._quiet.is_set()

    def yield_to_searches(self) -> None:
        """Wait while someone searches, at most a quarter of a second."""
        self._quiet.wait(_LONGEST_PAUSE_SECONDS)

    def wait_until_allowed(self, stop: threading.Event) -> None:
        """Wait while there is a reason to leave the machine alone, or until ``stop`` is set."""
        while self.pauses.why() is not None and not stop.wait(_TICK_SECONDS):
            pass

    @contextmanager
    def working(self, stop: threading.Event) -> Iterator[None]:
        """Held while a stage works on something; rests afterwards as the share of the CPU asks."""
        started = time.monotonic()
        yield
        if self._cpu_share < 1:
            rest = (time.monotonic() - started) * (1 / self._cpu_share - 1)
            stop.wait(min(rest, _LONGEST_REST_SECONDS))
