"""Worker threads with a name, a stop signal and reported failures."""

from __future__ import annotations

import logging
import threading
import time
from itertools import groupby
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, StorageError
from crispd.platform.processor import lower_priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

log = logging.getLogger(__name__)


class WorkerThread:
    """Runs ``body(stop)`` in a thread of its own until ``stop`` is set.

    ``body`` returns soon after the event is set; ``wake`` ends what it waits for. An exception ends
    the thread and stays in ``failure``: health turns red, and the process ends so that its
    supervisor restarts it.
    """

    def __init__(
        self,
        name: str,
        body: Callable[[threading.Event], None],
        wake: Callable[[], None] = lambda: None,
        *,
        yields: bool = False,
    ) -> None:
        """``yields``: other threads are given cores before it."""
        self.name = name
        self.failure: BaseException | None = None
        self._body = body
        self.wake = wake
        self._yields = yields
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the body to return."""
        self._stop.set()
        self.wake()

    def join(self, deadline: float) -> bool:
        """Wait at most ``deadline`` seconds; whether the thread has ended."""
        if self._thread.ident is not None:
            self._thread.join(deadline)
        return not self._thread.is_alive()

    @property
    def dead(self) -> bool:
        """Whether the thread ended without being asked to."""
        started = self._thread.ident is not None
        return started and not self._thread.is_alive() and not self._stop.is_set()

    @property
    def crash_report(self) -> str:
        """Its name, and a sentence where what it died of has one."""
        told = f": {self.failure}" if isinstance(self.failure, CrispdError) else ""
        return f"thread {self.name} is dead{told}"

    def _run(self) -> None:
        try:
            if self._yields:
                lower_priority()
            self._body(self._stop)
        except BaseException as error:  # a thread's top: nothing above could see it
            self.failure = error
            if isinstance(error, StorageError):  # its sentence says all there is
                log.error("thread %s died: %s", self.name, error)
            else:
                log.exception("thread %s died", self.name)


def alike(
    name: str,
    count: int,
    body: Callable[[threading.Event], None],
    wake: Callable[[], None],
    yields: bool,
) -> Iterator[WorkerThread]:
    """So many threads with the same body."""
    for number in range(count):
        yield WorkerThread(f"{name}-{number}", body, wake, yields=yields)


def stop_workers(workers: Iterable[WorkerThread], seconds: float) -> None:
    """Stop one after the other, within ``seconds`` in all. Those that wait for the same are asked
    together: who is woken and not asked to stop would turn in circles.
    """
    deadline = time.monotonic() + seconds
    for _, found in groupby(workers, key=lambda worker: worker.wake):
        together = list(found)
        for worker in together:
            worker.request_stop()
        for worker in together:
            if not worker.join(max(deadline - time.monotonic(), 0.1)):
                log.warning("thread %s did not end in time", worker.name)
