"""The composition of the service: folders, library and search.

Its methods block; any thread may call them.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, NotReady
from crispd.fine_pack.filling import fine_progress
from crispd.ingest.encode_upload import encode_upload
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.pause_policy import PausePolicy, QuietHours
from crispd.library.limits import PACKS
from crispd.packs.automatic import why_chosen
from crispd.platform.memory import tame_allocator
from crispd.search.results.collapse import NO_GROUPS
from crispd.service.folder_control import FolderControl
from crispd.service.last_counts import LastCounts
from crispd.service.live_parts import LiveParts
from crispd.service.packs.pack_control import PackControl
from crispd.service.packs.switch_loading import make_pack_switch
from crispd.service.parts import open_search
from crispd.service.stages.text_stage import forget_text, read_again, reading_state
from crispd.service.status import current_state, service_status
from crispd.store.data_dir.free_space import FreeSpace
from crispd.types import (
    HealthReport,
    IngestProgress,
    Note,
    PackActivity,
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
    from crispd.library.library import Library
    from crispd.query import Hemisphere
    from crispd.service.background import BackgroundWork
    from crispd.service.parts import SearchParts
    from crispd.service.stages.text_stage import TextStage
    from crispd.types import (
        Bounds,
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
        PhotoText,
        PictureType,
        PlaceCount,
        Query,
        Rendition,
        ResultPage,
        TextReadingState,
        ValueCount,
    )

log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.2


class Service:
    """Builds its parts at its start, and passes each call to the part that handles it.

    ``opened_at``: when the library and its models were loaded, by the monotonic clock.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.opened_at = 0.0
        self._started_at = time.monotonic()
        self._live: LiveParts | None = None
        self._packs: PackControl | None = None
        self._ready = False
        self._stopping = False
        self._space = FreeSpace(settings.data_dir)
        self._counts = LastCounts()
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
        live, switch = self._open(watching=True), None
        if live.search.library.read_only is None:
            live.warm_up()
            live.begin(watch=True)
            switch = make_pack_switch(self.settings, live)
            switch.start()
        self._packs = PackControl(self.settings, live, switch)
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
        live = self._open(watching=True, at_once=True)
        if (read_only := live.search.library.read_only) is not None:
            self.stop()
            raise read_only
        try:
            ingestor = live.begin(watch=False).indexing.ingestor
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
        if self._packs is not None:
            self._packs.stop()
        if self._live is not None:
            self._live.close()

    def _open(self, *, watching: bool, at_once: bool = False) -> LiveParts:
        tame_allocator()
        search = open_search(self.settings, self._throttle, watching=watching, at_once=at_once)
        self._live = LiveParts(self.settings, search, self._throttle)
        self.opened_at = time.monotonic()
        return self._live

    @property
    def _opened(self) -> LiveParts:
        if self._live is None or self._stopping:
            raise NotReady("crispd is starting or stopping. Ask again in a moment.")
        return self._live

    @property
    def _parts(self) -> SearchParts:
        return self._opened.search

    @property
    def _library(self) -> Library:
        return self._parts.library

    @property
    def _background(self) -> BackgroundWork | None:
        return None if self._live is None else self._live.background

    @property
    def _text(self) -> TextStage | None:
        background = self._background
        return None if background is None else background.text

    @property
    def _ingestor(self) -> Ingestor | None:
        background = self._background
        return None if background is None else background.indexing.ingestor

    # --- search -------------------------------------------------------------------------------

    def search(self, query: Query) -> ResultPage:
        """Answer a query; indexing gives way meanwhile."""
        printed = None if query.printed is None else self._with_links_resolved(query.printed)
        query = replace(query, filters=self._with_links_resolved(query.filters), printed=printed)
        with self._opened.searching(query.picture) as parts:
            collapses = query.group is not None and query.cursor is None
            groups = parts.duplicates.alike() if collapses else NO_GROUPS
            with self._throttle.search(), parts.library.database.snapshot():
                page = parts.engine.search(query, groups)
        return replace(page, hits=parts.photos.hits_with_presence(page.hits))

    def places(
        self, filters: Filters, part: str = "", bounds: Bounds | None = None
    ) -> list[PlaceCount]:
        """Places of the photos that the filters let through."""
        filters = self._with_links_resolved(filters)
        return self._parts.engine.metadata_index.places(filters, part, bounds)

    def people(self, filters: Filters, part: str = "") -> list[ValueCount]:
        """People on the photos that the filters let through."""
        return self._parts.engine.metadata_index.people(self._with_links_resolved(filters), part)

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
        pack = parts.library.pack
        with self._throttle.search():
            found = encode_upload(data, parts.decode, pack.image_encoder)
        return replace(found, pack=pack.id)

    def duplicates(self, limit: int, cursor: str | None) -> DuplicatePage:
        """Groups of photos that are nearly the same; those not compared yet are, in a thread."""
        return self._parts.duplicates.page(limit, cursor)

    def suggestions(self) -> Suggestions:
        """What could be asked for here. Words are tried a few at each call."""
        with self._throttle.search():
            return self._parts.engine.suggestions()

    def completions(self, q: str, at: int, language: str = "") -> list[Completion]:
        """What the words before the caret of a box may become."""
        return self._parts.engine.completions(q, at, language)

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

    def photo_text(self, photo_id: str, words: str) -> PhotoText:
        """What was read in a photo, and where ``words`` stand in it. Raises NotFound."""
        return self._parts.photos.text(photo_id, words)

    def text_reading(self) -> TextReadingState:
        """Whether text in photos is read."""
        return reading_state(self._library, self._text)

    def forget_text(self) -> int:
        """Remove all text of photos and read none until somebody asks; of how many contents."""
        return forget_text(self._library, self._text)

    def read_text_again(self) -> None:
        """Read text again after it was forgotten."""
        read_again(self._library, self._text)

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
        return FolderControl(self._library, self._ingestor, self._counts)

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
        progress, folders, pause = self.progress(), self.folders(), self._throttle.pauses.why()
        trouble = self._trouble() or self._counts.trouble
        background = self._background
        prefetcher = None if background is None else background.prefetcher
        words = None if background is None else background.words
        text = TextProgress() if self._text is None else self._text.progress()
        return service_status(
            self._library,
            progress,
            folders,
            state=current_state(progress, trouble, pause, text, healthy=self.health().ok),
            message=pause if trouble is None else Note(str(trouble), "storage"),
            started_at=self._started_at,
            thumbnails_pending=None if prefetcher is None else prefetcher.pending,
            words_pending=0 if words is None else words.pending,
            pack_why=why_chosen(
                self.settings.pack, self.settings.data_dir / PACKS, self._library.pack.name
            ),
            text=text,
            packs=PackActivity() if self._packs is None else self._packs.activity(),
            fine=fine_progress(self._parts.fine, None if background is None else background.fine),
        )

    @property
    def packs(self) -> PackControl:
        """Packs that are here and could be. Raises NotReady."""
        if self._packs is None or self._stopping:
            raise NotReady("crispd is starting or stopping. Ask again in a moment.")
        return self._packs

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
