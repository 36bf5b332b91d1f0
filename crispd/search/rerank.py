"""The re-ranking step: the shortlist in the order of the fine model, as far as time allows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.blend import blended
from crispd.search.cascade import FineScores, rank, score_with_deadline
from crispd.search.ranking import Ranking, ScoredLabels, SearchScope
from crispd.types import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.search.encode import EncodedQuery
    from crispd.search.timings import StageTimings
    from crispd.types import Candidates, PhotoReader, Query, Reranker, SecondReranker

# Candidates between two looks at the clock: 0.4 ms of mini's fine model on one x86-64 core. Larger
# chunks save nothing, smaller ones cost calls.
FINE_CHUNK = 32
DEADLINE_NOTE = Note("There was not enough time to re-rank the whole shortlist.", "deadline")


class ShortlistReranker:
    """Re-ranks the first candidates with a pack's fine model, and then with that of another pack.
    Thread-safe where its parts are.

    ``shortlist``: how many, None for what the packs were tuned to. ``deadline_ms``: how long it may
    take, reading the stored tokens included. ``language``: the pack's own.
    """

    def __init__(
        self,
        photos: PhotoReader,
        reranker: Reranker | None,
        *,
        shortlist: int | None,
        deadline_ms: float,
        second: SecondReranker | None = None,
        language: str = "en",
    ) -> None:
        self._photos = photos
        self._reranker = reranker
        self._second = second
        self._language = language
        tuned = 0 if reranker is None else reranker.short_list
        self._own = tuned if shortlist is None else shortlist
        self._given = shortlist
        self._deadline_seconds = deadline_ms / 1000

    def candidates_for(self, query: Query, encoded: EncodedQuery) -> int:
        """How many candidates the first page needs."""
        ready = self._reranker is not None or self._second_length > 0
        reranks = query.rerank and ready and encoded.text is not None
        return max(self._own if reranks else 0, self._second_length, query.limit)

    @property
    def _second_length(self) -> int:
        """Of the other pack's shortlist; 0 where it has nothing to say."""
        if self._second is None or not self._second.short_list:
            return 0
        return self._second.short_list if self._given is None else self._given

    def rerank(
        self,
        query: Query,
        encoded: EncodedQuery,
        candidates: Candidates,
        scope: SearchScope,
        timings: StageTimings,
    ) -> Ranking:
        """The candidates' order: the shortlist by fine scores, the others as they came."""
        end = time.perf_counter() + self._deadline_seconds
        ordering = candidates.ordering
        # the others keep their places: they are not worth a Python object each
        asks = self._asks_second(query, encoded)
        length = max(self._own, self._second_length) if asks else self._own
        head = candidates.labels[:length].tolist()
        near = ordering[: len(head)].tolist()
        weight = 0.0 if self._reranker is None else self._reranker.coarse_weight
        with timings.stage("fine"):
            fine = self._fine(query, encoded, head, end)
        if asks and fine.complete:
            with timings.stage("fine_pack"):
                both = self._blended(encoded, head, near, fine, weight, end)
            fine = both or self._shortened(fine, head)
        with timings.stage("fine"):
            return self._ranking(encoded, candidates, scope, head, fine, weight)

    def _ranking(
        self,
        encoded: EncodedQuery,
        candidates: Candidates,
        scope: SearchScope,
        head: list[int],
        fine: FineScores,
        weight: float,
    ) -> Ranking:
        ordering = candidates.ordering
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

    def _asks_second(self, query: Query, encoded: EncodedQuery) -> bool:
        """Words alone: what another pack makes of photos in a query, and of what they shall not
        show, is not compared with what this one does.
        """
        words_alone = encoded.text is not None and not encoded.pictures
        alone = words_alone and encoded.negative is None
        return bool(query.rerank and alone and self._second_length)

    def _blended(
        self,
        encoded: EncodedQuery,
        head: list[int],
        near: list[float],
        fine: FineScores,
        weight: float,
        end: float,
    ) -> FineScores | None:
        """Fine scores that bring about the order of both packs; None where the other says nothing.

        A photo whose tokens are missing keeps its place behind the others.
        """
        assert self._second is not None
        reached = fine.by_label
        own = {
            label: reached.get(label, 0.0) + (weight or 1.0) * score
            for label, score in zip(head, near, strict=True)
            if label in reached or self._reranker is None
        }
        scores = self._second.score(
            encoded.written, encoded.searched, encoded.language or self._language, list(own),
            end - time.perf_counter(),
        )  # fmt: skip
        both = blended(own, scores)
        if both is None:
            return None
        coarse = dict(zip(head, near, strict=True))
        return FineScores(
            {label: final - weight * coarse[label] for label, final in both.items()}, complete=True
        )

    def _shortened(self, fine: FineScores, head: list[int]) -> FineScores:
        """As if there were no other pack."""
        own = set(head[: self._own])
        return FineScores(
            {label: score for label, score in fine.by_label.items() if label in own}, complete=True
        )

    def _fine(self, query: Query, encoded: EncodedQuery, head: list[int], end: float) -> FineScores:
        """Fine scores of the shortlist, as far as time allows.

        A label without tokens is passed over: its photo was deleted meanwhile, or has none yet.
        """
        reranker, text = self._reranker, encoded.text
        if reranker is None or text is None or not query.rerank:
            return FineScores({}, complete=True)
        tokens = self._photos.tokens_of(head)

        def score(part: Sequence[int]) -> Sequence[float]:
            chosen = [tokens[label] for label in part]
            found: list[float] = reranker.score(text, chosen).tolist()
            return found

        known = [label for label in head if label in tokens]
        return score_with_deadline(known, score, lambda: time.perf_counter() > end, FINE_CHUNK)
