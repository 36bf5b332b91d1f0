"""The fine pack as searches have it: scores of a shortlist within a deadline."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from crispd.errors import CrispdError, PackError
from crispd.fine_pack.requests import FineRequests
from crispd.store.fine_vectors import StoredFine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.store.fine_vectors import FineVectors
    from crispd.types import EncodedPhoto, FineModel, Floats

log = logging.getLogger(__name__)

# Photos of a shortlist: see the curve in docs/packs.md.
SHORT_LIST = 50
_ANY = "*"
_SCORES = 20_000  # that are remembered, of a model that scores few photos within a deadline


class FinePack:
    """Loaded by ``open``, from which on it scores shortlists; until then, and once it failed, it
    has nothing to say. Thread-safe.
    """

    def __init__(self, name: str, load: Callable[[], FineModel], vectors: FineVectors) -> None:
        self.name = name
        self.vectors = vectors
        self.requests = FineRequests()
        self._load = load
        self._lock = threading.Lock()
        self.model: FineModel | None = None
        self.problem: str | None = None

    def open(self) -> FineModel | None:
        """Load it, once; None where that fails, and ``problem`` says why."""
        with self._lock:
            if self.model is None and self.problem is None:
                try:
                    self.model = self._load()
                    log.info("%s re-ranks shortlists", self.model.id)
                except CrispdError as error:
                    self._fail(str(error))
                except Exception as error:  # whatever it is, the pack's own fine stage answers
                    log.exception("the fine pack %s cannot be loaded", self.name)
                    self._fail(f"It cannot be loaded: {type(error).__name__}. See the log.")
            return self.model

    def fail(self, reason: str) -> None:
        """From now on it has nothing to say, until the next start."""
        with self._lock:
            self._fail(reason)

    def _fail(self, reason: str) -> None:
        log.error("the fine pack %s does not re-rank: %s", self.name, reason)
        self.model, self.problem = None, reason


class FinePackReranker:
    """``SecondReranker`` over labels of the pack ``answers``. Thread-safe."""

    def __init__(self, fine: FinePack, answers: str) -> None:
        self._fine = fine
        self._answers = answers
        self._known: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def short_list(self) -> int:
        """K; 0 while it has nothing to say."""
        model = self._fine.model
        return 0 if model is None or model.id == self._answers else SHORT_LIST

    def score(
        self, written: str, corrected: str, language: str, labels: Sequence[int], seconds: float
    ) -> dict[int, float]:
        """Of photos that it has seen or sees in time; the others are seen behind searches."""
        end, model = time.monotonic() + seconds, self._fine.model
        if model is None or not _reads(model, language):
            return {}
        try:
            return self._scored(model, written if _reads_many(model) else corrected, labels, end)
        except PackError as error:
            self._fine.fail(f"It broke off: {error}")
        except CrispdError as error:  # the disk has a moment
            log.info("the fine pack is not asked: %s", error)
        return {}

    def _scored(
        self, model: FineModel, text: str, labels: Sequence[int], end: float
    ) -> dict[int, float]:
        vectors, requests = self._fine.vectors, self._fine.requests
        stored = vectors.stored(labels, model.id)
        there = {label: stored[label] for label in labels if label in stored}
        unseen = {one.content_hash: label for label, one in there.items() if one.made is None}
        if unseen:
            requests.came_up(list(unseen))
        score = model.scorer(text)
        found = self._of(model, score, text, there, end)
        if unseen and (came := requests.wait(list(unseen), end - time.monotonic())):
            late = {unseen[one]: StoredFine(one, made) for one, made in came.items()}
            found |= self._of(model, score, text, late, end)
        return found

    def _of(
        self,
        model: FineModel,
        score: Callable[[Sequence[EncodedPhoto]], Floats],
        text: str,
        photos: dict[int, StoredFine],
        end: float,
    ) -> dict[int, float]:
        """Scores of as many as time allows, one run at least. What was scored is remembered, so
        that a question that is asked again gets further.
        """
        made = {at: one.made for at, one in photos.items() if one.made is not None}
        keys = {label: (text, photos[label].content_hash) for label in made}
        with self._lock:
            found = {at: self._known[key] for at, key in keys.items() if key in self._known}
        left = [label for label in made if label not in found]
        for start in range(0, len(left), model.at_once):
            if start and time.monotonic() > end:
                break
            some = left[start : start + model.at_once]
            values = score([made[label] for label in some]).tolist()
            found.update(zip(some, values, strict=True))
            with self._lock:
                self._known.update((keys[label], found[label]) for label in some)
                while len(self._known) > _SCORES:
                    self._known.popitem(last=False)
        return {label: value for label, value in found.items() if math.isfinite(value)}


def _reads(model: FineModel, language: str) -> bool:
    """``language`` is empty where nobody knows it."""
    return not language or language in model.languages or _ANY in model.languages


def _reads_many(model: FineModel) -> bool:
    return _ANY in model.languages
