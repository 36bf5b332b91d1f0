"""Idle stages: work on photos that begins once indexing is done, while nothing else is to do."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

from crispd.errors import CrispdError, PhotoError
from crispd.ingest.counters import IngestCounters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.ingestor import Ingestor
    from crispd.types import PhotoRecord

log = logging.getLogger(__name__)

# Once so long nothing was to be done. Drives are awake then, and people rarely look yet.
_IDLE_SECONDS = 5.0
_JOIN_SECONDS = 5.0
_AT_ONCE = 50


class IdleWork(Protocol):
    """What a stage does."""

    @property
    def name(self) -> str:
        """In the log."""

    def rows(self) -> Sequence[int]:
        """Rows of all photos, in the order in which they are worth it. Raises StorageError."""

    def records(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        """Those photos. Raises StorageError."""

    def complete(self, photo: PhotoRecord) -> bool:
        """Do what is missing of a photo; whether anything was. Raises PhotoError."""

    def has_room(self) -> bool:
        """Whether more may be done."""

    def state(self) -> object | None:
        """None while indexing is busy; else what has been indexed and which drives are there."""

    def finished(self) -> None:
        """All of ``rows`` were looked at, and none was away."""

    def rest(self) -> None:
        """Let go of what only work needs."""


def idle_state(ingestor: Ingestor) -> object | None:
    """None while indexing is busy; else what has been indexed and which drives are there."""
    if not ingestor.idle:
        return None
    progress = ingestor.progress()
    online = tuple(state.online for state in ingestor.root_states())
    return progress.encoded, progress.linked, online


class IdleStage:
    """A thread. ``pending``: photos not looked at yet; None before the first look. ``made``: of how
    many something was missing. ``stop``: set when it is to end, for work that takes long.
    """

    def __init__(
        self,
        work: IdleWork,
        courtesy: IndexingThrottle,
        idle_seconds: float = _IDLE_SECONDS,
        stop: threading.Event | None = None,
    ) -> None:
        self.pending: int | None = None
        self.made = 0
        self._counters = IngestCounters()
        self._work = work
        self._courtesy = courtesy
        self._idle_seconds = idle_seconds
        self._done: object | None = None
        self._stop = stop or threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"crispd-{work.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the photo that it works on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def rate(self) -> float:
        """Photos a second over the last minute, of those of which something was missing."""
        return self._counters.rate()

    def _run(self) -> None:
        before: object | None = None
        try:
            while not self._stop.wait(self._idle_seconds):
                now = self._state()
                # twice the same: it has been quiet for as long
                if now is not None and now == before and now != self._done:
                    self._all(now)
                before = now
        except Exception:  # a thread's top: photos are searchable without it
            log.exception("%s: broke off, until the next start", self._work.name)

    def _state(self) -> object | None:
        try:
            return self._work.state()
        except CrispdError:  # stopping, or the disk has a moment
            return None

    def _all(self, state: object) -> None:
        """Look at every photo, until something else is to be done."""
        made, all_there = self.made, True
        try:
            for photo in self._photos():
                self._courtesy.wait_until_allowed(self._stop)
                self._courtesy.yield_to_searches()
                if self._stop.is_set() or self._work.state() != state:
                    return
                all_there = all_there and photo.online
                if photo.online and not self._one(photo):
                    break
            else:
                if all_there:
                    self._work.finished()
        except CrispdError as error:
            log.info("%s: goes on later: %s", self._work.name, error)
            return
        finally:
            self._work.rest()
        self._done, self.pending = state, 0
        if self.made > made:
            log.info("%s: %d photos were done", self._work.name, self.made - made)

    def _one(self, photo: PhotoRecord) -> bool:
        """Whether to go on."""
        if not self._work.has_room():
            return False
        try:
            with self._courtesy.working(self._stop):
                if self._work.complete(photo):
                    self.made += 1
                    self._counters.finished()
        except PhotoError as error:
            log.debug("%s: not of %r: %s", self._work.name, photo.path, error)
        return True

    def _photos(self) -> Iterator[PhotoRecord]:
        rows = self._work.rows()
        for start in range(0, len(rows), _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            known = self._work.records([int(row) for row in chunk])
            for place, row in enumerate(chunk, start):
                self.pending = len(rows) - place
                if row in known:
                    yield known[row]
