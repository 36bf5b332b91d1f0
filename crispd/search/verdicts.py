"""What relevance says of the photos of one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.search.relevance import Background, Relevance

if TYPE_CHECKING:
    from crispd.search.asking import Question
    from crispd.search.relevance import LibrarySample
    from crispd.types import Floats, RelevanceModel, RelevanceName


@dataclass(frozen=True, slots=True)
class Verdict:
    """Judges the scores of one question. ``weight``: share of the coarse score in the final one."""

    relevance: Relevance
    background: Background
    weight: float

    def probabilities(self, coarse: Floats, fine: Floats) -> Floats:
        """float32 [n] of scores [n]; ``fine`` is NaN where the fine stage did not reach."""
        return self.relevance.judge(self.background, coarse, fine + self.weight * coarse)

    def label(self, probability: float) -> RelevanceName:
        """Of one photo."""
        return self.relevance.label(probability)

    def coarse_from(self, label: RelevanceName) -> float:
        """The coarse score from which a photo that was not re-ranked is called ``label``."""
        return self.relevance.coarse_from(self.background, label)


class Judge:
    """Thread-safe."""

    def __init__(self, model: RelevanceModel, sample: LibrarySample, weight: float) -> None:
        self._relevance = Relevance(model)
        self._sample = sample
        self._weight = weight

    def verdict(self, question: Question) -> Verdict | None:
        """None where the question is more than words: the constants are fitted for these."""
        if question.text is None or question.pictures:
            return None
        background = self._relevance.background(
            question.text.embedding, self._sample.vectors(), len(question.searched.split())
        )
        return Verdict(self._relevance, background, self._weight)
