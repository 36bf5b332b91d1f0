"""The decode stage: read once, hash, and decode only unknown content."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from crispd.errors import PhotoError, PhotoVanished
from crispd.images.decode import decode_photo
from crispd.images.isolation.trial_decode import trial_decode
from crispd.images.opening import read_metadata
from crispd.images.raw.capture_time import HEAD_BYTES, capture_key_of
from crispd.images.read import content_hash, read_file, read_head
from crispd.ingest.directory_cache import DirectoryCache
from crispd.ingest.raw_pairs import RawJpegPairs, is_pair
from crispd.ingest.read_sidecars import read_sidecars
from crispd.ingest.stages.jobs import (
    DecodedJob,
    FailedChange,
    HashedJob,
    Job,
    LinkedChange,
    PairedChange,
    RemovedChange,
)
from crispd.memory_budgets import NeedsWholeBudget
from crispd.types import PhotoState
from crispd.watch.walk import stamp_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from crispd.ingest.counters import IngestCounters
    from crispd.ingest.crash_marker import CrashMarker
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.decoded_queue import DecodedQueue
    from crispd.ingest.stages.content_claims import ContentClaims
    from crispd.ingest.stages.core_budget import CoreBudget
    from crispd.ingest.stages.jobs import Change
    from crispd.ingest.stages.work_queue import WorkQueue
    from crispd.memory_budgets import MemoryBudgets, MemoryReservation
    from crispd.types import (
        CaptureKey,
        DecodeLimits,
        FileStamp,
        ImageInput,
        KnownFile,
        PhotoMetadata,
    )

_TICK_SECONDS = 0.2
# A copy over a slow network may pause for longer than the settle time; a cut-off file this young
# is looked at again before it is called damaged.
_YOUNG_SECONDS = 20.0
_LOOK_AGAIN_SECONDS = 2.0


class KnownContent(Protocol):
    """What the stage reads from SQLite."""

    def known_file(self, root_id: int, path: str) -> KnownFile | None:
        """The row of a path."""

    def captures(self, root_id: int, paths: Sequence[str]) -> Mapping[str, CaptureKey]:
        """What those of the paths that are searchable say of their moment."""

    def label_of(self, content_hash: str, pack: str) -> int | None:
        """The embedding of a content."""


class ThumbnailSink(Protocol):
    """Receives thumbnails."""

    def put(self, content_hash: str, size: int, jpeg: bytes) -> None:
        """Keep one; failing to is not an error."""


@dataclass(frozen=True, slots=True)
class DecodeSettings:
    """Settings of the stage. ``thumbnails``: their long sides in pixels, rising."""

    pack: str
    wanted: ImageInput
    limits: DecodeLimits
    thumbnails: tuple[int, ...]
    rooms: MemoryBudgets


class DecodeStage:
    """The body of each decode thread. All collaborators are thread-safe."""

    def __init__(
        self,
        settings: DecodeSettings,
        *,
        jobs: WorkQueue,
        known: KnownContent,
        thumbnails: ThumbnailSink,
        claims: ContentClaims,
        courtesy: IndexingThrottle,
        tally: IngestCounters,
        budget: CoreBudget,
        decoded: DecodedQueue,
        commit: Callable[[Change], None],
        look_again: Callable[[Job, float], None],
        ignored: Callable[[int, str], bool],
        in_flight: CrashMarker,
    ) -> None:
        self._settings = settings
        self._jobs = jobs
        self._known = known
        self._thumbnails = thumbnails
        self._claims = claims
        self._courtesy = courtesy
        self._tally = tally
        self._budget = budget
        self._decoded = decoded
        self._commit = commit
        self._look_again = look_again
        self._ignored = ignored
        self._names = DirectoryCache()
        self._in_flight = in_flight

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            self._courtesy.wait_until_allowed(stop)
            job = self._jobs.take(_TICK_SECONDS)
            if job is None:
                continue
            self._tally.began()
            self._courtesy.yield_to_searches()
            with self._courtesy.working(stop):
                self._work(job)

    def _work(self, job: Job) -> None:
        stamp = stamp_of(job.root.path, job.path)
        if stamp is None:
            self._tally.settled()
            self._commit(RemovedChange(job.root, (job.path,)))
            return
        if self._ignored(job.root.id, job.path):  # since it was found; a scan removes its row
            self._tally.settled()
            return
        known = self._known.known_file(job.root.id, job.path)
        if self._is_stood_for(job, stamp) or _is_settled(job, stamp, known):
            self._tally.settled()
        elif content := _unchanged(job, stamp, known):
            self._commit(LinkedChange(HashedJob(job, stamp, content, read_sidecars(job))))
        else:
            self._read(job, stamp)

    def _is_stood_for(self, job: Job, stamp: FileStamp) -> bool:
        """Whether a picture beside this RAW is the photo, or may be once it was read."""
        pictures = RawJpegPairs(self._ignored, self._names).developed(job.root, job.path)
        if not pictures:
            return False
        known = self._known.captures(job.root.id, pictures)
        if known:
            capture = self._capture(job, stamp)
            if any(is_pair(capture, each) for each in known.values()):
                self._commit(PairedChange(job, stamp, capture))
                return True
        return any(self._known.known_file(job.root.id, each) is None for each in pictures)

    def _capture(self, job: Job, stamp: FileStamp) -> CaptureKey:
        """When and with what a RAW was taken: by its first bytes or, where need be, by all."""
        head = read_head(job.full_path, HEAD_BYTES, job.root.path)
        found = capture_key_of(head)
        most = self._settings.limits.max_bytes
        if found.taken_at is not None or len(head) < HEAD_BYTES or stamp.size > most:
            return found
        return self._settings.rooms.admit(
            stamp.size, lambda _: capture_key_of(read_head(job.full_path, most, job.root.path))
        )

    def _read(self, job: Job, stamp: FileStamp) -> None:
        rooms = self._settings.rooms
        decoded = rooms.admit(stamp.size, lambda place: self._read_whole(job, stamp, place))
        if decoded is not None:
            self._decoded.put(decoded)  # where it may wait, its file takes no room any more

    def _read_whole(
        self, job: Job, stamp: FileStamp, place: MemoryReservation
    ) -> DecodedJob | None:
        try:
            data, read = read_file(job.full_path, self._settings.limits, job.root.path)
        except PhotoVanished:
            self._later(job)
            return None
        except PhotoError as error:
            self._commit(FailedChange(job, stamp, error))
            return None
        # The stamp of what lies beside it is from before that is read: a change is seen.
        stamp = replace(read, sidecar=stamp.sidecar)
        hashed = HashedJob(job, stamp, content_hash(data), read_sidecars(job))
        if not self._claims.claim(hashed):
            return None
        # Asked under the claim: the one who held it before may just have finished.
        if self._known.label_of(hashed.content_hash, self._settings.pack) is None:
            return self._decode(hashed, data, place)
        for each in (hashed, *self._claims.release(hashed.content_hash)):
            self._commit(LinkedChange(each, self._read_again(each.job, data)))
        return None

    def _read_again(self, job: Job, data: bytes) -> PhotoMetadata | None:
        """The metadata of a path that was last looked at by a crispd that read less of it."""
        known = self._known.known_file(job.root.id, job.path)
        if known is None or not known.outdated:
            return None
        try:
            with self._in_flight.decoding(job.full_path):
                return read_metadata(data)
        except PhotoError:  # it was decoded once: what was read then stays
            return None

    def _decode(
        self, hashed: HashedJob, data: bytes, place: MemoryReservation
    ) -> DecodedJob | None:
        settings = self._settings
        path = hashed.job.full_path
        try:
            if path in self._in_flight.suspects:
                trial_decode(path, settings.limits)
            with self._in_flight.decoding(path), self._budget.decoding() as begin:

                def take(count: int) -> None:
                    place.take(count)  # first: who waits for memory holds no core
                    begin()

                limits = replace(settings.limits, take=take, max_memory=place.most)
                photo = decode_photo(data, settings.wanted, limits, thumbnails=settings.thumbnails)
        except NeedsWholeBudget:
            for each in self._claims.release(hashed.content_hash):
                self._later(each.job)
            raise
        except PhotoError as error:
            self._refuse(hashed, error)
            return None
        for thumbnail in photo.thumbnails:
            self._thumbnails.put(hashed.content_hash, thumbnail.size, thumbnail.jpeg)
        return DecodedJob(hashed, photo)

    def _refuse(self, hashed: HashedJob, error: PhotoError) -> None:
        young = error.code == "truncated" and _is_young(hashed.stamp)
        for each in (hashed, *self._claims.release(hashed.content_hash)):
            if young:
                self._later(each.job)
            else:
                self._commit(FailedChange(each.job, each.stamp, error))

    def _later(self, job: Job) -> None:
        self._tally.settled()
        self._look_again(job, _LOOK_AGAIN_SECONDS)


def _is_settled(job: Job, stamp: FileStamp, known: KnownFile | None) -> bool:
    if known is None or not known.stamp.fits(stamp) or known.outdated:
        return False
    return known.state is PhotoState.READY or not job.again


def _unchanged(job: Job, stamp: FileStamp, known: KnownFile | None) -> str | None:
    """The content of a photo of which only what lies beside it has changed."""
    if known is None or not known.stamp.alone_fits(stamp) or known.outdated or job.again:
        return None
    return known.content_hash if known.state is PhotoState.READY else None


def _is_young(stamp: FileStamp) -> bool:
    return abs(time.time() - stamp.mtime_ns / 1e9) < _YOUNG_SECONDS
