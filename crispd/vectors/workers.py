"""Threads that help a search with its products, which hold no GIL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Part = TypeVar("Part")


class Workers:
    """``threads`` in all, that of the caller among them; 1: nobody helps. Thread-safe."""

    def __init__(self, threads: int = 1) -> None:
        self._helpers = max(threads - 1, 0)
        self._pool = ThreadPoolExecutor(self._helpers, "crispd-products") if self._helpers else None

    def each(self, work: Callable[[Part], None], parts: Sequence[Part]) -> None:
        """Do ``work`` for each part. Whoever is done with one takes the next that is left.

        The caller never waits for helpers that others keep busy: it does what is left alone.
        """
        left = iter(parts)  # a list's iterator gives each part to one thread, thanks to the GIL

        def some() -> None:
            for part in left:
                work(part)

        helping = []
        if self._pool is not None and len(parts) > 1:
            helping = [self._pool.submit(some) for _ in range(min(self._helpers, len(parts) - 1))]
        some()
        for helper in helping:
            if not helper.cancel():
                helper.result()
