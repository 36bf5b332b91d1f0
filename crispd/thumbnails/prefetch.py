"""Thumbnail prefetching: larger sizes are made after indexing, while the machine is idle.

``ThumbnailPrefetcher`` begins with the newest photos. It stops before the cache is full, so it
never evicts what somebody viewed for what nobody did.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, PhotoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.ingestor import Ingestor
    from crispd.store.reads import Reader
    from crispd.thumbnails.rendering import PhotoRenderer
    from crispd.types import PhotoRecord

log = logging.getLogger(__name__)

# Once so long nothing was to be done. Drives are awake then, and people rarely look yet.
_IDLE_SECONDS = 5.0
_JOIN_SECONDS = 5.0
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class PrefetchSources:
    """What the thread asks. ``seen``: a photo with a word on whether its drive is there.

    What was being decoded at the last crashes (``in_flight``) is left to who asks for it.
    """

    reader: Reader
    media: PhotoRenderer
    ingestor: Ingestor
    seen: Callable[[PhotoRecord], PhotoRecord]
    in_flight: CrashMarker | None = None

    def rows(self) -> list[int]:
        """Rows of all photos, in the order in which they are worth it. Raises StorageError."""
        return self.reader.newest_rows()

    def records(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        """Those photos. Raises StorageError."""
        return {row: self.seen(photo) for row, photo in self.reader.photos_at(rows).items()}

    def complete(self, photo: PhotoRecord) -> bool:
        """Make what is missing of its thumbnails; whether anything was. Raises PhotoError."""
        suspects = self.in_flight.suspects if self.in_flight is not None else ()
        return photo.full_path not in suspects and self.media.complete(photo)

    def has_room(self) -> bool:
        """Whether more may be kept without any others going."""
        return self.media.cache.has_room()

    def state(self) -> object | None:
        """None while indexing is busy; else what has been indexed and which drives are there."""
        if not self.ingestor.idle:
            return None
        progress = self.ingestor.progress()
        online = tuple(state.online for state in self.ingestor.root_states())
        return progress.encoded, progress.linked, online


class ThumbnailPrefetcher:
    """``pending``: photos not looked at yet; None before the first look. ``made``: since then."""

    def __init__(
        self,
        house: PrefetchSources,
        courtesy: IndexingThrottle,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self.pending: int | None = None
        self.made = 0
        self._house = house
        self._courtesy = courtesy
        self._idle_seconds = idle_seconds
        self._done: object | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crispd-ahead", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the photo that it works on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        before: object | None = None
        try:
            while not self._stop.wait(self._idle_seconds):
                now = self._state()
                # twice the same: it has been quiet for as long
                if now is not None and now == before and now != self._done:
                    self._all(now)
                before = now
        except Exception:  # a thread's top: thumbnails are made when somebody asks, as without it
            log.exception("thumbnails are no longer made ahead")

    def _state(self) -> object | None:
        try:
            return self._house.state()
        except CrispdError:  # stopping, or the disk has a moment
            return None

    def _all(self, state: object) -> None:
        """Look at every photo, until something else is to be done."""
        made = self.made
        try:
            for photo in self._photos():
                self._courtesy.wait_until_allowed(self._stop)
                self._courtesy.yield_to_searches()
                if self._stop.is_set() or self._house.state() != state:
                    return
                if photo.online and not self._one(photo):
                    break
        except CrispdError as error:
            log.info("thumbnails are made later: %s", error)
            return
        self._done, self.pending = state, 0
        if self.made > made:
            log.info("larger thumbnails of %d photos were made ahead", self.made - made)

    def _one(self, photo: PhotoRecord) -> bool:
        """Whether to go on."""
        if not self._house.has_room():
            return False
        try:
            with self._courtesy.working(self._stop):
                self.made += self._house.complete(photo)
        except PhotoError as error:  # it is told to whoever asks for its picture
            log.debug("no thumbnails of %r: %s", photo.path, error)
        return True

    def _photos(self) -> Iterator[PhotoRecord]:
        rows = self._house.rows()
        for start in range(0, len(rows), _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            known = self._house.records(chunk)
            for place, row in enumerate(chunk, start):
                self.pending = len(rows) - place
                if row in known:
                    yield known[row]
