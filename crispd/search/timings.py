"""Timings of the search stages."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


# Encode, filter, retrieve and rerank go by the names that clients know.
STAGES = (
    "text", "filter", "coarse", "fine", "fine_pack", "words", "cutoff", "sort", "collapse", "page",
)  # fmt: skip


class StageTimings:
    """Milliseconds by stage; ``total`` runs from creation to ``milliseconds``."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; a stage may come in several pieces."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] += (time.perf_counter() - started) * 1000

    def milliseconds(self) -> dict[str, float]:
        """Every stage and ``total``, in milliseconds."""
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(ms, 3) for name, ms in (*self._stages.items(), ("total", total))}
