"""Relevance probabilities: scores to probabilities, and the cutoff.

A score means little by itself: 0.12 is far above what a photo scores with "x-ray", and middling
for "children". So the probability is a logistic function of the score and of the query's
background: mean and spread of its coarse scores over the library, drawn towards what a reference
of many photos gives where the library is small. A larger mean makes a photo more likely, not less:
in a library of dogs, all photos score high with "dog", and rightly so.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Floats, Labels, LogitWeights, RelevanceModel, RelevanceName

# Photos of the library that a query is compared with: the mean is then known to a fortieth of the
# spread, and the product takes 0.2 ms on one x86-64 core.
SAMPLE_SIZE = 2000
# A sample is drawn anew when the library has grown or shrunk by so much.
_DRIFT = 0.05
# Photos of the smallest library that was measured; in a smaller one, each is as likely as in this.
MIN_LIBRARY = 20
# So far behind the best photo, in log odds, nothing is left of what a small library adds. Chosen
# on other photos than those it is reported on (decision 355).
LIFT_REACH = 6.0


@dataclass(frozen=True, slots=True)
class ScoreBackground:
    """What photos in general score with a query: mean and standard deviation, coarse.

    ``words`` and ``share``: logarithms of how many words of content the query has, and of how many
    times heavier its class part is. ``lift``: what the size of the library adds to log odds of the
    best photo; ``best``: log odds of that without it, minus infinity before it is known.
    """

    mean: float
    spread: float
    words: float = 0.0
    share: float = 0.0
    lift: float = 0.0
    best: float = -math.inf


_PLAIN = ScoreBackground(0.0, 1.0)


def inner_products(photos: Floats, embedding: Floats) -> Floats:
    """float32 [n] of an embedding [dim] over ``photos`` [n, dim]; those that are gone drop out.

    Not by ``@``: where all cores are busy, its BLAS waits 10 ms for the second to do half of this.
    """
    if not len(photos):
        return np.empty(0, np.float32)
    scores = np.asarray(np.vecdot(photos, embedding), np.float32)
    return np.asarray(scores[np.isfinite(scores)])


class RelevanceProbability:
    """Judges scores with the constants of a pack. Pure: the same in, the same out."""

    def __init__(self, model: RelevanceModel) -> None:
        self._model = model
        self._centre, self._axes = model.reference[0], model.reference[1:]

    def background(
        self, embedding: Floats, photos: Floats, words: int = 1, share: float = 1.0
    ) -> ScoreBackground:
        """Of a text ``embedding`` [dim] over ``photos`` [n, dim] of a library; n may be 0.

        ``words``, ``share``: of the text, see ``EncodedText``.
        The reference counts as ``model.photos`` photos, so that a dozen photos of one dog do not
        decide what is usual.
        """
        mean = float(embedding @ self._centre)
        square = float(np.square(self._axes @ embedding).sum()) + mean * mean
        scores = inner_products(photos, embedding).astype(np.float64)
        known = len(scores) / (len(scores) + self._model.photos)
        if len(scores):
            mean += known * (float(scores.mean()) - mean)
            square += known * (float(np.square(scores).mean()) - square)
        spread = float(np.sqrt(max(square - mean * mean, 0.0)))
        asked = float(np.log(max(words, 1))), float(np.log(share))
        return ScoreBackground(mean, spread, *asked, self.lift(len(scores)))

    def lift(self, photos: int) -> float:
        """Who asks a small library knows what is in it: the fewer photos, the likelier each.

        Fitted so that an answer has as many false hits at most as one of ``library`` photos.
        """
        return self._model.small * max(
            0.0, float(np.log(self._model.library / max(photos, MIN_LIBRARY)))
        )

    def judge(self, background: ScoreBackground, coarse: Floats, final: Floats) -> Floats:
        """Probabilities float32 [n], 0 to 1, from coarse and final scores [n].

        ``final`` is NaN where the fine stage did not reach; where both are NaN the result is 0.
        """
        odds = _lifted(self._odds(background, coarse, final), background)
        return (0.5 * (1 + np.tanh(0.5 * odds))).astype(np.float32)  # cannot overflow

    def beside_best(
        self, background: ScoreBackground, coarse: Floats, final: Floats
    ) -> ScoreBackground:
        """The same where the best of these photos is known, the scores as ``judge`` takes them.

        A photo that is asked for leaves others less to hope for, the more the further they are
        behind it: an album with one dog is not to call what comes next a dog.
        """
        odds = self._odds(background, coarse, final)
        return replace(background, best=float(odds.max(initial=-math.inf)))

    def _odds(
        self, background: ScoreBackground, coarse: Floats, final: Floats
    ) -> npt.NDArray[np.float64]:
        """Log odds [n] in a large library."""
        reached = np.isfinite(final)
        return np.where(
            reached,
            _log_odds(self._model.fine, background, np.where(reached, final, 0)),
            _log_odds(self._model.coarse, background, np.nan_to_num(coarse, nan=-np.inf)),
        )

    def label(self, probability: float, background: ScoreBackground = _PLAIN) -> RelevanceName:
        """``likely``, ``maybe`` or ``unlikely``."""
        if probability >= self._model.likely:
            return "likely"
        return "maybe" if probability >= self.maybe_from(background) else "unlikely"

    def classes(
        self, probabilities: npt.NDArray[np.floating], background: ScoreBackground = _PLAIN
    ) -> Labels:
        """int64 [n] of probabilities [n]: 0 likely, 1 maybe, 2 unlikely; as ``label`` says."""
        exact = probabilities.astype(np.float64)
        return (exact < self._model.likely).astype(np.int64) + (exact < self.maybe_from(background))

    def maybe_from(self, background: ScoreBackground) -> float:
        """A sentence names more than any photo shows, and who asks it knows the photo: its cut is
        lower. What a small library adds makes photos likely, and none a maybe: an album of twenty
        is not to be shown whole.
        """
        model = self._model
        return _maybe_from(model.maybe, model.maybe_words, model.likely, background)

    def coarse_from(self, background: ScoreBackground, label: RelevanceName) -> float:
        """The coarse score from which a photo that was not re-ranked is called ``label``."""
        if label == "unlikely":
            return float("-inf")
        wanted = self._model.likely if label == "likely" else self.maybe_from(background)
        weights = self._model.coarse
        odds = _unlifted(math.log(wanted / (1 - wanted)), background)
        at_zero = float(_log_odds(weights, background, np.zeros(1))[0])
        return (odds - at_zero) / _slope(weights, background)


@lru_cache(64)  # asked for each photo of an answer
def _maybe_from(maybe: float, by_word: float, likely: float, background: ScoreBackground) -> float:
    cut = maybe * math.exp(-by_word * background.words)
    odds = float(_lifted(np.array(math.log(cut / (1 - cut))), background))
    return min(1 / (1 + math.exp(-odds)), likely)


def _lifted(odds: npt.NDArray[np.float64], background: ScoreBackground) -> npt.NDArray[np.float64]:
    """Log odds with what a small library adds: all of it to the best, none ``LIFT_REACH`` behind.

    It rises with ``odds``, so the order stays.
    """
    if not background.lift:
        return odds
    behind = background.best - odds if math.isfinite(background.best) else np.zeros_like(odds)
    return odds + background.lift * np.clip(1 - behind / LIFT_REACH, 0, 1)


def _unlifted(odds: float, background: ScoreBackground) -> float:
    """The inverse of ``_lifted``."""
    lift, best = background.lift, background.best
    if not lift:
        return odds
    between = (odds - lift * (1 - best / LIFT_REACH)) / (1 + lift / LIFT_REACH)
    return min(odds, max(between, odds - lift))


def _log_odds(
    weights: LogitWeights, background: ScoreBackground, scores: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    usual = weights.mean * background.mean + weights.spread * background.spread
    asked = weights.words * background.words + weights.share * background.share
    asked += weights.offset
    return _slope(weights, background) * scores.astype(np.float64) + usual + asked


def _slope(weights: LogitWeights, background: ScoreBackground) -> float:
    """What a score counts; above 0, which packs are checked for."""
    return weights.score + weights.steep * background.share


class VectorProvider(Protocol):
    """What a sample is drawn from."""

    def labels(self) -> Labels:
        """Live labels, ascending."""

    def vectors_of(self, labels: Labels) -> Floats:
        """float32 [n, dim]; rows of NaN for labels that are not live."""

    def __len__(self) -> int:
        """Live vectors."""


class LibrarySample:
    """Vectors of up to ``SAMPLE`` photos of the whole library, whatever a query filters.

    Thread-safe. Kept until the library has changed in size by more than a twentieth, so that the
    pages of one answer are judged alike.
    """

    def __init__(self, index: VectorProvider) -> None:
        self._index = index
        self._drawn_of = -1
        self._vectors: Floats = np.empty((0, 0), np.float32)
        self._lock = threading.Lock()

    def vectors(self) -> Floats:
        """float32 [n, dim]; [0, 0] of an empty library."""
        with self._lock:
            live = len(self._index)
            if self._drawn_of < 0 or abs(live - self._drawn_of) > _DRIFT * self._drawn_of:
                self._vectors, self._drawn_of = self._draw(), live
            return self._vectors

    def _draw(self) -> Floats:
        labels = self._index.labels()
        # evenly through the labels, which are in order of time: every album has its share
        places = np.linspace(0, len(labels) - 1, min(SAMPLE_SIZE, len(labels))).astype(np.int64)
        return self._index.vectors_of(labels[places])
