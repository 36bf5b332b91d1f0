"""The bounded queue before the decoders: new events go before the backlog of a scan."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.ingest.stages.jobs import Job


class WorkQueue:
    """Two lanes, each bounded: ``urgent`` from events, ``backlog`` from scans.

    A job that waits already is not added a second time: a file that is written in many small
    steps makes an event for each.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self._capacity = capacity
        self._urgent: deque[Job] = deque()
        self._backlog: deque[Job] = deque()
        self._waiting: set[Job] = set()
        self._changed = threading.Condition()
        self._awake = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put_urgent(self, job: Job) -> bool:
        """Add without waiting; False where the lane is full."""
        with self._changed:
            if job in self._waiting:
                return True
            if len(self._urgent) >= self._capacity:
                return False
            self._add(self._urgent, job)
            return True

    def put_backlog(self, job: Job, timeout: float) -> bool:
        """Add, waiting at most ``timeout`` seconds for room; False where there was none."""
        with self._changed:
            if job in self._waiting:
                return True
            roomy = self._changed.wait_for(lambda: len(self._backlog) < self._capacity, timeout)
            if roomy:
                self._add(self._backlog, job)
            return roomy

    def take(self, timeout: float) -> Job | None:
        """The next job, urgent ones first; None after ``timeout`` seconds without any."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._awake, timeout)
            if not self._waiting:
                return None
            job = self._urgent.popleft() if self._urgent else self._backlog.popleft()
            self._waiting.discard(job)
            self._changed.notify_all()
            return job

    def wake(self) -> None:
        """From now on ``take`` waits for nothing."""
        with self._changed:
            self._awake = True
            self._changed.notify_all()

    def _add(self, lane: deque[Job], job: Job) -> None:
        lane.append(job)
        self._waiting.add(job)
        self._changed.notify_all()
