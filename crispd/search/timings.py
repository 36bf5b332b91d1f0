"""How long each stage took."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class StageTimings:
    """Milliseconds by stage; ``total`` runs from creation to ``milliseconds``."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages = {"text": 0.0, "filter": 0.0, "coarse": 0.0, "fine": 0.0}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; a stage may come in several pieces."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] += (time.perf_counter() - started) * 1000

    def milliseconds(self) -> dict[str, float]:
        """text, filter, coarse, fine and total, in milliseconds."""
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(ms, 3) for name, ms in (*self._stages.items(), ("total", total))}
