"""Indexing yields to searches: a person waits for one, nobody for the other."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_PAUSE_SECONDS = 0.25  # a flood of searches slows indexing down but never stops it


class Courtesy:
    """Searches announce themselves; ingest stages pause between two photos while one runs."""

    def __init__(self) -> None:
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

    def give_way(self) -> None:
        """Wait while someone searches, at most a quarter of a second."""
        self._quiet.wait(_LONGEST_PAUSE_SECONDS)
