"""The engine: text, coarse, fine, and photos out of labels."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from crispd.search.cascade import FineScores, Ranked, rank, score_until
from crispd.search.spelling import Speller, Spelling
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

# Candidates between two looks at the clock: 0.4 ms of mini's fine model on one x86-64 core. Larger
# chunks save nothing, smaller ones cost calls.
FINE_CHUNK = 32
# Neighbours beyond what is needed, for labels whose photos were deleted a moment ago.
_SLACK = 16
# Labels whose photos are read at once, at least: a query to SQLite costs more than a few rows.
_LABELS_AT_ONCE = 32
CUT_NOTE = "The text is longer than the model reads; its end was left out."
DEADLINE_NOTE = "There was not enough time to re-rank the whole short list."


def _spelled(written: str, read: str) -> str:
    return f"Read {read} for {written}; spelling=false searches for the words as they are written."


class SearchEngine:
    """Answers queries. Thread-safe where its collaborators are.

    ``short_list``: K, None for what the pack was tuned to. ``fine_deadline_ms``: how long the fine
    stage may take, reading its tokens included; candidates it did not reach keep their coarse
    place after the others.
    """

    def __init__(
        self,
        text: TextEncoder,
        index: CoarseIndex,
        photos: PhotoReader,
        reranker: Reranker | None,
        calibration: Calibration,
        *,
        speller: Speller | None = None,
        short_list: int | None = None,
        fine_deadline_ms: float = 250.0,
    ) -> None:
        self._text = text
        self._index = index
        self._photos = photos
        self._reranker = reranker
        self._calibration = calibration
        self._speller = speller or Speller({})
        tuned = 0 if reranker is None else reranker.short_list
        self._short_list = tuned if short_list is None else short_list
        self._deadline_seconds = fine_deadline_ms / 1000

    def search(self, query: Query) -> SearchAnswer:
        """The answer to one query."""
        timings = Timings()
        with timings.stage("text"):
            read = self._speller.read(query.text) if query.spelling else Spelling(query.text)
            encoded = self._text.encode(read.text)
        with timings.stage("coarse"):
            near = self._index.search(encoded.embedding, self._wanted(query))
        with timings.stage("fine"):
            fine = self._fine(query, encoded, near.labels.tolist())
        hits = self._hits(self._rank(near, fine), query.limit)
        notes = [_spelled(*pair) for pair in read.changed]
        notes += [CUT_NOTE] * encoded.cut + [DEADLINE_NOTE] * (not fine.complete)
        return SearchAnswer(
            query=query.text,
            searched=read.text,
            hits=tuple(hits),
            considered=len(self._index),
            exact=near.exact,
            reranked=len(fine.by_label),
            timings_ms=timings.milliseconds(),
            notes=tuple(notes),
        )

    def _wanted(self, query: Query) -> int:
        """How many neighbours to ask for."""
        reranks = query.rerank and self._reranker is not None
        return max(self._short_list if reranks else 0, query.limit) + _SLACK

    def _fine(self, query: Query, text: EncodedText, near: list[int]) -> FineScores:
        """Fine scores of the short list, the first K of ``near``, as far as time allows.

        A label without tokens is passed over: its photo was deleted meanwhile, or has none yet.
        """
        reranker = self._reranker
        if reranker is None or not query.rerank:
            return FineScores({}, complete=True)
        end = time.perf_counter() + self._deadline_seconds
        short_list = near[: self._short_list]
        tokens = self._photos.tokens_of(short_list)

        def score(part: Sequence[int]) -> Sequence[float]:
            scores: list[float] = reranker.score(text, [tokens[label] for label in part]).tolist()
            return scores

        known = [label for label in short_list if label in tokens]
        return score_until(known, score, lambda: time.perf_counter() > end, FINE_CHUNK)

    def _rank(self, near: Neighbours, fine: FineScores) -> list[Ranked]:
        weight = 0.0 if self._reranker is None else self._reranker.coarse_weight
        labels, scores = near.labels.tolist(), near.scores.tolist()
        return rank(labels, scores, fine.by_label, weight, self._calibration)

    def _hits(self, ranked: list[Ranked], limit: int) -> list[SearchHit]:
        """The first ``limit`` photos. Copies stand next to each other; deleted ones drop out."""
        hits: list[SearchHit] = []
        # Most labels have one photo: the first page of labels is nearly always enough.
        page = max(limit, _LABELS_AT_ONCE)
        for start in range(0, len(ranked), page):
            part = ranked[start : start + page]
            photos = self._photos.photos_of([item.label for item in part])
            hits += [
                SearchHit(photo, item.score, item.coarse, item.fine)
                for item in part
                for photo in photos.get(item.label, ())
            ]
            if len(hits) >= limit:
                break
        return hits[:limit]
