"""Duplicates for the service: a finder, its thread, and its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.duplicates import group_pages, persistence
from crispd.duplicates.background_thread import ComparisonThread
from crispd.duplicates.comparison import RULES, DuplicateFinder
from crispd.duplicates.pixel_verification import PixelVerification
from crispd.duplicates.union_find import UnionFind
from crispd.search.results.collapse import DuplicateGroups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.types import CoarseIndex, DuplicatePage, Floats, PhotoReader, PhotoRecord

_WAIT_SECONDS = 1.0  # small libraries are through by then
# An answer that is folded waits for what has just come, and not for more: the page asks for folded
# answers all the time, also while photos are being indexed.
_A_MOMENT_SECONDS = 0.1
_A_MOMENT = 50  # contents that are compared in about that time


class DuplicateService:
    """Duplicates of a library; see ``DuplicateFinder``. ``give_way`` is called between two of its
    steps. Thread-safe.

    ``folder``: where what was found out is kept; ``identity``: of database and pack; ``picture``:
    see ``PixelVerification``.
    """

    def __init__(
        self,
        index: CoarseIndex,
        photos: PhotoReader,
        metadata_index: MetadataIndex,
        unpack: Callable[[Sequence[bytes]], Floats] | None,
        give_way: Callable[[], None],
        folder: Path,
        identity: str,
        picture: Callable[[PhotoRecord, int], bytes],
    ) -> None:
        self._photos = photos
        self._groups = UnionFind()
        persistence.load(self._groups, folder, f"{identity} {RULES}")
        evidence = PixelVerification(photos, picture)
        self._finder = DuplicateFinder(
            index, photos, metadata_index, unpack, self._groups, evidence
        )

        def keep() -> None:
            persistence.save(self._groups, folder, f"{identity} {RULES}")

        self._worker = ComparisonThread(self._finder, give_way, keep)

    def alike(self) -> DuplicateGroups:
        """What is known now; photos not compared yet are from now on."""
        checked, total = self._finder.progress()
        if checked < total:
            self._worker.ask(_A_MOMENT_SECONDS if total - checked <= _A_MOMENT else 0)
            checked, total = self._finder.progress()
        return DuplicateGroups(self._groups.roots, checked, total)

    def page(self, limit: int, cursor: str | None) -> DuplicatePage:
        """What is known; photos not compared yet are from now on. Raises QueryError."""
        self._worker.ask(_WAIT_SECONDS)
        return group_pages.page(self._finder, self._photos, limit, cursor)

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()
