"""Work behind searches, begun and ended together: indexing, thumbnails ahead, text in photos, what
the fine pack sees, words that an upgrade indexes anew, and the graph of a large library.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.ingest.idle_stage import IdleStage
from crispd.ingest.word_filling import WordFilling
from crispd.memory_plan import MB
from crispd.service.indexing_parts import IndexingParts, start_indexing
from crispd.service.stages.fine_stage import start_filling
from crispd.service.stages.text_stage import TextStage, start_text_stage
from crispd.thumbnails.prefetch import LOOKED_AT_FILE, LookedAt, ThumbnailPrefetch
from crispd.vectors.graph_building import GraphBuilding

if TYPE_CHECKING:
    from crispd.config import Settings
    from crispd.fine_pack.filling import FineFilling
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.leases import Lending
    from crispd.service.parts import SearchParts


_GRAPH_SHARE = 0.35  # of the memory: 700 MB of the 2 GB of a hub with a million photos


@dataclass(frozen=True, slots=True)
class BackgroundWork:
    """What runs; None where it is not wanted."""

    indexing: IndexingParts
    prefetcher: IdleStage | None = None
    text: TextStage | None = None
    graph: GraphBuilding | None = None
    fine: FineFilling | None = None
    words: WordFilling | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def stopped(self) -> bool:
        """Whether it was ended."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End it; what is in flight is written."""
        self._stopped.set()
        if self.prefetcher is not None:
            self.prefetcher.stop()
        if self.text is not None:
            self.text.stage.stop()
        if self.graph is not None:
            self.graph.stop()
        if self.fine is not None:
            self.fine.stop()
        if self.words is not None:
            self.words.stop()
        self.indexing.ingestor.stop()


def start_background(
    settings: Settings,
    search: SearchParts,
    throttle: IndexingThrottle,
    lending: Lending,
    *,
    watch: bool = True,
) -> BackgroundWork:
    """``watch``: follow changes live, and do what is behind indexing as well."""
    indexing = start_indexing(
        settings, search.library, search.budgets, throttle, lending if watch else None, watch=watch
    )
    search.photos.indexing = indexing
    if not watch:
        return BackgroundWork(indexing)
    prefetcher = None
    if settings.thumbnails_ahead:
        prefetcher = _prefetching(search, indexing, throttle)
    text = start_text_stage(search, indexing, throttle)
    graph = _graph_building(search, throttle)
    words = WordFilling(search.library.database, throttle.yield_to_searches)
    words.start()
    return BackgroundWork(
        indexing, prefetcher, text, graph, start_filling(search, indexing, throttle), words
    )


def _graph_building(search: SearchParts, throttle: IndexingThrottle) -> GraphBuilding:
    def courtesy(stop: threading.Event) -> None:
        throttle.wait_until_allowed(stop)
        throttle.yield_to_searches()

    allowed = int(search.library.memory.limit_mb * MB * _GRAPH_SHARE)
    building = GraphBuilding(search.library.index, allowed, courtesy)
    building.start()
    return building


def _prefetching(
    search: SearchParts, indexing: IndexingParts, throttle: IndexingThrottle
) -> IdleStage:
    library, cache = search.library, search.library.thumbnails
    roots = sorted(root.id for root in library.roots)
    of = f"{library.database.id} {roots} {cache.sizes} {cache.budget}"
    work = ThumbnailPrefetch(
        library.database.read(),
        search.photos.renderer(),
        indexing.ingestor,
        search.photos.with_presence,
        indexing.crash_marker,
        LookedAt(library.folder / "thumbnails" / LOOKED_AT_FILE, of),
    )
    prefetcher = IdleStage(work, throttle)
    prefetcher.start()
    return prefetcher
