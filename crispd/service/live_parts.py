"""What answers and what runs behind it, with the way from one pack to another while it does."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, NotReady
from crispd.ingest.lending.leases import Lending
from crispd.pack_switch.backfill import BackfillSources
from crispd.places.gazetteer import gazetteer
from crispd.service.background import BackgroundWork, start_background
from crispd.service.parts import SearchParts, make_search
from crispd.store.pack_vectors import PackVectors
from crispd.vectors.rwlock import ReadWriteLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.config import Settings
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.packs.pack import Pack
    from crispd.types import EncodedPhoto
    from crispd.vectors.index import VectorIndex

log = logging.getLogger(__name__)

_WARMED_FROM = 1000  # photos
_JOIN_SECONDS = 5.0


class LiveParts:
    """``search`` answers now; ``background``: None in a process that only searches. ``Answering``
    for a change of the pack, which one thread makes.
    """

    def __init__(self, settings: Settings, search: SearchParts, throttle: IndexingThrottle) -> None:
        self._settings = settings
        self._throttle = throttle
        self.search = search
        self.lending = Lending()
        self.background: BackgroundWork | None = None
        self._former: SearchParts | None = None
        self._gate = ReadWriteLock()
        self._stopped = False
        self._warming: threading.Thread | None = None

    def begin(self, *, watch: bool) -> BackgroundWork:
        """Start what runs behind searches."""
        self.background = start_background(
            self._settings, self.search, self._throttle, self.lending, watch=watch
        )
        return self.background

    def warm_up(self) -> None:
        """Read behind the start what first searches read: of a library that is not small, the
        first eight at once waited for it for seconds.
        """
        if len(self.search.library.index) >= _WARMED_FROM:
            self._warming = threading.Thread(
                target=self._warm_up, args=(self.search,), name="crispd-warm-up", daemon=True
            )
            self._warming.start()

    def _warm_up(self, search: SearchParts) -> None:
        try:
            gazetteer()
            search.engine.warm_up()
        except CrispdError as error:  # searches say it as well
            log.info("nothing was read ahead of searches: %s", error)

    @contextmanager
    def searching(self, picture: EncodedPhoto | None = None) -> Iterator[SearchParts]:
        """Held while a query is answered. ``picture``: of the query, as some pack encoded it."""
        with self._gate.read():
            parts = self.search
            if picture is not None and picture.pack not in {"", parts.library.pack.id}:
                if self._former is None or picture.pack != self._former.library.pack.id:
                    raise NotReady("The model pack has just changed. Search again.")
                parts = self._former
            yield parts

    def close(self) -> None:
        """End what runs, and close the data folder."""
        self._stopped = True
        self.release_former()
        if self._warming is not None:
            self._warming.join(_JOIN_SECONDS)
        background, search = self.background, self.search
        search.duplicates.stop()
        if background is not None:
            background.stop()
        # What killed a thread may be a damaged database: the next start reads it through.
        failed = background is not None and background.indexing.ingestor.has_failed
        search.library.lock.unclean_shutdown = failed
        search.library.close()

    # --- for a change of the pack --------------------------------------------------------------

    def answering(self) -> tuple[Pack, VectorIndex]:
        """The pack that answers and its index."""
        return self.search.library.pack, self.search.library.index

    def sources(self) -> BackfillSources:
        """What indexing works with."""
        search, background = self.search, self.background
        assert background is not None
        library, ingestor = search.library, background.indexing.ingestor
        return BackfillSources(
            library.database,
            PackVectors(library.database),
            search.decode,
            library.memory.decode_threads,
            library.memory.batch_size,
            self._throttle,
            background.indexing.crash_marker,
            search.photos.with_presence,
            lambda: background is self.background and not background.stopped and not ingestor.idle,
            self.lending,
        )

    def stop_indexing(self) -> None:
        """End it; what is in flight is written."""
        if self.background is not None:
            self.background.stop()

    def start_indexing(self) -> None:
        """Begin again, with the pack that answers now."""
        if not self._stopped:
            self.begin(watch=True)

    def answer_with(self, pack: Pack, index: VectorIndex, chosen: Callable[[], None]) -> None:
        """Prepare all of it, call ``chosen``, and let it answer from now on.

        Answers that are being made are waited for; those that come meanwhile wait for some
        hundredths of a second. Cursors go on, on the labels of the new pack.
        """
        former = self.search
        library = replace(former.library, pack=pack, index=index, unsaved=True)
        search = make_search(self._settings, library, former.budgets, self._throttle, former.fine)
        search.engine.warm_up()
        same = PackVectors(library.database).translation(former.library.pack.id, pack.id)
        former.engine.complete_recent()
        chosen()
        began = time.monotonic()
        with self._gate.write():
            search.engine.adopt(former.engine, same)
            self._former, self.search = former, search
        log.info("answers waited for %.0f ms for %s", 1000 * (time.monotonic() - began), pack.id)
        try:
            library.save_index()
        except OSError as error:  # a cache: a start catches up from SQLite without it
            log.warning("the index file could not be saved: %s", error)

    def release_former(self) -> None:
        """Let go of what answered before."""
        former, self._former = self._former, None
        if former is not None:
            former.duplicates.stop()
