"""Image queries: scores of photos that are like photos, alone or together with words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import Calibration, Floats, ImageQueryModel

# Of likeness to a photo that is not wanted, so much is taken off a coarse score of words. Over 210
# photos of Flickr8k's dev split, captions' words less a photo: 6 % wrong ones instead of 11.
NEGATIVE_WEIGHT = 0.2


def similarity_query(embedding: Floats, model: ImageQueryModel) -> Floats:
    """The vector whose inner product with a photo's embedding is the likeness; 1 with its own."""
    weighed = model.weights * embedding
    own = float(weighed @ embedding)
    return np.asarray(weighed / own if own > 0 else weighed, np.float32)


def combine_embeddings(
    words: Floats | None, more: Sequence[Floats], less: Sequence[Floats], model: ImageQueryModel
) -> Floats | None:
    """The vector of a question: words, photos by their mean, and photos to be unlike."""
    parts: list[Floats] = []
    if words is not None:
        parts.append(words)
    if more:
        share = 1.0 if words is None else model.beside_words
        parts.append(share * np.mean([similarity_query(each, model) for each in more], axis=0))
    parts += [-NEGATIVE_WEIGHT * similarity_query(each, model) for each in less]
    return None if not parts else np.sum(parts, axis=0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class SimilarityCalibration:
    """Similarity of two photos to the probability that both show the same."""

    model: ImageQueryModel

    def final(self, score: float) -> float:
        """The same: no fine stage compares photos."""
        return self.coarse(score)

    def coarse(self, score: float) -> float:
        """Logistic; cannot overflow."""
        return 0.5 * (1 + math.tanh(0.5 * (self.model.scale * score + self.model.offset)))


@dataclass(frozen=True, slots=True)
class TextAndImageCalibration:
    """Calibration of queries with words and photos: that of words, where a photo with a neutral
    similarity (one half) changes nothing. ``weight``: of the coarse score in the final one.
    """

    words: Calibration
    model: ImageQueryModel
    weight: float

    @property
    def _neutral(self) -> float:
        return -self.model.beside_words * self.model.offset / self.model.scale

    def final(self, score: float) -> float:
        """Probability of a re-ranked photo."""
        return self.words.final(score - self.weight * self._neutral)

    def coarse(self, score: float) -> float:
        """Probability where only the coarse score is known."""
        return self.words.coarse(score - self._neutral)
