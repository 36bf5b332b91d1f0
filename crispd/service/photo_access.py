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
from crispd.store.words.marks import WordMarker
from crispd.thumbnails.rendering import PhotoRenderer, original_of
from crispd.types import DecodeLimits, PhotoText, Root
from crispd.watch.presence import why_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.library.library import Library
    from crispd.memory_budgets import MemoryBudgets
    from crispd.service.indexing_parts import IndexingParts
    from crispd.types import (
        ImageBytes,
        OriginalFile,
        PhotoRecord,
        PictureType,
        Rendition,
        SearchHit,
    )


class PhotoAccess:
    """Thread-safe. ``is_known``: whether there is a word. ``indexing`` is set while files are
    watched: it knows which drives are there.
    """

    def __init__(
        self, library: Library, budgets: MemoryBudgets, is_known: Callable[[str], bool]
    ) -> None:
        self._library = library
        self._is_known = is_known
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
            text_lines=TextStore(self._library.database).lines_of(record.content_hash) or (),
        )

    def text(self, photo_id: str, words: str) -> PhotoText:
        """What was read in a photo, and where ``words`` stand in it. Raises NotFound."""
        content = self.record(photo_id).content_hash
        lines = TextStore(self._library.database).lines_of(content)
        marker = WordMarker(words.split(), self._is_known)
        marks = marker.spans([line.text for line in lines or ()])
        return PhotoText(lines or (), tuple(map(tuple, marks)), lines is not None)

    def record(self, photo_id: str) -> PhotoRecord:
        """One photo without a look at the disk for its RAWs. Raises NotFound."""
        record = self._library.database.read().photo(photo_id)
        if record is None:
            raise NotFound(f"There is no photo with the id {photo_id!r}.")
        return self.with_presence(record)

    def with_presence(self, record: PhotoRecord) -> PhotoRecord:
        """The same with a word on whether its folder is present."""
        return record if self._is_online(record) else replace(record, online=False)

    def hits_with_presence(self, hits: tuple[SearchHit, ...]) -> tuple[SearchHit, ...]:
        """The same of an answer: each folder is looked at once."""
        roots = {hit.photo.root_id: hit.photo for hit in hits}
        absent = {root for root, photo in roots.items() if not self._is_online(photo)}
        if not absent:
            return hits
        return tuple(
            replace(hit, photo=replace(hit.photo, online=False))
            if hit.photo.root_id in absent
            else hit
            for hit in hits
        )

    def _is_online(self, record: PhotoRecord) -> bool:
        if self.indexing is None:
            return why_absent(record.root_path, had_photos=True) is None
        return self.indexing.ingestor.is_online(record.root_id)

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
