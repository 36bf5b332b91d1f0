"""The three ways to rank a library: coarse only, fine over everything, and the cascade.

All use the same text vectors, stored tokens, kernels, chunks and threads; what differs is only
which photos the fine model is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.search.cascade import rank, score_with_deadline
from crispd.search.engine import FINE_CHUNK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.evaluation.encoded import EncodedLibrary
    from crispd.packs.pack import Pack
    from crispd.types import EncodedText, Floats, Labels

SHOWN = 10  # results a person sees first


class Arms:
    """Ranks an encoded library with a pack."""

    def __init__(self, pack: Pack, library: EncodedLibrary) -> None:
        self._pack = pack
        self._library = library
        self._everything = list(range(len(library)))

    @property
    def has_fine(self) -> bool:
        """Whether there is anything to compare."""
        return self._pack.reranker is not None

    def coarse(self, text: EncodedText, count: int) -> Labels:
        """The first ``count`` labels of the coarse order, int64."""
        return self._library.index.search(text.embedding, count).labels

    def cascade(self, text: EncodedText, short_list: int) -> list[int]:
        """Labels after re-ranking the first ``short_list``, as a search does it."""
        near = self._library.index.search(text.embedding, max(short_list, SHOWN))
        labels, scores = near.labels.tolist(), near.scores.tolist()
        fine = self._scores(text, labels[:short_list])
        return [
            item.label for item in rank(labels, scores, fine, self._weight, self._pack.calibration)
        ]

    def everything(self, text: EncodedText) -> tuple[Floats, Floats]:
        """Fine scores float32 [N] and final scores float32 [N] of every photo."""
        scores = self._scores(text, self._everything)
        fine = np.fromiter(scores.values(), np.float32, len(scores))
        return fine, fine + np.float32(self._weight) * (self._library.vectors @ text.embedding)

    def full(self, text: EncodedText) -> Labels:
        """The first labels of the fine model over every photo."""
        final = self.everything(text)[1]
        return np.argsort(-final, kind="stable")[:SHOWN]

    @property
    def _weight(self) -> float:
        return 0.0 if self._pack.reranker is None else self._pack.reranker.coarse_weight

    def _scores(self, text: EncodedText, labels: Sequence[int]) -> dict[int, float]:
        reranker, tokens = self._pack.reranker, self._library.tokens
        if reranker is None:
            return {}

        def score(part: Sequence[int]) -> Sequence[float]:
            found: list[float] = reranker.score(text, [tokens[label] for label in part]).tolist()
            return found

        return dict(score_with_deadline(labels, score, lambda: False, FINE_CHUNK).by_label)
