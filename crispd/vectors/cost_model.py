"""A cost model of searches on this machine, learned from the searches."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Until something was measured: seconds a unit of work on a small x86-64 core (a row of 384
# dimensions that is gathered and compared, one that is compared in passing, a candidate of HNSW).
_FIRST_SECONDS = {"gather": 0.18e-6, "pass": 0.07e-6, "graph": 4e-6}
_WEIGHT = 0.1  # of the latest measurement in the running mean
# A single slow search (a page read from disk, a busy core) must not switch the way for good.
_MOST = 4.0


class CostModel:
    """Running means of seconds a unit of work, by kind. Thread-safe."""

    def __init__(self) -> None:
        self._seconds = dict(_FIRST_SECONDS)
        self._lock = threading.Lock()

    def of(self, kind: str, units: float) -> float:
        """Expected seconds of ``units`` of work."""
        return self._seconds[kind] * units

    @contextmanager
    def record_cost(self, kind: str, units: float) -> Iterator[None]:
        """Learn from the work done inside."""
        started = time.perf_counter()
        yield
        took = time.perf_counter() - started
        if units >= 1:
            self._learn(kind, took / units)

    def _learn(self, kind: str, seconds: float) -> None:
        with self._lock:
            known = self._seconds[kind]
            self._seconds[kind] += _WEIGHT * (min(seconds, _MOST * known) - known)
