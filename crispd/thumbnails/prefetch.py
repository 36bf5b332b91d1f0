"""Thumbnail prefetching: larger sizes are made after indexing, while the machine is idle.

It begins with the newest photos and stops before the cache is full, so that it never evicts what
somebody viewed for what nobody did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.ingest.idle_stage import idle_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.ingestor import Ingestor
    from crispd.store.reading.reads import Reader
    from crispd.thumbnails.rendering import PhotoRenderer
    from crispd.types import PhotoRecord


@dataclass(frozen=True, slots=True)
class ThumbnailPrefetch:
    """``IdleWork`` that makes thumbnails.

    ``seen``: a photo with a word on whether its drive is there.

    What was being decoded at the last crashes (``in_flight``) is left to who asks for it.
    """

    reader: Reader
    media: PhotoRenderer
    ingestor: Ingestor
    seen: Callable[[PhotoRecord], PhotoRecord]
    in_flight: CrashMarker | None = None
    name: str = "thumbnails"

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
        return idle_state(self.ingestor)

    def rest(self) -> None:
        """Nothing is held."""
