"""The composition root: builds, starts and stops everything, in order.

``Service`` is what the HTTP face and the command line hold. Its methods block and may be called
from any thread.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.duplicates.duplicate_service import DuplicateService
from crispd.errors import CrispdError, DiskFull, NotFound, NotReady
from crispd.images.isolation.trial_decode import trial_decode
from crispd.ingest.crash_marker import CrashMarker
from crispd.ingest.encode_upload import encode_upload
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.ingestor import Ingestor
from crispd.ingest.pause_policy import PausePolicy, QuietHours
from crispd.ingest.raw_pairs import RawJpegPairs
from crispd.ingest.scan.roots import folder_status, unwatched_status
from crispd.ingest.size_limit_changes import previously_too_large
from crispd.ingest.stages.jobs import retry_of
from crispd.ingest_configuration import decode_settings, ingest_settings, limits_sentence
from crispd.library import Library, open_library
from crispd.memory_budgets import MemoryBudget, MemoryBudgets, make_memory_budgets
from crispd.memory_plan import tame_allocator
from crispd.query.dictionary import Dictionary
from crispd.query.spelling import SpellingCorrector
from crispd.sample_queries import sample_queries_for
from crispd.search.collapse import NO_GROUPS
from crispd.search.engine import SearchEngine
from crispd.service_status import service_status
from crispd.store.data_dir.free_space import FreeSpace
from crispd.thumbnails.prefetch import PrefetchSources, ThumbnailPrefetcher
from crispd.thumbnails.rendering import PhotoRenderer, original_of
from crispd.types import (
    DecodeLimits,
    FolderStatus,
    HealthReport,
    ImageBytes,
    IngestProgress,
    Root,
    ServiceStatus,
    Suggestions,
)
from crispd.watch.linked_filters import with_links_resolved
from crispd.watch.placement import place_in
from crispd.watch.presence import why_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.config import Settings
    from crispd.errors import StorageError
    from crispd.ingest.stages.decode_stage import DecodeSettings
    from crispd.query import Hemisphere
    from crispd.types import (
        CacheStats,
        DeviceStore,
        DuplicatePage,
        EncodedPhoto,
        IndexingProblem,
        OriginalFile,
        PhotoRecord,
        PictureType,
        Query,
        Rendition,
        ResultPage,
        State,
    )

log = logging.getLogger(__name__)

_PROGRESS_SECONDS = 0.2
_DUPLICATES_SECONDS = 1.0  # small libraries are through by then


class Service:
    """One house: its folders, its library and the search over it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._started_at = time.monotonic()
        self._library: Library | None = None
        self._engine: SearchEngine | None = None
        self._duplicates: DuplicateService | None = None
        self._ingestor: Ingestor | None = None
        self._in_flight: CrashMarker | None = None
        self._ahead: ThumbnailPrefetcher | None = None
        self._roots: list[Root] = []
        self._rooms = MemoryBudgets(MemoryBudget(0), MemoryBudget(0))
        self._ready = False
        self._stopping = False
        self._space = FreeSpace(settings.data_dir)
        pauses = PausePolicy(
            QuietHours.parse(settings.quiet_hours),
            settings.temperature_limit,
            scarcity=self._space.scarcity,
        )
        self._courtesy = IndexingThrottle(pauses, settings.cpu_share)

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Open everything and begin to watch; searchable when this returns.

        Where the data folder is read-only, what was known is searched, and nothing is watched.
        """
        self._open(watching=True)
        if self._opened.read_only is not None:
            self._ready = True
            return
        ingestor = self._begin_ingest(watch=True)
        if self.settings.thumbnails_ahead:
            reader = self._opened.database.read()
            house = PrefetchSources(reader, self._media, ingestor, self._seen, self._in_flight)
            self._ahead = ThumbnailPrefetcher(house, self._courtesy)
            self._ahead.start()
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
        pauses = PausePolicy(None, self.settings.temperature_limit, scarcity=self._space.scarcity)
        self._courtesy = IndexingThrottle(pauses, self.settings.cpu_share)
        self._open(watching=True)
        if (read_only := self._opened.read_only) is not None:
            self.stop()
            raise read_only
        try:
            ingestor = self._begin_ingest(watch=False)
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
        if self._duplicates is not None:
            self._duplicates.stop()
        if self._ahead is not None:
            self._ahead.stop()
        if self._ingestor is not None:
            self._ingestor.stop()
        if self._library is not None:
            # What killed a thread may be a damaged database: the next start reads it through.
            self._library.lock.suspicious = self._ingestor is not None and self._ingestor.has_failed
            self._library.close()
        self._engine = None

    def _open(self, *, watching: bool) -> None:
        tame_allocator()
        self._library = library = open_library(self.settings, watching=watching)
        self._roots = library.roots
        self._rooms = make_memory_budgets(library.memory)
        pack = library.pack
        language, *others = pack.manifest.language_codes
        reader = library.database.read().for_pack(pack.id)
        self._engine = SearchEngine(
            pack.text_encoder,
            library.index,
            reader,
            pack.reranker,
            pack.calibration,
            reader.listings(pack.id),
            speller=SpellingCorrector(pack.words, language, Dictionary.of(language), others),
            relevance=pack.relevance,
            pictures=pack.pictures,
            short_list=self.settings.short_list,
            fine_deadline_ms=self.settings.fine_deadline_ms,
            suggested=sample_queries_for(library.roots),
        )
        seen = (library.index, reader, self._engine.metadata_index, pack.unpack)
        named = f"{library.database.id} {pack.id}"
        folder = library.folder / "index"
        give_way, picture = self._courtesy.yield_to_searches, self._media.of_size
        self._duplicates = DuplicateService(*seen, give_way, folder, named, picture)

    def _begin_ingest(self, *, watch: bool) -> Ingestor:
        library = self._opened
        self._in_flight = CrashMarker(library.folder)
        self._ingestor = Ingestor(
            ingest_settings(self.settings, library, self._rooms, watch=watch),
            self._roots,
            database=library.database,
            index=library.index,
            encoder=library.pack.image_encoder,
            thumbnails=library.thumbnails,
            courtesy=self._courtesy,
            checkpoint=library.save_index,
            unsaved=library.unsaved,
            in_flight=self._in_flight,
            check_folder=library.lock.check,
        )
        self._ingestor.start()
        limits = limits_sentence(self.settings, library)
        self._ingestor.retry(previously_too_large(library.database, limits, self._roots))
        return self._ingestor

    @property
    def _decode_settings(self) -> DecodeSettings:
        return decode_settings(self.settings, self._opened, self._rooms)

    @property
    def _opened(self) -> Library:
        if self._library is None or self._stopping:
            raise NotReady("crispd is starting or stopping. Ask again in a moment.")
        return self._library

    # --- search -------------------------------------------------------------------------------

    def search(self, query: Query) -> ResultPage:
        """Answer a question; indexing gives way meanwhile."""
        engine, roots = self._answering, tuple(root.path for root in self._roots)
        found = self._duplicates if query.group is not None and query.cursor is None else None
        alike = NO_GROUPS if found is None else found.alike()
        with self._courtesy.search():
            answer = engine.search(with_links_resolved(query, roots), alike)
        hits = tuple(replace(hit, photo=self._seen(hit.photo)) for hit in answer.hits)
        return replace(answer, hits=hits)

    def hemisphere(self) -> Hemisphere:
        """Whose seasons are meant: of the settings, or where most photos were taken."""
        told = self.settings.hemisphere
        return self._answering.metadata_index.hemisphere() if told == "auto" else told

    def encoded(self, data: bytes) -> EncodedPhoto:
        """A picture that somebody sent, as questions take it. Raises PhotoError."""
        pack = self._opened.pack
        with self._courtesy.search():
            return encode_upload(data, self._decode_settings, pack.image_encoder)

    def duplicates(self, limit: int, cursor: str | None) -> DuplicatePage:
        """Groups of photos that are nearly the same; those not compared yet are, in a thread."""
        if self._duplicates is None:
            raise NotReady("crispd is still starting. Ask again in a moment.")
        return self._duplicates.page(limit, cursor)

    def suggestions(self) -> Suggestions:
        """What could be asked for here. Words are tried a few at each call (see Suggester)."""
        with self._courtesy.search():
            return self._answering.suggestions()

    @property
    def _answering(self) -> SearchEngine:
        if self._engine is None:
            raise NotReady("crispd is still starting. Ask again in a moment.")
        return self._engine

    # --- photos -------------------------------------------------------------------------------

    def photo(self, photo_id: str) -> PhotoRecord:
        """One photo by its public id, with the RAWs it stands for. Raises NotFound."""
        record = self._record(photo_id)
        root = Root(record.root_id, record.root_path)
        reader = self._opened.database.read()
        beside = RawJpegPairs(lambda *_: False).raws(root, record.path)
        # one with a row is a photo of its own
        raws = [raw for raw in beside if reader.known_file(root.id, raw) is None]
        return replace(record, raws=tuple(sorted(raws)))

    def _record(self, photo_id: str) -> PhotoRecord:
        record = self._opened.database.read().photo(photo_id)
        if record is None:
            raise NotFound(f"There is no photo with the id {photo_id!r}.")
        return self._seen(record)

    def _seen(self, record: PhotoRecord) -> PhotoRecord:
        """With a word on whether its folder is present."""
        if self._ingestor is None:
            online = why_absent(record.root_path, had_photos=True) is None
        else:
            online = self._ingestor.is_online(record.root_id)
        return record if online else replace(record, online=False)

    def thumbnail(self, photo_id: str, size: int | None, media_type: PictureType) -> Rendition:
        """What its picture of ``size`` pixels will be; None: the default. Raises NotFound."""
        return self._media.thumbnail(self._record(photo_id), size, media_type)

    def preview(self, photo_id: str, size: int | None) -> Rendition:
        """What its JPEG for a screen will be. Raises NotFound."""
        return self._media.preview(self._record(photo_id), size)

    def cached_picture(self, wanted: Rendition) -> ImageBytes | None:
        """The picture where it lies ready; None where ``picture`` has to make it."""
        return self._media.kept(wanted)

    def picture(self, wanted: Rendition) -> ImageBytes:
        """The picture. Raises NotFound or PhotoError."""
        return self._media.picture(wanted)

    @property
    def _media(self) -> PhotoRenderer:
        return PhotoRenderer(self._opened.thumbnails, self._limits, self._rooms, self._guarded)

    @contextmanager
    def _guarded(self, path: str) -> Iterator[None]:
        """As indexing decodes: noted, and tried out elsewhere first where it seems to crash."""
        if self._in_flight is None:
            yield
            return
        if path in self._in_flight.suspects:
            trial_decode(path, self._limits)
        with self._in_flight.decoding(path):
            yield

    @property
    def _limits(self) -> DecodeLimits:
        memory = self._opened.memory
        return DecodeLimits(memory.max_pixels, memory.max_bytes)

    def original(self, photo_id: str) -> OriginalFile:
        """Where the original lies and how to send it. Raises NotFound when its file is gone."""
        return original_of(self._record(photo_id))

    @property
    def devices(self) -> DeviceStore:
        """Who may ask. Raises NotReady while the data folder is not open."""
        return self._opened.devices

    # --- the state of the house ---------------------------------------------------------------

    def folders(self) -> list[FolderStatus]:
        """Each root as it stands."""
        counts = self._opened.database.read().counts()
        if (ingestor := self._ingestor) is None:
            return [unwatched_status(root, counts[root.id]) for root in self._roots]
        return [
            folder_status(state, counts[state.root.id], ingestor.lag(state.root.id))
            for state in ingestor.root_states()
        ]

    def rescan(self) -> int:
        """Begin a scan of every root now; how many."""
        return self._ingesting.rescan()

    def reread(self, path: str | None, photo_id: str | None) -> int:
        """Read a photo, or all below a folder, anew; how many. One of the two is given.

        What is known stays until then, also over a restart or while its drive is away. Raises
        NotFound.
        """
        if photo_id is None:
            return self._ingesting.reread(*place_in(self._roots, path or ""))
        photo = self._record(photo_id)
        return self._ingesting.reread(Root(photo.root_id, photo.root_path), photo.path)

    def confirm_missing(self, path: str | None) -> int:
        """Missing photos of a folder, or of all, are gone on purpose; how many folders waited.

        Raises NotFound for a folder that is not watched.
        """
        if path is not None and path not in {root.path for root in self._roots}:
            raise NotFound(f"{path} is not watched. See /folders for those that are.")
        return self._ingesting.confirm(path)

    def problems(self, limit: int, offset: int) -> tuple[list[IndexingProblem], int]:
        """A page of the files that could not be read, and how many there are in all."""
        reader = self._opened.database.read()
        return reader.problems(limit, offset), reader.problem_count()

    def retry_problems(self) -> int:
        """Look at every failed file again; how many were taken on."""
        reader = self._opened.database.read()
        problems = reader.problems(reader.problem_count(), 0)
        return self._ingesting.retry(retry_of(problems, self._roots))

    def pause(self, *, paused: bool) -> None:
        """Stop taking on photos until told otherwise or restarted, or go on. Searches go on."""
        self._courtesy.pauses.by_hand = paused

    def progress(self) -> IngestProgress:
        """How far indexing is."""
        return self._ingestor.progress() if self._ingestor is not None else IngestProgress()

    def caches(self) -> dict[str, CacheStats]:
        """How often each cache had what was wanted."""
        library = self._opened
        return {"texts": library.pack.text_encoder.use, "thumbnails": library.thumbnails.use}

    def status(self) -> ServiceStatus:
        """Flat counters for dashboards."""
        library, progress, trouble = self._opened, self.progress(), self._trouble()
        return service_status(
            library,
            progress,
            self.folders(),
            state=self._state(progress),
            message=self._courtesy.pauses.why() if trouble is None else str(trouble),
            started_at=self._started_at,
            thumbnails_pending=None if self._ahead is None else self._ahead.pending,
        )

    def _state(self, progress: IngestProgress) -> State:
        trouble = self._trouble()
        if isinstance(trouble, DiskFull):
            return "paused"
        if not self.health().ok or trouble is not None:
            return "degraded"
        if not (progress.pending or progress.scanning):
            return "ready"
        return "indexing" if self._courtesy.pauses.why() is None else "paused"

    def _trouble(self) -> StorageError | None:
        if self._ingestor is None:
            return self._opened.read_only
        return self._ingestor.writer.trouble

    def health(self) -> HealthReport:
        """Red when a thread that must live is dead."""
        dead = self._ingestor.dead_threads() if self._ingestor is not None else []
        return HealthReport(not dead, tuple(dead))

    def readiness(self) -> HealthReport:
        """Green once searches are answered."""
        if not self._ready or self._stopping:
            return HealthReport(False, ("crispd is starting or stopping",))
        return self.health()

    @property
    def _ingesting(self) -> Ingestor:
        if self._ingestor is None:
            if (read_only := self._opened.read_only) is not None:
                raise read_only
            raise NotReady("Nothing is being watched in this process.")
        return self._ingestor
