"""Thumbnail prefetching: larger sizes are made after indexing, while the machine is idle.

It begins with the newest photos and stops before the cache is full, so that it never evicts what
somebody viewed for what nobody did. Once all have been looked at, only photos that change are.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.ingest.idle_stage import idle_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.ingestor import Ingestor
    from crispd.store.reading.reads import Reader
    from crispd.thumbnails.rendering import PhotoRenderer
    from crispd.types import PhotoRecord


log = logging.getLogger(__name__)

LOOKED_AT_FILE = "ahead.json"  # beside the thumbnails: who removes these removes it


@dataclass(slots=True)
class LookedAt:
    """Up to which change of a photo all were looked at, also after a start. ``of``: of which
    database and folders, and which sizes within which limit: with others all are looked at again.
    """

    path: Path
    of: str
    _begun: int = 0

    def begin(self, latest: int) -> int | None:
        """A look begins at change number ``latest``. The number after which photos are new; None
        where all are.
        """
        self._begun = latest
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            number, of = int(stored["change"]), stored["of"]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        # a larger one: the database is a copy of an earlier day
        return number if of == self.of and number <= latest else None

    def end(self) -> None:
        """Whatever was new has been looked at."""
        partial = self.path.with_suffix(".part")
        try:
            partial.write_text(json.dumps({"change": self._begun, "of": self.of}), encoding="utf-8")
            partial.replace(self.path)
        except OSError as error:  # then all are looked at again
            log.debug("thumbnails: what was looked at is not kept: %s", error)


@dataclass(frozen=True, slots=True)
class ThumbnailPrefetch:
    """``IdleWork`` that makes thumbnails.

    ``seen``: a photo with a word on whether its drive is there; ``looked_at``: None to look at all
    each time.

    What was being decoded at the last crashes (``in_flight``) is left to who asks for it.
    """

    reader: Reader
    media: PhotoRenderer
    ingestor: Ingestor
    seen: Callable[[PhotoRecord], PhotoRecord]
    in_flight: CrashMarker | None = None
    looked_at: LookedAt | None = None
    name: str = "thumbnails"

    def rows(self) -> list[int]:
        """Rows of the photos that are new, in the order in which they are worth it. Raises
        StorageError.
        """
        if self.looked_at is None:
            return self.reader.newest_rows()
        return self.reader.newest_rows(self.looked_at.begin(self.reader.latest_change()))

    def finished(self) -> None:
        """All of them were looked at."""
        if self.looked_at is not None:
            self.looked_at.end()

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
        return idle_state(self.ingestor)

    def rest(self) -> None:
        """Nothing is held."""
