"""The encode stage: batches of decoded photos go through the pack."""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackError, PhotoUnreadable
from crispd.ingest.stages.jobs import DecodedJob, EncodedChange, FailedChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.lending.decoded_queue import DecodedQueue
    from crispd.ingest.stages.content_claims import ContentClaims
    from crispd.ingest.stages.core_budget import CoreBudget
    from crispd.ingest.stages.jobs import Commit
    from crispd.types import ImageEncoder

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
# A batch waits so long for photos that are being decoded, and looks so often whether any are.
_FILL_SECONDS, _LOOK_SECONDS = 1.0, 0.05


class EncodeStage:
    """The body of each encoder thread. ``batch_size``: of one; ``cores``: that it computes on."""

    def __init__(
        self,
        encoder: ImageEncoder,
        *,
        batch_size: int,
        decoded: DecodedQueue,
        claims: ContentClaims,
        courtesy: IndexingThrottle,
        budget: CoreBudget,
        cores: int,
        commit: Commit,
        wait_until_written: Callable[[threading.Event], None],
    ) -> None:
        self._encoder = encoder
        self._batch_size = batch_size
        self._decoded = decoded
        self._claims = claims
        self._courtesy = courtesy
        self._budget = budget
        self._cores = cores
        self._collecting = threading.Lock()
        self._commit = commit
        self._wait_until_written = wait_until_written

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
            with self._collecting:
                batch = self._collect()
            if batch:
                self._wait_until_written(stop)
                self._courtesy.yield_to_searches()
                with self._courtesy.working(stop):
                    self._encode(batch)

    def _collect(self) -> list[DecodedJob]:
        try:
            batch = [self._decoded.get(timeout=_TICK_SECONDS)]
        except queue.Empty:
            return []
        deadline = time.monotonic() + _FILL_SECONDS
        while len(batch) < self._batch_size:
            company = self._budget.decoders and time.monotonic() < deadline
            try:
                batch.append(self._decoded.get(timeout=_LOOK_SECONDS if company else 0))
            except queue.Empty:
                if not company:
                    break
        return batch

    def _encode(self, batch: list[DecodedJob]) -> None:
        try:
            pixels = np.stack([item.photo.pixels for item in batch])
            with self._budget.encoding(self._cores):
                encoded = self._encoder.encode(pixels)
        except PackError:
            if len(batch) == 1:
                self._refuse(batch[0])
                return
            log.warning("a batch of %d could not be encoded; trying one by one", len(batch))
            for item in batch:
                self._encode([item])
            return
        pairs = zip(batch, encoded, strict=True)
        self._commit(*(EncodedChange(item, vectors) for item, vectors in pairs))

    def _refuse(self, item: DecodedJob) -> None:
        log.exception("could not encode %r", item.hashed.job.path)
        error = PhotoUnreadable("The model could not make anything of this picture.", "encoder")
        for each in (item.hashed, *self._claims.release(item.hashed.content_hash)):
            self._commit(FailedChange(each.job, each.stamp, error))
