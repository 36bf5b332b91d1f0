"""The thread in which the fine pack sees photos: at once for a search that waits, else politely."""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, PackError, PhotoError, PhotoVanished, StorageError
from crispd.fine_pack.agreement import AGREEMENT_PHOTOS, LEAST_AGREEMENT, agreement
from crispd.images.decode import decode_photo
from crispd.ingest.idle_stage import idle_state
from crispd.types import FineProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.fine_pack.reranker import FinePack
    from crispd.ingest.indexing_throttle import IndexingThrottle
    from crispd.ingest.ingestor import Ingestor
    from crispd.store.pack_vectors import PackVectors
    from crispd.store.reading.reads import Reader
    from crispd.thumbnails.rendering import PhotoRenderer
    from crispd.types import DecodeLimits, EncodedPhoto, FineModel, Floats, PhotoRecord, Pixels

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.25
_RETRY_SECONDS = 30.0
_JOIN_SECONDS = 5.0
_AT_ONCE = 16
_MOST_FAILURES = 3  # of the model, one after the other


@dataclass(frozen=True, slots=True)
class FineSources:
    """What filling stands on. ``reader``: of the pack that answers, ``own_scores``: scores of its
    labels for a text. ``seen``: a photo with a word on whether its drive is there. ``thumbnails``:
    as of indexing, so that the pixels are those that indexing would see.
    """

    store: PackVectors
    reader: Reader
    renderer: PhotoRenderer
    ingestor: Ingestor
    seen: Callable[[PhotoRecord], PhotoRecord]
    throttle: IndexingThrottle
    thumbnails: tuple[int, ...]
    answers: str
    own_scores: Callable[[str, Sequence[int]], Floats]
    words: Sequence[str]


class FineFilling:
    """Runs from ``start`` to ``stop``. ``made``: photos that were seen since."""

    def __init__(self, fine: FinePack, sources: FineSources) -> None:
        self.made = 0
        self._fine = fine
        self._sources = sources
        self._stop = threading.Event()
        self._later: dict[str, float] = {}
        self._failures = 0
        self._checked = False
        self._thread = threading.Thread(target=self._run, name="crispd-fine-pack", daemon=True)

    def start(self) -> None:
        """Begin: load the pack, then see photos."""
        self._thread.start()

    def stop(self) -> None:
        """End after the photo that it works on."""
        self._stop.set()
        self._fine.requests.wake.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            model = self._fine.open()
            while model is not None and not self._stop.is_set():
                self._step(model)
                model = self._fine.model
        except Exception as error:  # a thread's top: the pack's own fine stage answers
            log.exception("the fine pack broke off")
            self._fine.fail(f"It broke off: {type(error).__name__}. See the log.")

    def _step(self, model: FineModel) -> None:
        requests = self._fine.requests
        urgent = requests.next_urgent()
        if self._stop.is_set():
            return
        try:
            if urgent is not None:
                self._see(model, urgent)
                return
            if new := requests.take_new():
                self._fine.vectors.ask(new)
            if not self._checked:
                self._check(model)
            for content in self._waiting(model):
                if requests.wake.is_set() or not self._is_quiet():
                    return
                with self._sources.throttle.working(requests.wake):
                    self._see(model, content)
        except StorageError as error:  # a full disk, or the database has a moment
            log.info("the fine pack goes on later: %s", error)
            requests.wake.wait(_RETRY_SECONDS)
            return
        requests.wake.wait(_TICK_SECONDS)

    def _is_quiet(self) -> bool:
        """Whether nobody searches, nothing is indexed, and nothing asks for rest."""
        throttle = self._sources.throttle
        try:
            idle = idle_state(self._sources.ingestor) is not None
        except CrispdError:  # it is ending
            return False
        return idle and not throttle.is_searching and throttle.pauses.why() is None

    def _waiting(self, model: FineModel) -> list[str]:
        """Contents that are to be seen next."""
        if not self._is_quiet():
            return []
        now, skipped = time.monotonic(), len(self._later)
        rows = self._fine.vectors.waiting(model.id, _AT_ONCE + skipped)
        photos = self._sources.reader.photos_at(rows)
        contents = [photos[row].content_hash for row in rows if row in photos]
        return [one for one in contents if self._later.get(one, 0.0) <= now]

    def _see(self, model: FineModel, content: str) -> None:
        """See one photo; what cannot be had is left for later, or for good."""
        began = time.monotonic()
        made: EncodedPhoto | None = None
        try:
            made = self._seen(model, content)
            if made is not None:
                self.made += 1
                self._later.pop(content, None)
                self._failures = 0
        except PhotoVanished:  # its drive may come back
            self._later[content] = time.monotonic() + _RETRY_SECONDS
        except PhotoError as error:
            log.debug("the fine pack cannot see a photo: %s", error)
            self._later[content] = math.inf
        except PackError as error:
            self._later[content] = math.inf
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                self._fine.fail(f"It makes nothing of photos: {error}")
        finally:
            self._fine.requests.settle(content, made, time.monotonic() - began)

    def _seen(self, model: FineModel, content: str) -> EncodedPhoto | None:
        """None of a photo that was deleted meanwhile."""
        sources = self._sources
        row = self._fine.vectors.rows_of([content]).get(content)
        if row is None:
            return None
        photo = sources.reader.photos_at([row]).get(row)
        if photo is None:
            return None
        wanted = model.image_input

        def decode(data: bytes, limits: DecodeLimits) -> Pixels:
            return decode_photo(data, wanted, limits, thumbnails=sources.thumbnails[:1]).pixels

        pixels = sources.renderer.of_original(sources.seen(photo), decode)
        made = replace(model.see(pixels), pack=model.id)
        sources.store.save(content, model.id, made)
        return made

    def _check(self, model: FineModel) -> None:
        """Once enough was seen: does it mean by words what the pack that answers does?"""
        sources = self._sources
        sample = self._fine.vectors.sample(sources.answers, model.id, AGREEMENT_PHOTOS)
        if len(sample) < AGREEMENT_PHOTOS:
            return
        try:
            found = agreement(model, sample, sources.own_scores, sources.words)
        except PackError as error:
            self._fine.fail(f"It broke off: {error}")
            return
        self._checked = True
        log.info("%s agrees with %s: %.0f %%", model.id, sources.answers, 100 * found)
        if found < LEAST_AGREEMENT:
            self._fine.fail(
                f"It does not understand words as {sources.answers} does: what that finds scores "
                f"above {found:.0%} of the other photos, {LEAST_AGREEMENT:.0%} are expected."
            )


def fine_progress(fine: FinePack | None, filling: FineFilling | None) -> FineProgress:
    """How far it is, for ``/status``. Raises StorageError."""
    if fine is None:
        return FineProgress()
    problem, model = fine.problem, fine.model  # in this order: it may fail in between
    if model is None:
        return FineProgress(None, 0, None, problem)
    made, pending = fine.vectors.counts(model.id)
    return FineProgress(model.id, made, None if filling is None else pending)
