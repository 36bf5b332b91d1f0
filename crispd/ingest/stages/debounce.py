"""Debouncing: a file is read once it has stopped changing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.ingest.stages.jobs import Job
    from crispd.types import FileStamp


@dataclass(slots=True)
class _Waiting:
    stamp: FileStamp | None
    still_since: float
    not_before: float


class Debouncer:
    """Holds jobs until size and mtime have been stable for ``settle`` seconds.

    Belongs to one thread. ``stamp_of`` looks at the file system; ``now`` is a monotonic clock in
    seconds given by the caller, so tests need no waiting.
    """

    def __init__(self, settle: float, stamp_of: Callable[[Job], FileStamp | None]) -> None:
        self._settle = settle
        self._stamp_of = stamp_of
        self._waiting: dict[Job, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, job: Job, now: float, delay: float = 0.0) -> bool:
        """Something happened to the job's file; whether it was not waiting before."""
        known = self._waiting.get(job)
        if known is None:
            self._waiting[job] = _Waiting(self._stamp_of(job), now, now + delay)
            return True
        known.still_since = now
        known.not_before = max(known.not_before, now + delay)
        return False

    def forget(self, job: Job) -> bool:
        """The file is gone or has moved; whether it was waiting."""
        return self._waiting.pop(job, None) is not None

    def due(self, now: float) -> list[Job]:
        """Jobs whose files stood still; they wait no longer here. Vanished files come too."""
        ready = [job for job, waiting in self._waiting.items() if self._is_due(job, waiting, now)]
        for job in ready:
            del self._waiting[job]
        return ready

    def _is_due(self, job: Job, waiting: _Waiting, now: float) -> bool:
        if now < waiting.not_before or now - waiting.still_since < self._settle:
            return False
        stamp = self._stamp_of(job)
        if stamp == waiting.stamp:
            return True
        waiting.stamp, waiting.still_since = stamp, now
        return False
