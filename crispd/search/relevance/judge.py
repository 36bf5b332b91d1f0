"""The relevance judge: likely, maybe or unlikely, for the photos of one search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.relevance.probability import RelevanceProbability, ScoreBackground

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from crispd.search.encode import EncodedQuery
    from crispd.search.relevance.probability import LibrarySample
    from crispd.types import Floats, Labels, RelevanceModel, RelevanceName

    ModelSource = Callable[[], RelevanceModel | None]


@dataclass(frozen=True, slots=True)
class RelevanceCutoff:
    """Judges the scores of one query. ``weight``: share of the coarse score in the final one;
    ``score_floor``: of the coarse score, which everything that may be relevant reaches. ``gain``:
    what coarse scores of its text are multiplied by before.
    """

    relevance: RelevanceProbability
    background: ScoreBackground
    weight: float
    score_floor: float
    gain: float = 1.0

    def probabilities(self, coarse: Floats, fine: Floats) -> Floats:
        """float32 [n] of scores [n]; ``fine`` is NaN where the fine stage did not reach."""
        return self.relevance.judge(self.background, *self._scores(coarse, fine))

    def beside_best(self, coarse: Floats, fine: Floats) -> RelevanceCutoff:
        """The same where the best of these photos is known, the scores as ``probabilities`` takes
        them.
        """
        known = self.relevance.beside_best(self.background, *self._scores(coarse, fine))
        return replace(self, background=known)

    def _scores(self, coarse: Floats, fine: Floats) -> tuple[Floats, Floats]:
        """Coarse and final ones."""
        coarse = np.float32(self.gain) * coarse
        return coarse, fine + self.weight * coarse

    def classes(self, probabilities: npt.NDArray[np.floating]) -> Labels:
        """int64 [n] of probabilities [n]: 0 likely, 1 maybe, 2 unlikely."""
        return self.relevance.classes(probabilities, self.background)

    def label(self, probability: float) -> RelevanceName:
        """Of one photo."""
        return self.relevance.label(probability, self.background)


class RelevanceJudge:
    """Makes the cutoff of each query. ``model``: what it judges by now. Thread-safe."""

    def __init__(self, model: ModelSource, sample: LibrarySample, weight: float) -> None:
        self._model = model
        self._sample = sample
        self._weight = weight

    def cutoff(self, question: EncodedQuery) -> RelevanceCutoff | None:
        """None where the question is more than words: the constants are fitted for these. And where
        there is nothing to fit them to yet.
        """
        model = self._model()
        if question.text is None or question.pictures or model is None:
            return None
        relevance = RelevanceProbability(model)
        text, photos = question.text, self._sample.vectors()
        embedding = np.float32(text.gain) * text.embedding
        background = relevance.background(embedding, photos, text.words, text.share)
        least = relevance.coarse_from(background, "maybe") / text.gain
        return RelevanceCutoff(relevance, background, self._weight, least, text.gain)
