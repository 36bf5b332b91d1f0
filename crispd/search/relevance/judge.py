"""The relevance judge: likely, maybe or unlikely, for the photos of one search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.relevance.probability import (
    RelevanceProbability,
    ScoreBackground,
    inner_products,
)
from crispd.types import ScoreFloor

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.search.encode import EncodedQuery
    from crispd.search.relevance.probability import LibrarySample
    from crispd.types import Floats, Labels, RelevanceModel, RelevanceName


@dataclass(frozen=True, slots=True)
class RelevanceCutoff:
    """Judges the scores of one query. ``weight``: share of the coarse score in the final one;
    ``reach``: the recall window that holds everything that may be relevant.
    """

    relevance: RelevanceProbability
    background: ScoreBackground
    weight: float
    score_floor: ScoreFloor

    def probabilities(self, coarse: Floats, fine: Floats) -> Floats:
        """float32 [n] of scores [n]; ``fine`` is NaN where the fine stage did not reach."""
        return self.relevance.judge(self.background, coarse, fine + self.weight * coarse)

    def classes(self, probabilities: npt.NDArray[np.floating]) -> Labels:
        """int64 [n] of probabilities [n]: 0 likely, 1 maybe, 2 unlikely."""
        return self.relevance.classes(probabilities, self.background)

    def label(self, probability: float) -> RelevanceName:
        """Of one photo."""
        return self.relevance.label(probability, self.background)


class RelevanceJudge:
    """Makes the cutoff of each query. Thread-safe."""

    def __init__(self, model: RelevanceModel, sample: LibrarySample, weight: float) -> None:
        self._relevance = RelevanceProbability(model)
        self._sample = sample
        self._weight = weight

    def cutoff(self, question: EncodedQuery) -> RelevanceCutoff | None:
        """None where the question is more than words: the constants are fitted for these."""
        if question.text is None or question.pictures:
            return None
        text, photos = question.text, self._sample.vectors()
        embedding = text.embedding
        background = self._relevance.background(embedding, photos, text.words, text.share)
        least = self._relevance.coarse_from(background, "maybe")
        above = np.count_nonzero(inner_products(photos, embedding) >= least)
        score_floor = ScoreFloor(least, above * self._sample.share)
        return RelevanceCutoff(self._relevance, background, self._weight, score_floor)
