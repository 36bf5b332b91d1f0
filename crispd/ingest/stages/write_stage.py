"""The write stage, one thread: SQLite first, the vector index after the commit."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from crispd.errors import DiskFull, StorageLocked, StorageUnwritable
from crispd.ingest.directory_cache import DirectoryCache
from crispd.ingest.raw_pairs import RawJpegPairs
from crispd.ingest.stages.apply_change import ChangeEffects, apply_change
from crispd.ingest.stages.jobs import Change, EncodedChange, Job, LinkedChange
from crispd.ingest.stages.wakeable_queue import WakeableQueue
from crispd.watch.volumes import StableStamps

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.errors import StorageError
    from crispd.ingest.counters import IngestCounters
    from crispd.ingest.stages.content_claims import ContentClaims
    from crispd.store.database import Database
    from crispd.types import Floats, Labels

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
_BATCH = 64
_RETRY_SECONDS = 2.0


class WritableIndex(Protocol):
    """The vector index as its one writer sees it."""

    def add(self, labels: Labels, vectors: Floats) -> None:
        """Add vectors, or bring back removed ones."""

    def remove(self, labels: Labels) -> None:
        """Remove vectors; unknown labels are ignored."""


class Writer:
    """The body of the writer thread. ``commit`` may be called from any other thread."""

    def __init__(
        self,
        database: Database,
        index: WritableIndex,
        pack: str,
        *,
        claims: ContentClaims,
        tally: IngestCounters,
        look_again: Callable[[Job, float], None],
        request_scan: Callable[[int, str], None],
        ignored: Callable[[int, str], bool],
        checkpoint: Callable[[], None],
        checkpoint_seconds: float,
        unsaved: bool = False,
        check_folder: Callable[[], None] = lambda: None,
    ) -> None:
        """``check_folder``: raises StorageError where the data folder was taken away."""
        self._database = database
        self._index = index
        self._pack = pack
        self._claims = claims
        self._tally = tally
        self._look_again = look_again
        self._request_scan = request_scan
        self._ignored = ignored
        self._names = DirectoryCache()
        self._volumes = StableStamps()
        self._checkpoint = checkpoint
        self._checkpoint_seconds = checkpoint_seconds
        self._changes: WakeableQueue[Change] = WakeableQueue(maxsize=4 * _BATCH)
        self._followers: list[Change] = []
        self._encoded = 0
        self._unwritten = 0
        self._written = threading.Condition()
        self._unsaved = unsaved
        self._check_folder = check_folder
        self._next_check = 0.0
        self.trouble: StorageError | None = None

    def commit(self, *changes: Change) -> None:
        """Put changes in line, to be written together; waits while the line is full."""
        encoded = sum(isinstance(change, EncodedChange) for change in changes)
        with self._written:
            self._encoded += encoded
            self._unwritten += len(changes)
        self._changes.put_all(changes)

    def wait_until_written(self, stop: threading.Event) -> None:
        """Wait until what was encoded is in the database, or until ``stop`` is set.

        What is lost when the power goes is then one batch at most.
        """
        with self._written:
            while self._encoded and not stop.is_set():
                self._written.wait(_TICK_SECONDS)

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be written or is being written."""
        return not self._unwritten

    def wake(self) -> None:
        """Let nothing be waited for any more."""
        self._changes.wake()

    def run(self, stop: threading.Event) -> None:
        """Write until ``stop`` is set and the line is empty; then save the index.

        One that a start had to change is saved at once: whoever stops or kills crispd leaves no
        time for a million vectors, and the next start would make them again.
        """
        next_checkpoint = time.monotonic() + (0 if self._unsaved else self._checkpoint_seconds)
        while not (stop.is_set() and self.idle):
            batch = self._collect()
            if not batch:
                self._look_at_folder()
            if batch and not self._write_patiently(batch, stop):
                return
            if self._unsaved and time.monotonic() >= next_checkpoint:
                self._save_index()
                next_checkpoint = time.monotonic() + self._checkpoint_seconds
        if self._unsaved:
            self._save_index()

    def _collect(self) -> list[Change]:
        batch, self._followers = self._followers, []
        try:
            if not batch:
                batch.append(self._changes.get(timeout=_TICK_SECONDS))
            while len(batch) < _BATCH:
                batch.append(self._changes.get_nowait())
        except queue.Empty:
            pass
        return batch

    def _write_patiently(self, batch: list[Change], stop: threading.Event) -> bool:
        """Write; what may pass, as a full disk does, is waited out. False where stopped before."""
        while True:
            try:
                self._check_folder()
                self._write(batch)
            except (DiskFull, StorageLocked, StorageUnwritable) as error:
                if self.trouble is None:
                    log.warning("indexing pauses: %s", error)
                self.trouble = error
                if stop.wait(_RETRY_SECONDS):
                    return False
            else:
                self.trouble = None
                return True

    def _look_at_folder(self) -> None:
        """While there is nothing to write: is what was written still there?"""
        if time.monotonic() < self._next_check:
            return
        self._next_check = time.monotonic() + _RETRY_SECONDS
        try:
            self._check_folder()
        except StorageUnwritable as error:
            if self.trouble is None:
                log.error("%s", error)
            self.trouble = error
        else:
            self.trouble = None

    def _write(self, batch: list[Change]) -> None:
        effects = ChangeEffects(RawJpegPairs(self._ignored, self._names), self._volumes)
        with self._database.write() as tx:
            for change in batch:
                apply_change(change, tx, self._pack, effects)
            live, dead = tx.liveness(self._pack)
        self._join_index(live, dead)
        self._settle(batch, effects)

    def _settle(self, batch: list[Change], effects: ChangeEffects) -> None:
        """After the commit: count, look again, and let copies of what is known now follow."""
        with self._written:
            self._encoded -= sum(isinstance(change, EncodedChange) for change in batch)
            self._written.notify_all()
        for what in effects.settled:
            self._tally.settled(what)
        self._tally.count("moved", effects.moved)
        self._tally.count("removed", effects.removed)
        for job in effects.look_again:
            self._look_again(job, 0.0)
        for root_id, folder in effects.rescan:
            self._request_scan(root_id, folder)
        for change in batch:
            if isinstance(change, EncodedChange):
                followers = self._claims.release(change.decoded.hashed.content_hash)
                self._followers.extend(LinkedChange(follower) for follower in followers)
        with self._written:
            self._unwritten += len(self._followers) - len(batch)

    def _join_index(self, live: list[int], dead: list[int]) -> None:
        if dead:
            self._index.remove(np.asarray(dead, dtype=np.int64))
        if live:
            wanted = np.asarray(sorted(live), dtype=np.int64)
            for labels, vectors in self._database.read().vectors(self._pack, wanted):
                self._index.add(labels, vectors)
        self._unsaved = self._unsaved or bool(live or dead)

    def _save_index(self) -> None:
        try:
            self._check_folder()
            self._checkpoint()
            self._unsaved = False
        except (
            OSError,
            StorageUnwritable,
        ) as error:  # a cache: a restart catches up from SQLite without it
            log.warning("the index file could not be saved: %s", error)
