"""The memory table: who holds what while a library is searched, here and with more photos.

It opens what a service opens, one part after the other, and looks at the process after each. It
only reads, and may run beside a service.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.images.thumbnails import stored_sizes
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.pause_policy import PausePolicy
from crispd.library.library import Library
from crispd.library.opening import open_index, open_to_read
from crispd.library.pack_choice import load_chosen_pack, pack_folder
from crispd.memory_budgets import make_memory_budgets
from crispd.memory_plan import MB
from crispd.places.gazetteer import gazetteer
from crispd.platform.memory import give_back_freed, held_mb, tame_allocator
from crispd.search.results.result_cache import CACHED_ANSWERS_BYTES
from crispd.service.parts import make_search
from crispd.store.data_dir.lock import ReadOnlyFolder
from crispd.thumbnails.cache import ThumbnailCache

if TYPE_CHECKING:
    from crispd.config import Settings

# Below so many photos, what one takes is lost in what everything takes; then it is as measured
# over 100,000 (pack mini 5, x86-64).
_ENOUGH = 20_000
_VECTOR_BYTES, _FILTER_BYTES = 16, 500


@dataclass(frozen=True, slots=True)
class MemoryHolder:
    """Megabytes that a part holds here: ``memory_mb`` of its own, and ``files_mb`` of mapped files,
    which the kernel takes back when memory is short. ``memory_bytes`` and ``files_bytes``: for each
    photo, 0 where it holds the same however many there are.
    """

    name: str
    memory_mb: float
    files_mb: float
    memory_bytes: float = 0
    files_bytes: float = 0

    def with_photos(self, photos: int) -> tuple[float, float]:
        """Megabytes with so many photos."""
        if not self.memory_bytes:
            return self.memory_mb, self.files_mb
        return photos * self.memory_bytes / MB, photos * self.files_bytes / MB


def measure_memory(settings: Settings) -> tuple[int, list[MemoryHolder]]:
    """How many contents are indexed, and who holds what. Raises ConfigError, StorageError or
    PackError.
    """
    tame_allocator()
    before = (0.0, 0.0)

    def more(name: str) -> MemoryHolder:
        nonlocal before
        give_back_freed()
        now, old = held_mb(), before
        before = now
        return MemoryHolder(name, max(now[0] - old[0], 0.0), max(now[1] - old[1], 0.0))

    found = [more("Python and libraries")]
    database, plan = open_to_read(settings)
    try:
        folder = pack_folder(settings, database, writing=False, at_once=False)
        pack = load_chosen_pack(folder, settings)
        found.append(more("models"))
        index, _ = open_index(settings, database, pack.manifest)
        index.search(np.zeros(pack.dim, np.float32), 1)  # whoever searches has them all in memory
        found.append(more("vectors"))
        sizes = stored_sizes(settings.thumbnail_size)
        cache = settings.data_dir / "thumbnails"
        thumbnails = ThumbnailCache(cache, sizes, settings.thumbnail_cache_mb)
        library = Library(
            settings.data_dir, ReadOnlyFolder(), database, database.read().watched(), pack, index,
            thumbnails, plan, unsaved=False,
        )  # fmt: skip
        throttle = IndexingThrottle(PausePolicy(None, 0))
        search = make_search(settings, library, make_memory_budgets(plan), throttle)
        gazetteer()
        found.append(more("dictionaries and gazetteer"))
        search.engine.warm_up()
        found.append(more("filters and names"))
    finally:
        database.close()
    at_most = {
        "caches of the database, at most": plan.database_mb,
        "answers kept for their next pages, at most": CACHED_ANSWERS_BYTES / MB,
        "photos in hand while indexing, at most": (plan.picture_bytes + plan.file_bytes) / MB,
    }
    found += [MemoryHolder(name, mb, 0.0) for name, mb in at_most.items()]
    return len(index), _by_photo(found, len(index), pack.dim)


def _by_photo(found: list[MemoryHolder], photos: int, dim: int) -> list[MemoryHolder]:
    """With what each photo adds: as measured here, or known where there are few."""
    known = {"vectors": (_VECTOR_BYTES, 2 * dim), "filters and names": (_FILTER_BYTES, 0)}

    def grown(holder: MemoryHolder) -> MemoryHolder:
        if holder.name not in known:
            return holder
        if photos < _ENOUGH:
            own, files = known[holder.name]
            return replace(holder, memory_bytes=own, files_bytes=files)
        part = MB / photos
        return replace(
            holder, memory_bytes=holder.memory_mb * part, files_bytes=holder.files_mb * part
        )

    return [grown(holder) for holder in found]
