"""A question's order of the library: the cascade for its beginning, the rest when needed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crispd.search.cascade import FineScores, RankedResult, rank, score_with_deadline
from crispd.search.label_set import LabelSet, distinct
from crispd.search.metadata_index.value_codes import UNKNOWN_TIME
from crispd.search.negative import EXCLUDED_FROM_Z
from crispd.types import Note, latest_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.search.collapse import Collapse
    from crispd.search.encode import EncodedQuery
    from crispd.search.metadata_index.metadata_index import FilterResult
    from crispd.search.relevance.judge import RelevanceCutoff
    from crispd.types import (
        Candidates,
        CoarseIndex,
        Floats,
        Labels,
        PhotoReader,
        Query,
        Reranker,
        ScoreFloor,
    )

Doubles = npt.NDArray[np.float64]
# Candidates between two looks at the clock: 0.4 ms of mini's fine model on one x86-64 core. Larger
# chunks save nothing, smaller ones cost calls.
FINE_CHUNK = 32
# Neighbours beyond what is needed, for labels whose photos were deleted a moment ago.
_SLACK = 16
DEADLINE_NOTE = Note("There was not enough time to re-rank the whole shortlist.", "deadline")
# Photos that are looked at for what they shall not show; those beyond when somebody goes there.
_NEGATIVE_POOL = 2000


@dataclass(slots=True)
class Ranking:
    """Labels int64 [n], best first, with scores: ``coarse`` and ``fine`` float32 [n], NaN where
    there is none; ``score`` float64 [n], NaN where nobody looked yet.

    ``complete``: there are no more. ``allowed``: labels that the filters let through, and ``rows``
    of their photos; None where there are no filters. ``considered``: how many contents
    might have been found. ``verdict``: tells relevance, None where nothing can. ``likely`` and
    ``maybe``: how many are, None where nobody counted. ``folds``: what each label stands for,
    None where for itself. ``closest``: the beginning of the order, where none of it may be it.
    """

    question: EncodedQuery
    labels: Labels
    score: Doubles
    coarse: Floats
    fine: Floats
    complete: bool
    exact: bool
    considered: int
    reranked: int = 0
    allowed: LabelSet | None = None
    rows: LabelSet | None = None
    notes: tuple[str, ...] = ()
    cutoff: RelevanceCutoff | None = None
    likely: int | None = None
    maybe: int | None = None
    collapse: Collapse | None = None
    closest: Ranking | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def bytes(self) -> int:
        """What it holds of memory, about."""
        parts = (
            self.labels, self.score, self.coarse, self.fine, self.allowed, self.rows, self.collapse,
        )  # fmt: skip
        return sum(part.nbytes for part in parts if part is not None)

    def first(self, count: int) -> Ranking:
        """The beginning of it, as a ranking that is complete."""
        return replace(
            self, labels=self.labels[:count], score=self.score[:count],
            coarse=self.coarse[:count], fine=self.fine[:count], complete=True,
        )  # fmt: skip

    def reorder(self, order: Labels) -> None:
        """Take another order, or only a part."""
        self.labels, self.score = self.labels[order], self.score[order]
        self.coarse, self.fine = self.coarse[order], self.fine[order]
        if self.collapse is not None:
            self.collapse.reorder(order)


@dataclass(frozen=True, slots=True)
class ScoredCandidates:
    """Labels with their coarse scores, and with those that put them in order; best first."""

    labels: Labels
    coarse: Floats
    ordered: Floats


class Reranking:
    """Thread-safe where its collaborators are; see ``SearchEngine`` for what it is given."""

    def __init__(
        self,
        index: CoarseIndex,
        photos: PhotoReader,
        reranker: Reranker | None,
        *,
        short_list: int | None,
        fine_deadline_ms: float,
    ) -> None:
        self._index = index
        self._photos = photos
        self._reranker = reranker
        tuned = 0 if reranker is None else reranker.short_list
        self._short_list = tuned if short_list is None else short_list
        self._deadline_seconds = fine_deadline_ms / 1000

    def coarse(
        self,
        query: Query,
        question: EncodedQuery,
        allowed: Labels | None,
        score_floor: ScoreFloor | None,
    ) -> Candidates:
        """The neighbours that a first page needs, and those within ``reach``."""
        assert question.vector is not None
        reranks = query.rerank and self._reranker is not None and question.text is not None
        wanted = max(self._short_list if reranks else 0, query.limit) + _SLACK
        if question.without is not None:
            wanted = max(wanted, _NEGATIVE_POOL)
        return self._index.search(
            question.vector, wanted + len(question.excluded_labels), allowed, score_floor
        )

    def rank(
        self,
        query: Query,
        question: EncodedQuery,
        near: Candidates,
        rows: LabelSet | None,
        allowed: Labels | None,
    ) -> Ranking:
        """The beginning of the order, re-ranked as far as time allows."""
        found = self._wanted(question, near.labels, near.scores)
        # the others keep their places: they are not worth a Python object each
        head = found.labels[: self._short_list].tolist()
        fine = self._fine(query, question, head)
        weight = 0.0 if self._reranker is None else self._reranker.coarse_weight
        near_head = found.ordered[: len(head)].tolist()
        ranked = rank(head, near_head, fine.by_label, weight, question.calibration)
        considered = len(self._index) if allowed is None else len(allowed)
        ranking = Ranking(
            question,
            found.labels,
            np.full(len(found.labels), np.nan),
            found.coarse,
            np.full(len(found.labels), np.nan, np.float32),
            complete=len(near.labels) >= considered,
            exact=near.exact,
            considered=considered,
            reranked=len(fine.by_label),
            allowed=None if allowed is None else LabelSet(allowed),
            rows=rows,
            notes=(*question.notes, *[DEADLINE_NOTE] * (not fine.complete)),
        )
        _put_first(ranking, ranked)
        if question.without is not None:  # not in the order of their coarse scores
            rest = map(question.calibration.coarse, found.ordered[len(head) :].tolist())
            ranking.score[len(head) :] = list(rest)
            np.minimum.accumulate(ranking.score, out=ranking.score)
        return ranking

    def complete(self, ranking: Ranking) -> None:
        """Add everything that is not in a ranking yet, by its coarse score."""
        if not ranking.complete and ranking.question.vector is not None:
            self._add(ranking, max(len(self._index), ranking.considered))

    def _add(self, ranking: Ranking, count: int) -> None:
        assert ranking.question.vector is not None
        among = None if ranking.allowed is None else ranking.allowed.numbers()
        near = self._index.search(ranking.question.vector, count, among)
        new = ~np.isin(near.labels, ranking.labels)
        found = self._wanted(ranking.question, near.labels[new], near.scores[new])
        labels, coarse = found.labels, found.coarse
        unknown = np.full(len(labels), np.nan, np.float32)
        ranking.labels = np.concatenate([ranking.labels, labels])
        ranking.coarse = np.concatenate([ranking.coarse, coarse])
        ranking.fine = np.concatenate([ranking.fine, unknown])
        ranking.score = np.concatenate([ranking.score, unknown.astype(np.float64)])
        ranking.complete = count >= ranking.considered
        ranking.exact = ranking.exact and near.exact

    def browse(self, question: EncodedQuery, listed: FilterResult) -> Ranking:
        """What filters let through, without anything to compare it with: each as good as the
        other.
        """
        labels = distinct(listed.labels)
        nothing = np.full(len(labels), np.nan, np.float32)
        kept = self._wanted(question, labels, nothing).labels
        return Ranking(
            question,
            kept,
            np.ones(len(kept), np.float64),
            nothing[: len(kept)],
            nothing[: len(kept)],
            complete=True,
            exact=True,
            considered=len(labels),
            allowed=LabelSet(labels),
            rows=LabelSet(listed.rows),
            notes=question.notes,
        )

    def _wanted(self, question: EncodedQuery, labels: Labels, coarse: Floats) -> ScoredCandidates:
        """Those that show nothing unwanted, best first; photos that were asked with go too."""
        kept = ~np.isin(labels, question.excluded_labels)
        labels, coarse = labels[kept], coarse[kept]
        if question.without is None:
            return ScoredCandidates(labels, coarse, coarse)
        standings = question.without.z_scores(self._index, labels)
        kept = standings < EXCLUDED_FROM_Z
        labels, coarse = labels[kept], coarse[kept]
        ordered = coarse - question.without.penalty(standings[kept])
        order = np.lexsort((labels, -ordered))
        return ScoredCandidates(labels[order], coarse[order], ordered[order])

    def _fine(self, query: Query, question: EncodedQuery, near: list[int]) -> FineScores:
        """Fine scores of the shortlist, the first K of ``near``, as far as time allows.

        A label without tokens is passed over: its photo was deleted meanwhile, or has none yet.
        """
        reranker, text = self._reranker, question.text
        if reranker is None or text is None or not query.rerank:
            return FineScores({}, complete=True)
        end = time.perf_counter() + self._deadline_seconds
        short_list = near[: self._short_list]
        tokens = self._photos.tokens_of(short_list)

        def score(part: Sequence[int]) -> Sequence[float]:
            chosen = [tokens[label] for label in part]
            found: list[float] = reranker.score(text, chosen).tolist()
            return found

        known = [label for label in short_list if label in tokens]
        return score_with_deadline(known, score, lambda: time.perf_counter() > end, FINE_CHUNK)


def _put_first(ranking: Ranking, ranked: Sequence[RankedResult]) -> None:
    """Order the beginning of a ranking, which has these labels, as ``ranked`` says."""
    place = {label: at for at, label in enumerate(ranking.labels[: len(ranked)].tolist())}
    order = np.array([place[item.label] for item in ranked], np.int64)
    ranking.reorder(np.concatenate([order, np.arange(len(order), len(ranking))]))
    ranking.score[: len(ranked)] = [item.score for item in ranked]
    ranking.fine[: len(ranked)] = [np.nan if item.fine is None else item.fine for item in ranked]


def sort_by_time(ranking: Ranking, listed: FilterResult, *, newest: bool) -> None:
    """Order a ranking by the latest (or earliest) time of each content's photos; ties by label.

    Those whose time is not known come last, and those of a clock that is wrong: nobody looks for
    the latest photos in a year to come.
    """
    times = np.where(newest, -listed.seconds, listed.seconds)
    ahead = listed.seconds > latest_date().timestamp()
    times[(listed.seconds == UNKNOWN_TIME) | ahead] = np.iinfo(np.int64).max
    order = np.lexsort((times, listed.labels))
    labels, first = np.unique(listed.labels[order], return_index=True)
    known = np.isin(ranking.labels, labels)
    earliest = np.full(len(ranking), np.iinfo(np.int64).max)
    earliest[known] = times[order][first][np.searchsorted(labels, ranking.labels[known])]
    ordered = np.lexsort((ranking.labels, earliest))
    # those that are gone may still stand for others
    ranking.reorder(ordered if ranking.collapse is not None else ordered[known[ordered]])
