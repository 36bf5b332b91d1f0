"""The encode stage: batches of decoded photos go through the pack."""

from __future__ import annotations

import logging
import queue
import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackError, PhotoUnreadable
from crispd.ingest.stages.jobs import DecodedJob, EncodedChange, FailedChange

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.stages.content_claims import ContentClaims
    from crispd.ingest.stages.jobs import Change
    from crispd.types import ImageEncoder

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
_FILL_SECONDS = 0.05  # a single new photo must not wait long for company


class EncodeStage:
    """The body of the one encoder thread."""

    def __init__(
        self,
        encoder: ImageEncoder,
        *,
        batch_size: int,
        decoded: queue.Queue[DecodedJob],
        claims: ContentClaims,
        courtesy: IndexingThrottle,
        commit: Callable[[Change], None],
        wait_until_written: Callable[[threading.Event], None],
    ) -> None:
        self._encoder = encoder
        self._batch_size = batch_size
        self._decoded = decoded
        self._claims = claims
        self._courtesy = courtesy
        self._commit = commit
        self._wait_until_written = wait_until_written

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set."""
        while not stop.is_set():
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
            try:
                batch.append(self._decoded.get(timeout=max(deadline - time.monotonic(), 0)))
            except queue.Empty:
                break
        return batch

    def _encode(self, batch: list[DecodedJob]) -> None:
        try:
            encoded = self._encoder.encode(np.stack([item.photo.pixels for item in batch]))
        except PackError:
            if len(batch) == 1:
                self._refuse(batch[0])
                return
            log.warning("a batch of %d could not be encoded; trying one by one", len(batch))
            for item in batch:
                self._encode([item])
            return
        for item, vectors in zip(batch, encoded, strict=True):
            self._commit(EncodedChange(item, vectors))

    def _refuse(self, item: DecodedJob) -> None:
        log.exception("could not encode %r", item.hashed.job.path)
        error = PhotoUnreadable("The model could not make anything of this picture.", "encoder")
        for each in (item.hashed, *self._claims.release(item.hashed.content_hash)):
            self._commit(FailedChange(each.job, each.stamp, error))
