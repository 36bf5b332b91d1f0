"""Negative prompts: how strongly a photo shows what it should not, against what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.relevance.probability import (
    LibrarySample,
    RelevanceProbability,
    ScoreBackground,
    inner_products,
)

if TYPE_CHECKING:
    from crispd.types import CoarseIndex, Floats, Labels, RelevanceModel, TextEncoder

# Standard deviations above the usual from which a photo is said to show a thing, and how many of
# the question's own are taken off for each below that (decision 70).
EXCLUDED_FROM_Z = 1.5
_PENALTY_PER_SIGMA = 1.5
_LOWEST_Z = -1.0  # further below the usual, a photo is not better still
# "People" is near crowds and far from somebody alone; so with children.
_PEOPLE = (
    "people", "a man", "a woman", "a child", "a group of people", "a boy and a girl",
    "portrait of a person",
)  # fmt: skip
_CHILDREN = ("children", "a little boy", "a little girl")
_FOR_PEOPLE = """
people person persons humans human anyone anybody faces face
menschen mensch leute personen gesichter gesicht
personnes personne gens humains quelqu'un visages visage
lidé lidi lidí lidmi člověk člověka osoby osob osoba tváře tváří obličeje obličejů
"""
_FOR_CHILDREN = """
children child kids kid kinder kind enfants enfant gamins gosses děti dětí dítě dítěte
"""
_SYNONYMS = {
    **dict.fromkeys(_FOR_PEOPLE.split(), _PEOPLE),
    **dict.fromkeys(_FOR_CHILDREN.split(), _CHILDREN),
}
_MIN_SPREAD = 1e-6
_UNKNOWN = ScoreBackground(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class NegativePrompt:
    """A negative prompt: ``vectors`` [n, dim], and the usual scores of photos with each, ``means``
    and ``spreads`` [n]. ``weight``: of a z-score in the query's score.
    """

    vectors: Floats
    means: Floats
    spreads: Floats
    weight: float

    def z_scores(self, index: CoarseIndex, labels: Labels) -> Floats:
        """float32 [n]: of the thing a photo shows most, standard deviations above the usual."""
        best = np.full(len(labels), -np.inf, np.float32)
        for vector, mean, spread in zip(self.vectors, self.means, self.spreads, strict=True):
            scores = index.scores_of(vector, labels)
            best = np.maximum(best, (np.nan_to_num(scores, nan=-np.inf) - mean) / spread)
        return best

    def penalty(self, standings: Floats) -> Floats:
        """What comes off coarse scores."""
        return np.asarray(self.weight * np.maximum(standings, _LOWEST_Z), np.float32)


class BackgroundEstimator:
    """The usual scores in a library, from the pack's reference and a sample. Thread-safe."""

    def __init__(self, model: RelevanceModel | None, sample: LibrarySample) -> None:
        self._relevance = None if model is None else RelevanceProbability(model)
        self._sample = sample

    def of(self, vector: Floats) -> ScoreBackground:
        """Mean and spread of the scores with a vector [dim], linear in it."""
        photos = self._sample.vectors()
        if self._relevance is not None:
            return self._relevance.background(vector, photos)
        scores = inner_products(photos, vector)
        return (
            ScoreBackground(float(scores.mean()), float(scores.std())) if len(scores) else _UNKNOWN
        )


def encode_negatives(
    things: tuple[str, ...],
    vector: Floats | None,
    text: TextEncoder,
    backgrounds: BackgroundEstimator,
    spoken: str = "",
) -> NegativePrompt | None:
    """Of the words that photos shall not show; ``vector``: of what they shall."""
    if not things:
        return None
    words = [word for thing in things for word in _SYNONYMS.get(thing.strip().casefold(), (thing,))]
    vectors = [text.encode(word, spoken).embedding for word in dict.fromkeys(words)]
    usual = [backgrounds.of(each) for each in vectors]
    spread = 0.0 if vector is None else backgrounds.of(vector).spread
    return NegativePrompt(
        np.stack(vectors),
        np.array([each.mean for each in usual], np.float32),
        np.array([max(each.spread, _MIN_SPREAD) for each in usual], np.float32),
        _PENALTY_PER_SIGMA * spread,
    )
