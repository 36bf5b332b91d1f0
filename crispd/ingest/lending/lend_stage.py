"""The lend stage: what waits behind the own encoder's next batch goes to workers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackError
from crispd.ingest.lending.leases import LEASE_PHOTOS
from crispd.ingest.stages.jobs import EncodedChange

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.decoded_queue import DecodedQueue, QueuedPhoto
    from crispd.ingest.lending.leases import Lending, VectorCheck
    from crispd.ingest.stages.jobs import Change

# Threads, and so batches that are away at once.
LENDERS = 2
_TICK_SECONDS = 1.0
# So long the pack stays wanted after the last photo: a worker is not to load it again and again.
_WANTED_SECONDS = 30.0


def room_for(batch_size: int, lending: Lending | None) -> Callable[[], int]:
    """How many decoded photos may wait: more while workers are there, so that what is lent lies
    well behind what the own encoder takes next.
    """

    def room() -> int:
        lent = lending is not None and lending.workers()
        return 2 * batch_size + (2 * LENDERS * LEASE_PHOTOS if lent else 0)

    return room


class LendStage:
    """The body of each lending thread. All collaborators are thread-safe."""

    def __init__(
        self,
        lending: Lending,
        pack: str,
        check: VectorCheck,
        *,
        own: int,
        decoded: DecodedQueue,
        courtesy: IndexingThrottle,
        commit: Callable[[Change], None],
    ) -> None:
        """``own``: photos that are left to the own encoder."""
        self._lending = lending
        self._pack = pack
        self._check = check
        self._own = own
        self._decoded = decoded
        self._courtesy = courtesy
        self._commit = commit
        self._wanted_at: float | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        try:
            while not stop.is_set():
                if not self._decoded.wait_for_surplus(self._own, _TICK_SECONDS):
                    self._want_no_longer()
                    continue
                self._wanted_at = time.monotonic()
                self._lending.want(self._pack)
                if self._lending.wait_for_worker(self._pack, stop):
                    batch = self._decoded.lend(LEASE_PHOTOS, self._own)
                    if batch:
                        self._lend(batch, stop)
        finally:
            self._lending.want_no_more(self._pack)

    def _want_no_longer(self) -> None:
        if self._wanted_at is not None and time.monotonic() > self._wanted_at + _WANTED_SECONDS:
            self._wanted_at = None
            self._lending.want_no_more(self._pack)

    def _lend(self, batch: list[QueuedPhoto], stop: threading.Event) -> None:
        pixels = np.stack([photo.item.photo.pixels for photo in batch])
        made = None
        try:
            result = self._lending.encoded(
                self._pack, pixels, lambda: not stop.is_set() and self._decoded.is_wanted(batch)
            )
            if result is not None:
                self._courtesy.yield_to_searches()
                with self._courtesy.working(stop):
                    made = self._lending.checked(result, pixels, self._check)
        except PackError:  # of the photo that is compared: the encoder thread deals with it
            made = None
        if made is None:
            self._decoded.give_back(batch)
            return
        for photo, encoded in zip(batch, made, strict=True):
            if self._decoded.take(photo):
                self._commit(EncodedChange(photo.item, encoded))
