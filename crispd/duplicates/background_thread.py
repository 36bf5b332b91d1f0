"""A background thread that compares photos while somebody wants duplicates."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from crispd.errors import CrispdError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.duplicates.comparison import DuplicateFinder

log = logging.getLogger(__name__)

_JOIN_SECONDS = 5.0


class ComparisonThread:
    """Runs a finder step by step. ``give_way`` is called between steps, and ``keep`` now and then,
    to save results across a restart. Thread-safe.
    """

    def __init__(
        self,
        finder: DuplicateFinder,
        give_way: Callable[[], None],
        keep: Callable[[], None] = lambda: None,
        *,
        keep_seconds: float = 300.0,
    ) -> None:
        self._finder = finder
        self._give_way = give_way
        self._keep = keep
        self._keep_seconds = keep_seconds
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, seconds: float) -> None:
        """See that it works where there is something to do; wait so long for its end."""
        with self._lock:
            if self._stop.is_set():
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="crispd-duplicates")
                self._thread.start()
            thread = self._thread
        thread.join(seconds)

    def stop(self) -> None:
        """Stop and wait for it."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(_JOIN_SECONDS)

    def _steps(self) -> None:
        kept, done = time.monotonic(), False
        try:
            while not self._stop.is_set() and self._finder.step():
                done = True
                self._give_way()
                if time.monotonic() - kept > self._keep_seconds:
                    self._keep()
                    kept = time.monotonic()
        finally:
            if done:
                self._keep()

    def _run(self) -> None:
        try:
            self._steps()
        except CrispdError as error:
            log.warning("duplicates are not looked for: %s", error)
        except Exception:  # a thread's top: who asks next begins again
            log.exception("looking for duplicates broke off")
