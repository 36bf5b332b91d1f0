"""The ingestor: all stages of ingest, started in order and stopped in reverse."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.ingest.counters import IngestCounters
from crispd.ingest.lending.decoded_queue import DecodedQueue
from crispd.ingest.lending.leases import VectorCheck
from crispd.ingest.lending.lend_stage import LENDERS, LendStage, room_for
from crispd.ingest.reindex import reindex
from crispd.ingest.scan.roots import Roots
from crispd.ingest.scan.scan_requests import ScanRequests
from crispd.ingest.scan.scanner import Scanner
from crispd.ingest.stages.content_claims import ContentClaims
from crispd.ingest.stages.core_budget import CoreBudget
from crispd.ingest.stages.decode_stage import DecodeSettings, DecodeStage
from crispd.ingest.stages.encode_stage import EncodeStage
from crispd.ingest.stages.intake import Intake
from crispd.ingest.stages.intake_queue import IntakeQueue
from crispd.ingest.stages.work_queue import WorkQueue
from crispd.ingest.stages.worker_thread import WorkerThread, alike, stop_workers
from crispd.ingest.stages.write_stage import Writer
from crispd.types import IngestProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.leases import Lending
    from crispd.ingest.scan.roots import RootState
    from crispd.ingest.stages.decode_stage import ThumbnailSink
    from crispd.ingest.stages.jobs import Job
    from crispd.ingest.stages.write_stage import WritableIndex
    from crispd.packs.manifest import TokensPart
    from crispd.store.database import Database
    from crispd.types import ImageEncoder, Root

log = logging.getLogger(__name__)

_STOP_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Plain values. Seconds where a name ends in seconds; ``watch``: follow changes live.

    ``encoders``: batches that are encoded beside each other, each of ``batch_size`` photos and on
    ``encoder_cores`` of the ``cores`` that decoders compute on as well.
    """

    decode: DecodeSettings
    decode_threads: int
    encoders: int
    encoder_cores: int
    batch_size: int
    cores: int
    settle_seconds: float
    rescan_seconds: float
    checkpoint_seconds: float
    removal_share: float
    exclude: tuple[str, ...] = ()
    watch: bool = True


class Ingestor:
    """Everything between the file system and a searchable photo."""

    def __init__(
        self,
        settings: IngestSettings,
        roots: Sequence[Root],
        *,
        database: Database,
        index: WritableIndex,
        encoder: ImageEncoder,
        thumbnails: ThumbnailSink,
        courtesy: IndexingThrottle,
        checkpoint: Callable[[], None],
        unsaved: bool,
        in_flight: CrashMarker,
        check_folder: Callable[[], None] = lambda: None,
        lending: Lending | None = None,
        tokens: TokensPart | None = None,
    ) -> None:
        """``lending``: to workers; ``tokens``: of the pack, which they make as well."""
        reader = database.read().for_pack(settings.decode.pack)
        self._in_flight = in_flight
        self._database = database
        self.tally = IngestCounters()
        self._jobs = WorkQueue()
        at_once = settings.batch_size * settings.encoders
        self._decoded = DecodedQueue(room_for(at_once, lending))
        claims, budget = ContentClaims(), CoreBudget(settings.cores)
        # Both before the stages, which ask each other for things by them.
        self._events = IntakeQueue()
        self._scan_requests = ScanRequests()
        self._roots = Roots(
            list(roots),
            self._events.offer,
            lambda root_id: reader.counts()[root_id].photos,
            reader.known_files,
            rescan_seconds=settings.rescan_seconds,
            exclude=settings.exclude,
            watch=settings.watch,
        )
        self.writer = Writer(
            database,
            index,
            settings.decode.pack,
            claims=claims,
            tally=self.tally,
            look_again=self._events.look_again,
            request_scan=self._scan_requests.request,
            ignored=self._roots.ignores,
            checkpoint=checkpoint,
            checkpoint_seconds=settings.checkpoint_seconds,
            unsaved=unsaved,
            check_folder=check_folder,
        )
        self._scanner = Scanner(
            self._roots,
            reader.known_files,
            reader,
            self._scan_requests,
            jobs=self._jobs,
            commit=self.writer.commit,
            look_again=self._events.look_again,
            settle_seconds=settings.settle_seconds,
            removal_share=settings.removal_share,
        )
        self._intake = Intake(
            {root.id: root for root in roots},
            self._events,
            settle_seconds=settings.settle_seconds,
            jobs=self._jobs,
            commit=self.writer.commit,
            request_scan=self._scan_requests.request,
            ignored=self._roots.ignores,
        )
        decode = DecodeStage(
            settings.decode,
            jobs=self._jobs,
            known=reader,
            thumbnails=thumbnails,
            claims=claims,
            courtesy=courtesy,
            tally=self.tally,
            budget=budget,
            decoded=self._decoded,
            commit=self.writer.commit,
            look_again=self._events.look_again,
            ignored=self._roots.ignores,
            in_flight=in_flight,
        )
        encode = EncodeStage(
            encoder,
            batch_size=settings.batch_size,
            decoded=self._decoded,
            claims=claims,
            courtesy=courtesy,
            budget=budget,
            cores=settings.encoder_cores,
            commit=self.writer.commit,
            wait_until_written=self.writer.wait_until_written,
        )
        yields = settings.watch  # nobody searches otherwise, and somebody may wait
        # In the order in which they start: each stage finds the next one running.
        self._workers = [
            WorkerThread("crispd-writer", self.writer.run, self.writer.wake),
            *self._lenders(lending, VectorCheck(encoder, tokens), settings, courtesy),
            *alike("crispd-encode", settings.encoders, encode.run, self._decoded.wake, yields),
            *alike("crispd-decode", settings.decode_threads, decode.run, self._jobs.wake, yields),
            WorkerThread("crispd-intake", self._intake.run, self._events.wake),
            WorkerThread("crispd-scanner", self._scanner.run, self._scan_requests.wake),
        ]

    def _lenders(
        self,
        lending: Lending | None,
        check: VectorCheck,
        settings: IngestSettings,
        courtesy: IndexingThrottle,
    ) -> Iterator[WorkerThread]:
        if lending is None:
            return
        lend = LendStage(
            lending,
            settings.decode.pack,
            check,
            own=settings.batch_size * settings.encoders,
            decoded=self._decoded,
            courtesy=courtesy,
            commit=self.writer.commit,
        )
        for number in range(LENDERS):
            yield WorkerThread(f"crispd-lend-{number}", lend.run, self._decoded.wake)

    def start(self) -> None:
        """Start every stage; the scanner goes through all roots at once."""
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Stop every stage, the first ones first; what is in flight is written."""
        self._roots.stop()
        stop_workers(reversed(self._workers), _STOP_SECONDS)
        self._in_flight.close()

    def dead_threads(self) -> list[str]:
        """Threads that ended although nobody asked them to, each in a few words."""
        return [worker.crash_report for worker in self._workers if worker.dead]

    @property
    def has_failed(self) -> bool:
        """Whether an error ended any thread."""
        return any(worker.failure is not None for worker in self._workers)

    def root_states(self) -> list[RootState]:
        """All roots as they stand."""
        return list(self._roots)

    def is_online(self, root_id: int) -> bool:
        """Whether a root is watched and present."""
        state = self._roots.get(root_id)
        # without a hint nobody has looked yet: a moment after the start
        return state is not None and (state.online or state.hint is None)

    def lag(self, root_id: int) -> float:
        """Age in seconds of the oldest change that waits under a root."""
        return self._intake.lag(root_id)

    def rescan(self) -> int:
        """Ask for a scan of every root; how many."""
        states = self.root_states()
        for state in states:
            state.next_look = 0.0
            self._scan_requests.request(state.root.id)
        return len(states)

    def confirm(self, path: str | None) -> int:
        """Missing photos of a root, or of all, are gone on purpose; how many roots waited."""
        found = [
            state
            for state in self.root_states()
            if path in {None, state.root.path} and self._roots.confirm(state)
        ]
        for state in found:
            self._scan_requests.request(state.root.id)
        return len(found)

    def retry(self, jobs: Sequence[Job]) -> int:
        """Look at these files again although they have not changed; how many were taken on."""
        for job in jobs:
            self._events.look_again(job, 0.0)
        return len(jobs)

    def reread(self, root: Root, path: str) -> int:
        """Read a photo of a root, or all below a folder, anew; how many. Raises NotFound."""
        return reindex(
            self._database,
            root,
            path,
            request_scan=self._scan_requests.request,
            look_again=self._events.look_again,
            ignored=self._roots.ignores,
        )

    def pending(self) -> int:
        """Files and events that wait or are being worked on."""
        files = len(self._intake) + self._scanner.backlog + len(self._jobs) + self.tally.in_flight
        # what a scan finds moved or gone is in the line of the writer alone
        return files or int(not self.writer.idle)

    def progress(self) -> IngestProgress:
        """How far the pipeline is."""
        scanning = self._scanner.scanning  # first: what a scan finds waits before it ends
        pending, rate = self.pending(), self.tally.rate()
        return IngestProgress(
            pending=pending,
            scanning=scanning,
            encoded=self.tally["encoded"],
            linked=self.tally["linked"],
            failed=self.tally["failed"],
            removed=self.tally["removed"],
            moved=self.tally["moved"],
            images_per_second=round(rate, 2),
            eta_seconds=round(pending / rate, 1) if pending and rate else None,
        )

    @property
    def idle(self) -> bool:
        """Whether every root has been scanned and nothing waits."""
        return not self._scanner.scanning and not self.pending()
