"""The re-ranking step: the shortlist in the order of the fine model, as far as time allows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.cascade import FineScores, rank, score_with_deadline
from crispd.search.ranking import Ranking, ScoredLabels, SearchScope
from crispd.types import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.search.encode import EncodedQuery
    from crispd.types import Candidates, PhotoReader, Query, Reranker

# Candidates between two looks at the clock: 0.4 ms of mini's fine model on one x86-64 core. Larger
# chunks save nothing, smaller ones cost calls.
FINE_CHUNK = 32
DEADLINE_NOTE = Note("There was not enough time to re-rank the whole shortlist.", "deadline")


class ShortlistReranker:
    """Re-ranks the first candidates with a pack's fine model. Thread-safe where its parts are.

    ``shortlist``: how many, None for what the pack was tuned to. ``deadline_ms``: how long it may
    take, reading the stored tokens included.
    """

    def __init__(
        self,
        photos: PhotoReader,
        reranker: Reranker | None,
        *,
        shortlist: int | None,
        deadline_ms: float,
    ) -> None:
        self._photos = photos
        self._reranker = reranker
        tuned = 0 if reranker is None else reranker.short_list
        self._shortlist = tuned if shortlist is None else shortlist
        self._deadline_seconds = deadline_ms / 1000

    def candidates_for(self, query: Query, encoded: EncodedQuery) -> int:
        """How many candidates the first page needs."""
        reranks = query.rerank and self._reranker is not None and encoded.text is not None
        return max(self._shortlist if reranks else 0, query.limit)

    def rerank(
        self, query: Query, encoded: EncodedQuery, candidates: Candidates, scope: SearchScope
    ) -> Ranking:
        """The candidates' order: the shortlist by fine scores, the others as they came."""
        ordering = candidates.ordering
        # the others keep their places: they are not worth a Python object each
        head = candidates.labels[: self._shortlist].tolist()
        fine = self._fine(query, encoded, head)
        weight = 0.0 if self._reranker is None else self._reranker.coarse_weight
        near = ordering[: len(head)].tolist()
        ranked = rank(head, near, fine.by_label, weight, encoded.calibration)
        place = {label: at for at, label in enumerate(head)}
        order = np.array([place[item.label] for item in ranked], np.int64)
        unchanged = np.arange(len(order), len(candidates.labels))
        scores = ScoredLabels(
            candidates.labels,
            np.full(len(candidates.labels), np.nan),
            candidates.scores,
            np.full(len(candidates.labels), np.nan, np.float32),
        ).take(np.concatenate([order, unchanged]))
        scores.score[: len(ranked)] = [item.score for item in ranked]
        scores.fine[: len(ranked)] = [np.nan if item.fine is None else item.fine for item in ranked]
        if encoded.negative is not None:  # the rest is not in the order of its coarse scores
            rest = map(encoded.calibration.coarse, ordering[len(head) :].tolist())
            scores.score[len(head) :] = list(rest)
            np.minimum.accumulate(scores.score, out=scores.score)
        ranking = Ranking(
            encoded,
            scores,
            scope,
            complete=candidates.complete,
            exact=candidates.exact,
            reranked=len(fine.by_label),
            notes=encoded.notes,
        )
        return ranking if fine.complete else ranking.with_notes(DEADLINE_NOTE)

    def _fine(self, query: Query, encoded: EncodedQuery, head: list[int]) -> FineScores:
        """Fine scores of the shortlist, as far as time allows.

        A label without tokens is passed over: its photo was deleted meanwhile, or has none yet.
        """
        reranker, text = self._reranker, encoded.text
        if reranker is None or text is None or not query.rerank:
            return FineScores({}, complete=True)
        end = time.perf_counter() + self._deadline_seconds
        tokens = self._photos.tokens_of(head)

        def score(part: Sequence[int]) -> Sequence[float]:
            chosen = [tokens[label] for label in part]
            found: list[float] = reranker.score(text, chosen).tolist()
            return found

        known = [label for label in head if label in tokens]
        return score_with_deadline(known, score, lambda: time.perf_counter() > end, FINE_CHUNK)
