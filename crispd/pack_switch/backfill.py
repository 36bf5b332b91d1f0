"""Backfill: photos that are searchable already are encoded by another pack, behind everything else.

The stages of indexing do it, politely as ever. What is done is in the database, so a kill costs the
photos in hand; photos that come meanwhile are found like those that were there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import DiskFull, StorageError, StorageLocked, StorageUnwritable
from crispd.ingest.counters import IngestCounters
from crispd.ingest.lending.decoded_queue import DecodedQueue
from crispd.ingest.lending.leases import VectorCheck
from crispd.ingest.lending.lend_stage import LENDERS, LendStage, room_for
from crispd.ingest.stages.content_claims import ContentClaims
from crispd.ingest.stages.core_budget import CoreBudget
from crispd.ingest.stages.decode_stage import DecodeStage
from crispd.ingest.stages.encode_stage import EncodeStage
from crispd.ingest.stages.jobs import EncodedChange, FailedChange, Job
from crispd.ingest.stages.work_queue import WorkQueue
from crispd.ingest.stages.worker_thread import WorkerThread, alike
from crispd.types import Root

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.leases import Lending
    from crispd.ingest.stages.decode_stage import DecodeSettings
    from crispd.ingest.stages.jobs import Change
    from crispd.packs.manifest import Manifest
    from crispd.store.database import Database
    from crispd.store.pack_vectors import PackVectors
    from crispd.types import EncodedPhoto, ImageEncoder, PhotoRecord

_QUEUE = 16  # short: photos that come are indexed first
_AT_ONCE = 100
_TICK_SECONDS = 0.1
_RETRY_SECONDS = 2.0
_JOIN_SECONDS = 8.0
_UNIT_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class BackfillResult:
    """``left``: photos that were not encoded, of which ``away`` lie where no drive is now and
    ``refused`` the pack made nothing of; the others could not be read.
    """

    left: int = 0
    away: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class BackfillSources:
    """What it works with. ``decode``: as indexing decodes; ``with_presence``: a photo with a word
    on whether its drive is there; ``busy``: whether indexing has something to do; ``lending``: to
    workers.
    """

    database: Database
    vectors: PackVectors
    decode: DecodeSettings
    decode_threads: int
    batch_size: int
    throttle: IndexingThrottle
    crash_marker: CrashMarker
    with_presence: Callable[[PhotoRecord], PhotoRecord]
    busy: Callable[[], bool]
    lending: Lending


class _NoThumbnails:
    def put(self, content_hash: str, size: int, jpeg: bytes) -> None:
        """They are kept already."""


class Backfill:
    """Encodes what the pack has not. ``run`` in one thread; progress may be asked from any."""

    def __init__(
        self,
        sources: BackfillSources,
        manifest: Manifest,
        encoder: ImageEncoder,
        stop: threading.Event,
    ) -> None:
        self._sources = sources
        self._pack = manifest.id
        self._dim = manifest.dim
        self._stop = stop
        self._counters = IngestCounters()
        self._jobs = WorkQueue(_QUEUE)
        self._decoded = DecodedQueue(room_for(sources.batch_size, sources.lending))
        self._claims = ContentClaims()
        self._refused: set[str] = set()
        self.trouble: StorageError | None = None
        self._workers = list(self._made(sources, manifest, encoder))

    def _made(
        self, sources: BackfillSources, manifest: Manifest, encoder: ImageEncoder
    ) -> Iterator[WorkerThread]:
        # the encoder has all cores, and decoders as many: as the system shares them out
        budget = CoreBudget(sources.decode_threads + 1)
        decode = DecodeStage(
            replace(sources.decode, pack=manifest.id, wanted=manifest.image.input),
            jobs=self._jobs,
            known=sources.database.read().for_pack(self._pack),
            thumbnails=_NoThumbnails(),
            claims=self._claims,
            courtesy=sources.throttle,
            tally=self._counters,
            budget=budget,
            decoded=self._decoded,
            commit=self._commit,
            look_again=lambda job, delay: None,  # the next round does
            ignored=lambda root_id, path: False,
            in_flight=sources.crash_marker,
        )
        encode = EncodeStage(
            encoder,
            batch_size=sources.batch_size,
            decoded=self._decoded,
            claims=self._claims,
            courtesy=sources.throttle,
            budget=budget,
            cores=1,
            commit=self._commit,
            wait_until_written=lambda stop: None,
        )
        yield WorkerThread("crispd-backfill-encode", encode.run, self._decoded.wake, yields=True)
        lend = LendStage(
            sources.lending,
            manifest.id,
            VectorCheck(encoder, manifest.tokens),
            own=sources.batch_size,
            decoded=self._decoded,
            courtesy=sources.throttle,
            commit=self._commit,
        )
        for number in range(LENDERS):
            yield WorkerThread(f"crispd-backfill-lend-{number}", lend.run, self._decoded.wake)
        yield from alike(
            "crispd-backfill-decode", sources.decode_threads, decode.run, self._jobs.wake, True
        )

    @property
    def rate(self) -> float:
        """Photos a second over the last minute."""
        return self._counters.rate()

    def run(self) -> BackfillResult:
        """Until nothing is left that can be encoded now, or ``stop`` is set."""
        for worker in self._workers:
            worker.start()
        try:
            while True:
                done = self._counters["encoded"]
                away = self._round(self._sources.vectors.missing(self._pack))
                if self._counters["encoded"] == done or self._stop.is_set():
                    left = len(self._sources.vectors.missing(self._pack))
                    return BackfillResult(left, away, len(self._refused))
        finally:
            for worker in reversed(self._workers):
                worker.request_stop()
            for worker in reversed(self._workers):
                worker.join(_JOIN_SECONDS)

    def _round(self, rows: Sequence[int]) -> int:
        """Offer these photos once; how many are away."""
        away, reader = 0, self._sources.database.read()
        for start in range(0, len(rows), _AT_ONCE):
            known = reader.photos_at(rows[start : start + _AT_ONCE])
            for row in rows[start : start + _AT_ONCE]:
                if row not in known:
                    continue
                photo = self._sources.with_presence(known[row])
                if not photo.online:
                    away += 1
                elif not self._offer(Job(Root(photo.root_id, photo.root_path), photo.path)):
                    return away
        while self._working() and not self._stop.wait(_TICK_SECONDS):
            self._check()
        return away

    def _offer(self, job: Job) -> bool:
        """Whether to go on."""
        while self._sources.busy() and not self._stop.wait(_TICK_SECONDS):
            pass
        while not self._stop.is_set():
            self._check()
            if self._jobs.put_backlog(job, _TICK_SECONDS):
                return True
        return False

    def _working(self) -> bool:
        return bool(len(self._jobs) or self._counters.in_flight)

    def _check(self) -> None:
        dead = next((worker for worker in self._workers if worker.dead), None)
        if dead is not None and dead.failure is not None:
            raise dead.failure

    def _commit(self, *changes: Change) -> None:
        for change in changes:
            self._commit_one(change)

    def _commit_one(self, change: Change) -> None:
        """Of what the stages find, vectors alone are kept: the rest is indexing's."""
        what = None
        if isinstance(change, EncodedChange):
            content = change.decoded.hashed.content_hash
            if self._usable(change.encoded):
                self._save(content, change.encoded, change.decoded.photo.metadata.colourfulness)
                what = "encoded"
            else:
                self._refused.add(content)
            for _ in self._claims.release(content):
                self._counters.settled()
        elif isinstance(change, FailedChange) and change.error.code == "encoder":
            self._refused.add(f"{change.job.root.id} {change.job.path}")
        self._counters.settled(what)

    def _usable(self, encoded: EncodedPhoto) -> bool:
        """Whether it is a unit vector of the pack's length: what else it is, no index may hold."""
        vector = encoded.embedding
        length = float(np.linalg.norm(vector)) if vector.shape == (self._dim,) else np.nan
        return bool(abs(length - 1) < _UNIT_TOLERANCE)  # nan is not

    def _save(self, content: str, encoded: EncodedPhoto, colourfulness: int | None) -> None:
        """What passes, as a full disk does, is waited out."""
        while not self._stop.is_set():  # the database may be closed by then
            try:
                self._sources.vectors.save(content, self._pack, encoded, colourfulness)
            except (DiskFull, StorageLocked, StorageUnwritable) as error:
                self.trouble = error
                if self._stop.wait(_RETRY_SECONDS):
                    return
            else:
                self.trouble = None
                return
