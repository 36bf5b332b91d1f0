"""Relevance of a pack that brings no constants, from the library itself.

Scores of models differ by ten times in height and spread, and hardly in shape. So one set of
constants (decision 286) counts in units of the library: how far a photo's score lies above what is
usual for the query, in spreads of neutral questions; how high and how wide the query's own scores
are, against theirs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from crispd.types import LogitWeights, RelevanceModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.relevance.probability import LibrarySample
    from crispd.types import Floats

# Of standardised features: a photo's score, the query's mean, its spread, offset, words.
# Fitted on the part of `mini` that captions taught, and checked on its others (decision 286).
_SCORE, _MEAN, _SPREAD, _OFFSET, _WORDS = 0.97, 1.31, 1.55, -7.0, -1.22
_LIKELY, _MAYBE, _MAYBE_WORDS = 0.36, 0.01, 0.5
_LIBRARY, _SMALL = 420, 0.58  # as of `mini`: who asks a small library knows what is in it
_ROWS = 256  # photos that stand for the spread where there are few
_NARROWEST = 1e-4  # of scores: nothing is told apart by less


class LibraryFit:
    """``RelevanceModel`` for the library as it is. ``neutral`` float32 [n, dim]: vectors of
    questions that ask for nothing in particular. Thread-safe.
    """

    def __init__(self, neutral: Floats, sample: LibrarySample) -> None:
        self._neutral = neutral
        self._sample = sample
        self._lock = threading.Lock()
        self._of: Floats | None = None
        self._model: RelevanceModel | None = None

    def model(self) -> RelevanceModel | None:
        """Fitted anew where the sample was drawn anew; None in an empty library. 20 ms."""
        photos = self._sample.vectors()
        with self._lock:
            if photos is not self._of:
                self._of = photos
                self._model = fitted(self._neutral, photos) if len(photos) else None
            return self._model


def model_source(
    relevance: RelevanceModel | None, neutral: Floats | None, sample: LibrarySample
) -> Callable[[], RelevanceModel | None] | None:
    """What a judge judges by: the pack's constants, or those of the library, or nothing."""
    if relevance is not None:
        return lambda: relevance
    return None if neutral is None else LibraryFit(neutral, sample).model


def fitted(neutral: Floats, photos: Floats) -> RelevanceModel | None:
    """The constants in units of ``photos`` [n, dim]; None where none of them is there."""
    photos = photos[np.isfinite(photos[:, 0])]
    if not len(photos):
        return None
    scores = photos @ neutral.T
    height = float(np.median(scores.mean(0)))
    # of a handful of photos the spread says little; that over questions is about as wide
    width = max(float(np.median(scores.std(0))), _NARROWEST)
    if len(photos) < len(neutral):
        width = max(width, float(np.median(scores.std(1))))
    weights = LogitWeights(
        score=_SCORE / width,
        mean=(_MEAN - _SCORE) / width,
        spread=_SPREAD / width,
        offset=_OFFSET - _MEAN * height / width,
        words=_WORDS,
    )
    rows = photos[np.linspace(0, len(photos) - 1, min(_ROWS, len(photos))).astype(np.int64)]
    centre = photos.mean(0)
    reference = np.vstack([centre, (rows - centre) / np.sqrt(len(rows))]).astype(np.float32)
    return RelevanceModel(
        weights, weights, _LIKELY, _MAYBE, 1, reference, _LIBRARY, _SMALL, _MAYBE_WORDS
    )
