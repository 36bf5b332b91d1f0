"""The queue before the intake: events of watchers, and jobs to be checked again."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

from crispd.ingest.stages.wakeable_queue import WakeableQueue

if TYPE_CHECKING:
    from crispd.ingest.stages.jobs import Job
    from crispd.types import FileEvent

CAPACITY = 20_000


class IntakeQueue:
    """``offer`` and ``look_again`` may be called from any thread and never wait.

    When it is full, the roots concerned are noted in ``overflowed``, to be scanned instead: nothing
    is lost, only later.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._entries: WakeableQueue[FileEvent | tuple[Job, float]] = WakeableQueue(capacity)
        self.overflowed: set[int] = set()

    def __len__(self) -> int:
        return self._entries.qsize()

    def offer(self, event: FileEvent) -> None:
        """An event from a watcher."""
        try:
            self._entries.put_nowait(event)
        except queue.Full:
            self.overflowed.add(event.root_id)

    def look_again(self, job: Job, delay: float) -> None:
        """A job that must be debounced (again), not before ``delay`` seconds from now."""
        try:
            self._entries.put_nowait((job, delay))
        except queue.Full:
            self.overflowed.add(job.root.id)

    def wake(self) -> None:
        """Whoever takes waits for nothing any more."""
        self._entries.wake()

    def take(self, timeout: float) -> FileEvent | tuple[Job, float] | None:
        """The next entry; None where none comes within ``timeout`` seconds."""
        try:
            return self._entries.get(timeout=timeout) if timeout else self._entries.get_nowait()
        except queue.Empty:
            return None
