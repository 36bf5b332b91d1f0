"""Duplicates as the service offers them: a finder, its thread, and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.search.duplicates import listing
from crispd.search.duplicates.finder import Finder
from crispd.search.duplicates.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.search.catalogue.catalogue import Catalogue
    from crispd.types import CoarseIndex, DuplicatePage, Floats, PhotoReader

_WAIT_SECONDS = 1.0  # small libraries are through by then


class Duplicates:
    """See ``Finder``; ``give_way`` is called between two of its steps. Thread-safe."""

    def __init__(
        self,
        index: CoarseIndex,
        photos: PhotoReader,
        catalogue: Catalogue,
        unpack: Callable[[Sequence[bytes]], Floats] | None,
        give_way: Callable[[], None],
    ) -> None:
        self._photos = photos
        self._finder = Finder(index, photos, catalogue, unpack)
        self._worker = Worker(self._finder, give_way)

    def page(self, limit: int, cursor: str | None) -> DuplicatePage:
        """What is known; photos not compared yet are from now on. Raises QueryError."""
        self._worker.ask(_WAIT_SECONDS)
        return listing.page(self._finder, self._photos, limit, cursor)

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()
