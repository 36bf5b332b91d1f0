"""Candidate retrieval: the coarse stage, without the labels that a query excludes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.label_set import LabelSet, distinct
from crispd.search.negative import EXCLUDED_FROM_Z
from crispd.search.ranking import Ranking, ScoredLabels, SearchScope
from crispd.types import Candidates

if TYPE_CHECKING:
    from crispd.search.encode import EncodedQuery
    from crispd.search.metadata_index.metadata_index import FilterResult
    from crispd.types import CoarseIndex, Labels

# Neighbours beyond what is needed, for labels whose photos were deleted a moment ago.
_SLACK = 16
# Photos that a negative prompt is compared with; those beyond when somebody goes there.
_NEGATIVE_POOL = 2000


class CandidateRetrieval:
    """Retrieves candidates from the coarse index. Thread-safe where the index is."""

    def __init__(self, index: CoarseIndex) -> None:
        self._index = index

    def scope(self, filtered: FilterResult | None) -> SearchScope:
        """What a query with these filters may find."""
        if filtered is None:
            return SearchScope(len(self._index))
        allowed = distinct(filtered.labels)
        return SearchScope(len(allowed), LabelSet(allowed), LabelSet(filtered.rows))

    def retrieve(
        self, encoded: EncodedQuery, scope: SearchScope, count: int, floor: float | None
    ) -> Candidates:
        """At least ``count`` candidates where there are so many, and all above ``floor``.

        Best first. ``complete`` says that there are no more.
        """
        assert encoded.vector is not None
        wanted = count + _SLACK
        if encoded.negative is not None:
            wanted = max(wanted, _NEGATIVE_POOL)
        wanted += len(encoded.excluded_labels)
        found = self._index.search(encoded.vector, wanted, _among(scope), floor)
        complete = len(found.labels) >= scope.considered
        return self.without_excluded(encoded, replace(found, complete=complete))

    def complete(self, ranking: Ranking) -> Ranking:
        """The ranking with everything that is not in it yet, by its coarse score."""
        encoded, scope = ranking.encoded, ranking.scope
        if ranking.complete or encoded.vector is None:
            return ranking
        count = max(len(self._index), scope.considered)
        found = self._index.search(encoded.vector, count, _among(scope))
        new = ~np.isin(found.labels, ranking.scores.labels)
        rest = replace(found, labels=found.labels[new], scores=found.scores[new])
        rest = self.without_excluded(encoded, rest)
        scores = ranking.scores.extended(rest.labels, rest.scores)
        return replace(ranking, scores=scores, complete=True, exact=ranking.exact and found.exact)

    def browse(self, encoded: EncodedQuery, filtered: FilterResult) -> Ranking:
        """What filters let through, without anything to compare it with: all equally good."""
        labels = distinct(filtered.labels)
        nothing = np.full(len(labels), np.nan, np.float32)
        kept = self.without_excluded(encoded, Candidates(labels, nothing, exact=True)).labels
        nothing = nothing[: len(kept)]
        return Ranking(
            encoded,
            ScoredLabels(kept, np.ones(len(kept), np.float64), nothing, nothing),
            self.scope(filtered),
            complete=True,
            exact=True,
            notes=encoded.notes,
        )

    def without_excluded(self, encoded: EncodedQuery, found: Candidates) -> Candidates:
        """Candidates that show nothing unwanted, best first; reference photos go too."""
        labels, coarse = found.labels, found.scores
        if encoded.excluded_labels:
            kept = ~np.isin(labels, encoded.excluded_labels)
            labels, coarse = labels[kept], coarse[kept]
        if encoded.negative is None:
            return replace(found, labels=labels, scores=coarse)
        z_scores = encoded.negative.z_scores(self._index, labels)
        kept = z_scores < EXCLUDED_FROM_Z
        labels, coarse = labels[kept], coarse[kept]
        penalties = encoded.negative.penalty(z_scores[kept])
        order = np.lexsort((labels, penalties - coarse))
        return replace(
            found, labels=labels[order], scores=coarse[order], penalties=penalties[order]
        )


def _among(scope: SearchScope) -> Labels | None:
    return None if scope.allowed is None else scope.allowed.numbers()
