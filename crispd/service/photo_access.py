"""Access to single photos: details, thumbnails, previews, originals."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import NotFound
from crispd.images.isolation.trial_decode import trial_decode
from crispd.ingest.raw_pairs import raws_beside
from crispd.places.resolver import GazetteerResolver
from crispd.store.words.content_text import TextStore
from crispd.thumbnails.rendering import PhotoRenderer, original_of
from crispd.types import DecodeLimits, Root
from crispd.watch.presence import why_absent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.library import Library
    from crispd.memory_budgets import MemoryBudgets
    from crispd.service.indexing_parts import IndexingParts
    from crispd.types import ImageBytes, OriginalFile, PhotoRecord, PictureType, Rendition


class PhotoAccess:
    """Thread-safe. ``indexing`` is set while files are watched: it knows which drives are there."""

    def __init__(self, library: Library, budgets: MemoryBudgets) -> None:
        self._library = library
        self._budgets = budgets
        self._places = GazetteerResolver()
        self._limits = DecodeLimits(library.memory.max_pixels, library.memory.max_bytes)
        self.indexing: IndexingParts | None = None

    def photo(self, photo_id: str) -> PhotoRecord:
        """One photo by its public id, with the RAWs it stands for, the names of its place and the
        text in it. Raises NotFound.
        """
        record = self.record(photo_id)
        metadata = record.metadata
        return replace(
            record,
            raws=raws_beside(self._library.database.read(), record),
            place_names=self._places.resolve(metadata.location, metadata.place),
            text_lines=TextStore(self._library.database).lines_of(record.content_hash),
        )

    def record(self, photo_id: str) -> PhotoRecord:
        """One photo without a look at the disk for its RAWs. Raises NotFound."""
        record = self._library.database.read().photo(photo_id)
        if record is None:
            raise NotFound(f"There is no photo with the id {photo_id!r}.")
        return self.with_presence(record)

    def with_presence(self, record: PhotoRecord) -> PhotoRecord:
        """The same with a word on whether its folder is present."""
        if self.indexing is None:
            online = why_absent(record.root_path, had_photos=True) is None
        else:
            online = self.indexing.ingestor.is_online(record.root_id)
        return record if online else replace(record, online=False)

    def root_of(self, photo_id: str) -> tuple[Root, str]:
        """The root of a photo, and its path below. Raises NotFound."""
        photo = self.record(photo_id)
        return Root(photo.root_id, photo.root_path), photo.path

    def thumbnail(self, photo_id: str, size: int | None, media_type: PictureType) -> Rendition:
        """What its picture of ``size`` pixels will be; None: the default. Raises NotFound."""
        return self.renderer().thumbnail(self.record(photo_id), size, media_type)

    def preview(self, photo_id: str, size: int | None) -> Rendition:
        """What its JPEG for a screen will be. Raises NotFound."""
        return self.renderer().preview(self.record(photo_id), size)

    def cached_picture(self, wanted: Rendition) -> ImageBytes | None:
        """The picture where it lies ready; None where ``picture`` has to make it."""
        return self.renderer().kept(wanted)

    def picture(self, wanted: Rendition) -> ImageBytes:
        """The picture. Raises NotFound or PhotoError."""
        return self.renderer().picture(wanted)

    def original(self, photo_id: str) -> OriginalFile:
        """Where the original lies and how to send it. Raises NotFound when its file is gone."""
        return original_of(self.record(photo_id))

    def renderer(self) -> PhotoRenderer:
        """What makes pictures, within the library's limits."""
        return PhotoRenderer(self._library.thumbnails, self._limits, self._budgets, self._guarded)

    @contextmanager
    def _guarded(self, path: str) -> Iterator[None]:
        """As indexing decodes: noted, and tried out elsewhere first where it seems to crash."""
        if self.indexing is None:
            yield
            return
        marker = self.indexing.crash_marker
        if path in marker.suspects:
            trial_decode(path, self._limits)
        with marker.decoding(path):
            yield
