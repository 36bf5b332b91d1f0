"""watchdog's polling, which a test can hold between two looks at the folder.

A move in the middle of a look is told as files that went and came, and not as a move.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserverVFS

_POLL_SECONDS = 0.2


class HeldPolling:
    """Polling of one folder. As the observers of other systems, it does not look through links."""

    def __init__(self) -> None:
        self._top: str | None = None
        self._held = threading.Event()
        self._go = threading.Event()
        self._go.set()

    def observer(self) -> BaseObserver:
        return PollingObserverVFS(self._stat, os.scandir, polling_interval=_POLL_SECONDS)

    def _stat(self, path: str) -> os.stat_result:
        """A look begins with the folder itself."""
        self._top = self._top or path
        if path == self._top and not self._go.is_set():
            self._held.set()
            self._go.wait()
        return os.lstat(path)

    @contextmanager
    def between_looks(self) -> Iterator[None]:
        """The last look has ended, and the next one waits."""
        self._held.clear()
        self._go.clear()
        try:
            assert self._top is None or self._held.wait(10), "polling has ended"
            yield
        finally:
            self._go.set()
