"""Leases: batches of pixels go to workers, and what they make of them is checked.

They live in memory alone. A worker that vanishes, is slow or lies costs nothing: the hub's own
encoder gets to the photos that it had when it would have without (see ``DecodedQueue``).
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import Forbidden, NotFound, QueryError
from crispd.packs.fine.token_storage import unpack_tokens
from crispd.types import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.packs.manifest import TokensPart
    from crispd.types import EncodedPhoto, Floats, ImageEncoder, Pixels

log = logging.getLogger(__name__)

LEASE_PHOTOS = 16
# Of a worker that sends no heartbeats: so long a lease lasts.
LEASE_SECONDS = 60.0
# A worker sends one every two seconds, and a busy machine may be late.
SILENT_SECONDS = 8.0
# One that was silent is left alone for so long.
_LATE_SECONDS = 20.0
# Who has not been heard of for so long is not there.
_PRESENT_SECONDS = 15.0
_TICK_SECONDS = 0.2
_MOST_WORKERS = 64
# Other processors round otherwise, and int8 kernels differ; another pack has nothing like it.
# Tokens are rounded to 8 bits on the way.
_SAME, _SAME_TOKENS = 0.98, 0.9


@dataclass(frozen=True, slots=True)
class VectorCheck:
    """With what a worker's vectors are compared. ``tokens``: of the pack, None without any."""

    encoder: ImageEncoder
    tokens: TokensPart | None = None


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """What a worker made of a batch."""

    worker: str
    made: Sequence[EncodedPhoto]


@dataclass(slots=True)
class _Batch:
    lease: Lease
    worker: str | None = None
    made: Sequence[EncodedPhoto] | None = None


@dataclass(slots=True)
class _Worker:
    """``waiting_for``: the packs of its calls that wait; ``beats``: it sends heartbeats."""

    heard_at: float = 0.0
    photos: int = 0
    refused: str = ""
    late_until: float = 0.0
    beats: bool = False
    waiting_for: list[str] = field(default_factory=list)


class Lending:
    """Between the threads of a hub and its workers. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._batches: list[_Batch] = []
        self._workers: dict[str, _Worker] = {}
        self._wanted: list[str] = []

    # --- for workers --------------------------------------------------------------------------

    def take(self, worker: str, pack: str, seconds: float) -> tuple[str | None, Lease | None]:
        """The pack that photos are encoded by, which is ``pack`` where that is one of several, and
        a batch of them. Returns without after ``seconds``, or once another pack is wanted.

        Raises Forbidden for a worker whose vectors were wrong.
        """
        end = self._clock() + seconds
        with self._changed:
            known = self._known(worker)
            known.waiting_for.append(pack)
            try:
                while True:
                    known.heard_at = self._clock()
                    wanted = self._wanted_by(pack)
                    if (batch := self._next(pack)) is not None:
                        batch.worker = worker
                        return pack, batch.lease
                    left = end - self._clock()
                    if left <= 0 or wanted not in {None, pack}:
                        return wanted, None
                    self._changed.notify_all()
                    self._changed.wait(min(left, 1.0))
            finally:
                known.waiting_for.remove(pack)

    def _next(self, pack: str) -> _Batch | None:
        free = (one for one in self._batches if one.worker is None and one.lease.pack == pack)
        return next(free, None)

    def _wanted_by(self, pack: str) -> str | None:
        return pack if pack in self._wanted else next(iter(self._wanted), None)

    def keep(self, worker: str, lease: str) -> None:
        """A sign of life while a batch is encoded. Raises NotFound where nobody waits for it."""
        with self._changed:
            known = self._known(worker)
            known.heard_at, known.beats = self._clock(), True
            self._batch(worker, lease)

    def give(self, worker: str, lease: str, made: Sequence[EncodedPhoto]) -> None:
        """What a worker made of a batch. Raises NotFound for one that nobody waits for any more,
        and QueryError where it does not fit.
        """
        with self._changed:
            batch = self._batch(worker, lease)
            self._known(worker).heard_at = self._clock()
            if len(made) != len(batch.lease.pixels):
                raise QueryError(f"{len(batch.lease.pixels)} vectors are expected.")
            batch.made = made
            self._changed.notify_all()

    def _batch(self, worker: str, lease: str) -> _Batch:
        for batch in self._batches:
            if batch.lease.id == lease and batch.worker == worker:
                return batch
        raise NotFound("This lease has ended; the hub did the work itself. Take another.")

    def _known(self, worker: str) -> _Worker:
        if worker not in self._workers and len(self._workers) >= _MOST_WORKERS:
            raise Forbidden("Too many workers have asked this hub since its start.")
        known = self._workers.setdefault(worker, _Worker())
        if known.refused:
            raise Forbidden(known.refused)
        return known

    # --- for the hub --------------------------------------------------------------------------

    def want(self, pack: str) -> None:
        """There are photos to be encoded by this pack."""
        with self._changed:
            if pack not in self._wanted:
                self._wanted.append(pack)
                self._changed.notify_all()

    def want_no_more(self, pack: str) -> None:
        """There are none."""
        with self._changed:
            if pack in self._wanted:
                self._wanted.remove(pack)
                self._changed.notify_all()

    def workers(self) -> dict[str, int]:
        """Workers that are there, with how many photos each has encoded."""
        horizon = self._clock() - _PRESENT_SECONDS
        with self._changed:
            return {
                name: worker.photos
                for name, worker in self._workers.items()
                if worker.heard_at >= horizon and not worker.refused
            }

    def wait_for_worker(self, pack: str, stop: threading.Event) -> bool:
        """Whether one is there that has this pack and nothing to do; looks for some tenths of a
        second.
        """
        end = self._clock() + _TICK_SECONDS
        while not stop.is_set():
            with self._changed:
                if self._is_awaited(pack):
                    return True
                left = end - self._clock()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return False

    def _is_awaited(self, pack: str) -> bool:
        """Whether more workers wait than batches do."""
        now = self._clock()
        waiting = sum(
            pack in worker.waiting_for and worker.late_until <= now and not worker.refused
            for worker in self._workers.values()
        )
        return waiting > sum(batch.worker is None for batch in self._batches)

    def encoded(self, pack: str, pixels: Pixels, wanted: Callable[[], bool]) -> WorkerResult | None:
        """What a worker made of a batch; None where none did in time, while ``wanted``."""
        batch = _Batch(Lease(secrets.token_urlsafe(9), pack, pixels))
        with self._changed:
            began = self._clock()
            self._batches.append(batch)
            self._changed.notify_all()
        while wanted():  # asked without the lock: it has one of its own
            with self._changed:
                if batch.made is not None or not self._is_alive(batch, began):
                    break
                self._changed.wait(_TICK_SECONDS)
        with self._changed:
            self._batches.remove(batch)
        if batch.made is None or batch.worker is None:
            return None
        return WorkerResult(batch.worker, batch.made)

    def _is_alive(self, batch: _Batch, began: float) -> bool:
        """Whether the worker that has it has been heard of, or one may still take it."""
        now = self._clock()
        if batch.worker is None:
            return now - began < _TICK_SECONDS
        worker = self._workers[batch.worker]
        silent = now - worker.heard_at
        if silent < (SILENT_SECONDS if worker.beats else LEASE_SECONDS):
            return True
        log.info("the worker %r was silent for %.0f s; the hub goes on", batch.worker, silent)
        worker.late_until = now + _LATE_SECONDS
        return False

    def checked(
        self, result: WorkerResult, pixels: Pixels, check: VectorCheck
    ) -> Sequence[EncodedPhoto] | None:
        """The vectors, where one photo, which the worker could not know, has the same here; else
        None, and the worker is refused from now on.
        """
        made, place = result.made, secrets.randbelow(len(result.made))
        own = check.encoder.encode(pixels[place : place + 1])[0]
        if _is_like(own, made) and _is_same(own, made[place], check.tokens):
            with self._changed:
                self._workers[result.worker].photos += len(made)
            return made
        log.error("the worker %r gives other vectors than this hub; it is asked no more",
                  result.worker)  # fmt: skip
        with self._changed:
            self._workers[result.worker].refused = (
                "The vectors of this worker are not those that the hub makes. Look at its pack and "
                "its processor, and start it again under another name."
            )
        return None


def _is_like(own: EncodedPhoto, made: Sequence[EncodedPhoto]) -> bool:
    """Whether all are vectors of length 1 and tokens as the pack's are."""
    with np.errstate(over="ignore", invalid="ignore"):
        return all(
            one.embedding.shape == own.embedding.shape
            and abs(float(np.linalg.norm(one.embedding)) - 1) < 1 - _SAME
            and len(one.tokens or b"") == len(own.tokens or b"")
            for one in made
        )


def _is_same(own: EncodedPhoto, other: EncodedPhoto, part: TokensPart | None) -> bool:
    if not float(own.embedding @ other.embedding) >= _SAME:
        return False
    if part is None or own.tokens is None or other.tokens is None:
        return True
    if own.tokens == other.tokens:
        return True
    ours, theirs = (unpack_tokens([tokens], part).ravel() for tokens in (own.tokens, other.tokens))
    return _cosine(ours, theirs) >= _SAME_TOKENS


def _cosine(one: Floats, other: Floats) -> float:
    """0 where there is none: of something infinite, or of zeros."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    return found if np.isfinite(found) else 0.0
