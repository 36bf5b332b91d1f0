"""The engine: text, coarse, fine, and photos out of labels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crispd.search.cascade import Ranked, rank, score_until
from crispd.search.timings import Timings
from crispd.types import SearchAnswer, SearchHit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import (
        Calibration,
        CoarseIndex,
        EncodedText,
        Neighbours,
        PhotoReader,
        Query,
        Reranker,
        TextEncoder,
    )

# Candidates between two looks at the clock: about 3 ms of fine scoring on a Raspberry Pi 4.
_CHUNK = 32
# Neighbours beyond what is needed, for labels whose photos were deleted a moment ago.
_SLACK = 8
CUT_NOTE = "The text is longer than the model reads; its end was left out."
DEADLINE_NOTE = "There was not enough time to re-rank the whole short list."


class SearchEngine:
    """Answers queries. Thread-safe where its collaborators are.

    ``short_list``: K, None for what the pack was tuned to. ``fine_deadline_ms``: how long the fine
    stage may take; candidates it did not reach keep their coarse place.
    """

    def __init__(
        self,
        text: TextEncoder,
        index: CoarseIndex,
        photos: PhotoReader,
        reranker: Reranker | None,
        calibration: Calibration,
        *,
        short_list: int | None = None,
        fine_deadline_ms: float = 250.0,
    ) -> None:
        self._text = text
        self._index = index
        self._photos = photos
        self._reranker = reranker
        self._calibration = calibration
        self._short_list = short_list or (reranker.short_list if reranker else 0)
        self._deadline_seconds = fine_deadline_ms / 1000

    def search(self, query: Query) -> SearchAnswer:
        """The answer to one query."""
        timings = Timings()
        with timings.stage("text"):
            encoded = self._text.encode(query.text)
        with timings.stage("coarse"):
            wanted = max(self._short_list if query.rerank else 0, query.limit) + _SLACK
            near = self._index.search(encoded.embedding, wanted)
        labels, coarse = near.labels.tolist(), near.scores.tolist()
        fine: dict[int, float] = {}
        notes = [CUT_NOTE] if encoded.cut else []
        if query.rerank and self._reranker is not None:
            with timings.stage("fine"):
                fine, complete = self._fine(self._reranker, encoded, labels[: self._short_list])
            if not complete:
                notes.append(DEADLINE_NOTE)
        weight = self._reranker.coarse_weight if self._reranker else 0.0
        ranked = rank(labels, coarse, fine, weight, self._calibration)
        hits = self._hits(ranked, query.limit)
        return self._answer(query, hits, near, len(fine), timings, notes)

    def _answer(
        self,
        query: Query,
        hits: list[SearchHit],
        near: Neighbours,
        reranked: int,
        timings: Timings,
        notes: list[str],
    ) -> SearchAnswer:
        return SearchAnswer(
            query=query.text,
            hits=tuple(hits),
            considered=len(self._index),
            exact=near.exact,
            reranked=reranked,
            timings_ms=timings.milliseconds(),
            notes=tuple(notes),
        )

    def _fine(
        self, reranker: Reranker, text: EncodedText, labels: list[int]
    ) -> tuple[dict[int, float], bool]:
        """Fine scores by label, and whether the whole short list was reached."""
        end = time.perf_counter() + self._deadline_seconds
        tokens = self._photos.tokens_of(labels)
        known = [label for label in labels if label in tokens]

        def score(part: Sequence[int]) -> Sequence[float]:
            scores: list[float] = reranker.score(text, [tokens[label] for label in part]).tolist()
            return scores

        scored = score_until(known, score, lambda: time.perf_counter() > end, _CHUNK)
        return scored, len(scored) == len(known)

    def _hits(self, ranked: list[Ranked], limit: int) -> list[SearchHit]:
        """The first ``limit`` photos. Copies of a photo stand next to each other."""
        hits: list[SearchHit] = []
        # Most labels have one photo: the first page of labels is nearly always enough.
        for start in range(0, len(ranked), limit):
            part = ranked[start : start + limit]
            photos = self._photos.photos_of([item.label for item in part])
            for item in part:
                for photo in photos.get(item.label, ()):
                    hits.append(SearchHit(photo, item.score, item.coarse, item.fine))
            if len(hits) >= limit:
                break
        return hits[:limit]
