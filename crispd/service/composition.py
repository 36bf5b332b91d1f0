"""The composition of the service: folders, library and search.

Its methods block; any thread may call them.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, NotReady
from crispd.ingest.encode_upload import encode_upload
from crispd.ingest.idle_stage import IdleStage
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.pause_policy import PausePolicy, QuietHours
from crispd.platform.memory import tame_allocator
from crispd.search.results.collapse import NO_GROUPS
from crispd.service.folder_control import FolderControl
from crispd.service.indexing_parts import IndexingParts, start_indexing
from crispd.service.parts import SearchParts, open_search
from crispd.service.status import current_state, service_status
from crispd.service.text_stage import start_text_stage
from crispd.store.data_dir.free_space import FreeSpace
from crispd.thumbnails.prefetch import ThumbnailPrefetch
from crispd.types import (
    HealthReport,
    IngestProgress,
    Note,
    ServiceStatus,
    Suggestions,
    TextProgress,
)
from crispd.watch.linked_filters import with_links_resolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.config import Settings
    from crispd.errors import StorageError
    from crispd.ingest.ingestor import Ingestor
    from crispd.library import Library
    from crispd.query import Hemisphere
    from crispd.service.text_stage import TextStage
    from crispd.types import (
        CacheStats,
        Completion,
        DeviceStore,
        DuplicatePage,
        EncodedPhoto,
        Filters,
        FolderStatus,
        ImageBytes,
        IndexingProblem,
        KnownNames,
        OriginalFile,
        PhotoRecord,
        PictureType,
        PlaceCount,
        Query,
        Rendition,
        ResultPage,
    )

log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.2


class Service:
    """Builds its parts at its start, and passes each call to the part that handles it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._started_at = time.monotonic()
        self._search: SearchParts | None = None
        self._indexing: IndexingParts | None = None
        self._prefetcher: IdleStage | None = None
        self._text: TextStage | None = None
        self._ready = False
        self._stopping = False
        self._space = FreeSpace(settings.data_dir)
        self._throttle = self._make_throttle(QuietHours.parse(settings.quiet_hours))

    def _make_throttle(self, quiet: QuietHours | None) -> IndexingThrottle:
        limit, scarcity = self.settings.temperature_limit, self._space.scarcity
        return IndexingThrottle(
            PausePolicy(quiet, limit, scarcity=scarcity), self.settings.cpu_share
        )

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Open everything and begin to watch; searchable when this returns.

        Where the data folder is read-only, what was known is searched, and nothing is watched.
        """
        search = self._open(watching=True)
        if search.library.read_only is None:
            indexing = self._begin_indexing(search, watch=True)
            if self.settings.thumbnails_ahead:
                self._prefetcher = self._begin_prefetching(search, indexing)
            self._text = start_text_stage(search, indexing, self._throttle)
        self._ready = True

    def open_for_search(self) -> None:
        """Open the data folder for searches only: nothing is watched, scanned or encoded."""
        self._open(watching=False)
        self._ready = True

    def index_once(
        self, on_progress: Callable[[IngestProgress, int], None] | None = None
    ) -> IngestProgress:
        """Scan all folders, index what is new, save, and stop. Instead of ``start``.

        Whoever asks for it now does not mean to wait for the end of the quiet hours.
        """
        self._throttle = self._make_throttle(None)
        search = self._open(watching=True)
        if (read_only := search.library.read_only) is not None:
            self.stop()
            raise read_only
        try:
            ingestor = self._begin_indexing(search, watch=False).ingestor
            while not ingestor.idle:
                time.sleep(_PROGRESS_SECONDS)
                if not (health := self.health()).ok:
                    reasons = "; ".join(health.reasons)
                    raise CrispdError(f"Indexing broke off: {reasons}. See the log.")
                if on_progress is not None:
                    progress = ingestor.progress()
                    done = progress.encoded + progress.linked + progress.failed
                    on_progress(progress, done + progress.pending)
            return ingestor.progress()
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop what runs and close what is open, within about ten seconds."""
        self._stopping = True
        search, indexing = self._search, self._indexing
        if search is not None:
            search.duplicates.stop()
        if self._prefetcher is not None:
            self._prefetcher.stop()
        if self._text is not None:
            self._text.stage.stop()
        if indexing is not None:
            indexing.ingestor.stop()
        if search is not None:
            # What killed a thread may be a damaged database: the next start reads it through.
            failed = indexing is not None and indexing.ingestor.has_failed
            search.library.lock.unclean_shutdown = failed
            search.library.close()

    def _open(self, *, watching: bool) -> SearchParts:
        tame_allocator()
        self._search = open_search(self.settings, self._throttle, watching=watching)
        return self._search

    def _begin_indexing(self, search: SearchParts, *, watch: bool) -> IndexingParts:
        self._indexing = start_indexing(
            self.settings, search.library, search.budgets, self._throttle, watch=watch
        )
        search.photos.indexing = self._indexing
        return self._indexing

    def _begin_prefetching(self, search: SearchParts, indexing: IndexingParts) -> IdleStage:
        work = ThumbnailPrefetch(
            search.library.database.read(),
            search.photos.renderer(),
            indexing.ingestor,
            search.photos.with_presence,
            indexing.crash_marker,
        )
        prefetcher = IdleStage(work, self._throttle)
        prefetcher.start()
        return prefetcher

    @property
    def _parts(self) -> SearchParts:
        if self._search is None or self._stopping:
            raise NotReady("crispd is starting or stopping. Ask again in a moment.")
        return self._search

    @property
    def _library(self) -> Library:
        return self._parts.library

    @property
    def _ingestor(self) -> Ingestor | None:
        return None if self._indexing is None else self._indexing.ingestor

    # --- search -------------------------------------------------------------------------------

    def search(self, query: Query) -> ResultPage:
        """Answer a query; indexing gives way meanwhile."""
        parts = self._parts
        collapses = query.group is not None and query.cursor is None
        groups = parts.duplicates.alike() if collapses else NO_GROUPS
        query = replace(query, filters=self._with_links_resolved(query.filters))
        with self._throttle.search():
            page = parts.engine.search(query, groups)
        seen = parts.photos.with_presence
        return replace(page, hits=tuple(replace(hit, photo=seen(hit.photo)) for hit in page.hits))

    def places(self, filters: Filters) -> list[PlaceCount]:
        """Places of the photos that the filters let through."""
        return self._parts.engine.metadata_index.places(self._with_links_resolved(filters))

    def _with_links_resolved(self, filters: Filters) -> Filters:
        roots = tuple(root.path for root in self._library.roots)
        return with_links_resolved(filters, roots)

    def hemisphere(self) -> Hemisphere:
        """Whose seasons are meant: of the settings, or where most photos were taken."""
        chosen = self.settings.hemisphere
        return self._parts.engine.metadata_index.hemisphere() if chosen == "auto" else chosen

    def known_names(self) -> KnownNames:
        """Folders of the library and places, for reading queries."""
        return self._parts.names

    def encoded(self, data: bytes) -> EncodedPhoto:
        """A picture that somebody sent, as queries take it. Raises PhotoError."""
        parts = self._parts
        with self._throttle.search():
            return encode_upload(data, parts.decode, parts.library.pack.image_encoder)

    def duplicates(self, limit: int, cursor: str | None) -> DuplicatePage:
        """Groups of photos that are nearly the same; those not compared yet are, in a thread."""
        return self._parts.duplicates.page(limit, cursor)

    def suggestions(self) -> Suggestions:
        """What could be asked for here. Words are tried a few at each call."""
        with self._throttle.search():
            return self._parts.engine.suggestions()

    def completions(self, q: str, at: int) -> list[Completion]:
        """What the words before the caret of a box may become."""
        return self._parts.engine.completions(q, at)

    # --- photos -------------------------------------------------------------------------------

    def photo(self, photo_id: str) -> PhotoRecord:
        """One photo by its public id, with the RAWs it stands for. Raises NotFound."""
        return self._parts.photos.photo(photo_id)

    def thumbnail(self, photo_id: str, size: int | None, media_type: PictureType) -> Rendition:
        """What its picture of ``size`` pixels will be; None: the default. Raises NotFound."""
        return self._parts.photos.thumbnail(photo_id, size, media_type)

    def preview(self, photo_id: str, size: int | None) -> Rendition:
        """What its JPEG for a screen will be. Raises NotFound."""
        return self._parts.photos.preview(photo_id, size)

    def cached_picture(self, wanted: Rendition) -> ImageBytes | None:
        """The picture where it lies ready; None where ``picture`` has to make it."""
        return self._parts.photos.cached_picture(wanted)

    def picture(self, wanted: Rendition) -> ImageBytes:
        """The picture. Raises NotFound or PhotoError."""
        return self._parts.photos.picture(wanted)

    def original(self, photo_id: str) -> OriginalFile:
        """Where the original lies and how to send it. Raises NotFound when its file is gone."""
        return self._parts.photos.original(photo_id)

    @property
    def devices(self) -> DeviceStore:
        """Who may ask. Raises NotReady while the data folder is not open."""
        return self._library.devices

    # --- folders and indexing -----------------------------------------------------------------

    def folders(self) -> list[FolderStatus]:
        """Each root as it stands."""
        return self._folders.folders()

    def rescan(self) -> int:
        """Begin a scan of every root now; how many."""
        return self._folders.rescan()

    def reread(self, path: str | None, photo_id: str | None) -> int:
        """Read a photo, or all below a folder, anew; how many. Raises NotFound."""
        if photo_id is not None:
            return self._folders.reread(*self._parts.photos.root_of(photo_id))
        return self._folders.reread_below(path or "")

    def confirm_missing(self, path: str | None) -> int:
        """Missing photos of a folder, or of all, are gone on purpose; how many folders waited."""
        return self._folders.confirm_missing(path)

    def problems(self, limit: int, offset: int) -> tuple[list[IndexingProblem], int]:
        """A page of the files that could not be read, and how many there are in all."""
        return self._folders.problems(limit, offset)

    def retry_problems(self) -> int:
        """Look at every failed file again; how many were taken on."""
        texts = 0 if self._text is None else self._text.reading.retry()
        return self._folders.retry_problems() + texts

    @property
    def _folders(self) -> FolderControl:
        return FolderControl(self._library, self._ingestor)

    def pause(self, *, paused: bool) -> None:
        """Stop taking on photos until told otherwise or restarted, or go on. Searches go on."""
        self._throttle.pauses.by_hand = paused

    # --- state --------------------------------------------------------------------------------

    def progress(self) -> IngestProgress:
        """How far indexing is."""
        return IngestProgress() if self._ingestor is None else self._ingestor.progress()

    def caches(self) -> dict[str, CacheStats]:
        """How often each cache had what was wanted."""
        library = self._library
        return {"texts": library.pack.text_encoder.use, "thumbnails": library.thumbnails.use}

    def status(self) -> ServiceStatus:
        """Flat counters for dashboards."""
        progress, trouble, pause = self.progress(), self._trouble(), self._throttle.pauses.why()
        return service_status(
            self._library,
            progress,
            self.folders(),
            state=current_state(progress, trouble, pause, healthy=self.health().ok),
            message=pause if trouble is None else Note(str(trouble), "storage"),
            started_at=self._started_at,
            thumbnails_pending=None if self._prefetcher is None else self._prefetcher.pending,
            text=TextProgress() if self._text is None else self._text.progress(),
        )

    def _trouble(self) -> StorageError | None:
        if self._ingestor is None:
            return self._library.read_only
        return self._ingestor.writer.trouble

    def health(self) -> HealthReport:
        """Red when a thread that must live is dead."""
        dead = [] if self._ingestor is None else self._ingestor.dead_threads()
        return HealthReport(not dead, tuple(dead))

    def readiness(self) -> HealthReport:
        """Green once searches are answered."""
        if not self._ready or self._stopping:
            return HealthReport(False, ("crispd is starting or stopping",))
        return self.health()
