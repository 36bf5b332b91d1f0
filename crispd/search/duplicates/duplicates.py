"""Duplicates as the service offers them: a finder, its thread, and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.search.duplicates import kept, listing
from crispd.search.duplicates.finder import RULES, Finder
from crispd.search.duplicates.groups import Groups
from crispd.search.duplicates.pixels import Pixels
from crispd.search.duplicates.worker import Worker
from crispd.search.folding import Alike

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.search.catalogue.catalogue import Catalogue
    from crispd.types import CoarseIndex, DuplicatePage, Floats, PhotoReader, PhotoRecord

_WAIT_SECONDS = 1.0  # small libraries are through by then
# An answer that is folded waits for what has just come, and not for more: the page asks for folded
# answers all the time, also while photos are being indexed.
_A_MOMENT_SECONDS = 0.1
_A_MOMENT = 50  # contents that are compared in about that time


class Duplicates:
    """See ``Finder``; ``give_way`` is called between two of its steps. Thread-safe.

    ``folder``: where what was found out is kept; ``identity``: of database and pack; ``picture``:
    see ``Pixels``.
    """

    def __init__(
        self,
        index: CoarseIndex,
        photos: PhotoReader,
        catalogue: Catalogue,
        unpack: Callable[[Sequence[bytes]], Floats] | None,
        give_way: Callable[[], None],
        folder: Path,
        identity: str,
        picture: Callable[[PhotoRecord, int], bytes],
    ) -> None:
        self._photos = photos
        self._groups = Groups()
        kept.load(self._groups, folder, f"{identity} {RULES}")
        evidence = Pixels(photos, picture)
        self._finder = Finder(index, photos, catalogue, unpack, self._groups, evidence)

        def keep() -> None:
            kept.save(self._groups, folder, f"{identity} {RULES}")

        self._worker = Worker(self._finder, give_way, keep)

    def alike(self) -> Alike:
        """What is known now; photos not compared yet are from now on."""
        checked, total = self._finder.progress()
        if checked < total:
            self._worker.ask(_A_MOMENT_SECONDS if total - checked <= _A_MOMENT else 0)
            checked, total = self._finder.progress()
        return Alike(self._groups.roots, checked, total)

    def page(self, limit: int, cursor: str | None) -> DuplicatePage:
        """What is known; photos not compared yet are from now on. Raises QueryError."""
        self._worker.ask(_WAIT_SECONDS)
        return listing.page(self._finder, self._photos, limit, cursor)

    def stop(self) -> None:
        """End the thread."""
        self._worker.stop()
