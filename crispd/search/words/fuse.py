"""Fusion of visual and textual evidence into one probability and one order.

Evidence of both kinds is taken as independent, so a photo is not meant only if both are wrong
(noisy-or: J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, section 4.3.2). Adding
evidence never makes a photo less likely, and where files say nothing the order stays as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.ranking import ScoredLabels
from crispd.search.words.derived_words import is_feast
from crispd.search.words.word_evidence import find_evidence
from crispd.types import Candidates

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.encode import EncodedQuery, QueryEncoder
    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.ranking import Ranking
    from crispd.search.relevance.judge import RelevanceCutoff, RelevanceJudge
    from crispd.search.retrieve import CandidateRetrieval
    from crispd.search.words.word_evidence import WordEvidence, WordSource
    from crispd.types import CoarseIndex, Floats, Labels

# Sets of words left over that are looked for in photos by themselves: each costs an encoding.
_MOST_RESTS = 2
# Photos whose scores are all told. Of more, the best of so many have some, and the others none:
# they would be told apart far below what anybody looks at.
_MOST_SCORED = 2000


class WordFusion:
    """Adds the evidence of words to a ranking of probabilities. Thread-safe where its parts are."""

    def __init__(
        self,
        source: WordSource,
        encoder: QueryEncoder,
        index: CoarseIndex,
        retrieval: CandidateRetrieval,
        metadata_index: MetadataIndex,
        judge: RelevanceJudge,
        is_visual: Callable[[str], bool],
    ) -> None:
        self._source = source
        self._encoder = encoder
        self._index = index
        self._retrieval = retrieval
        self._metadata_index = metadata_index
        self._judge = judge
        self._is_visual = lambda word: is_feast(word) or all(map(is_visual, word.split()))

    def fuse(self, ranking: Ranking, cutoff: RelevanceCutoff) -> Ranking:
        """``ranking`` with probabilities as scores, never rising; the same of the result."""
        evidence = find_evidence(self._source, ranking.encoded.written, self._is_visual)
        if evidence is None:
            return ranking
        evidence, meant = self._allowed(ranking, evidence)
        coarse = self._scores(ranking.encoded, meant)
        ranking = self._extended(ranking, cutoff, meant, coarse)
        said = evidence.probabilities(self._shown(cutoff, evidence, meant, coarse))
        labels = ranking.scores.labels
        by_label = np.argsort(labels, kind="stable")
        places = np.searchsorted(labels, meant, sorter=by_label)
        places = by_label[np.minimum(places, len(labels) - 1)] if len(labels) else places
        known = labels[places] == meant if len(labels) else np.zeros(len(meant), bool)
        missing = np.ones(len(labels), np.float64)
        np.minimum.at(missing, places[known], 1.0 - said[known])
        shown = np.nan_to_num(ranking.scores.score, nan=0.0)
        fused = 1.0 - (1.0 - shown) * missing
        order = np.argsort(-fused, kind="stable")
        scores = replace(ranking.scores, score=fused).take(order)
        return replace(ranking, scores=scores, matched=evidence)

    def _allowed(self, ranking: Ranking, evidence: WordEvidence) -> tuple[WordEvidence, Labels]:
        """Of photos that are searchable and that the filters let through; and their labels."""
        listed = self._metadata_index.of_rows(evidence.rows)
        rows, labels = listed.rows, listed.labels
        if ranking.scope.rows is not None:
            inside = ranking.scope.rows.which(rows)
            rows, labels = rows[inside], labels[inside]
        order = np.argsort(rows)
        return evidence.take(np.searchsorted(evidence.rows, rows[order])), labels[order]

    def _extended(
        self, ranking: Ranking, cutoff: RelevanceCutoff, labels: Labels, coarse: Floats
    ) -> Ranking:
        """With labels that the coarse stage did not reach, by their coarse scores."""
        found, first = np.unique(labels, return_index=True)
        new = ~np.isin(found, ranking.scores.labels)
        if not new.any():
            return ranking
        added = self._retrieval.without_excluded(
            ranking.encoded, Candidates(found[new], coarse[first[new]], exact=True)
        )
        shown = _probabilities(cutoff, added.scores).astype(np.float64)
        scores = ranking.scores.extended(added.labels, added.scores)
        score = np.concatenate([ranking.scores.score, shown])
        return replace(
            ranking, scores=ScoredLabels(scores.labels, score, scores.coarse, scores.fine)
        )

    def _shown(
        self, cutoff: RelevanceCutoff, evidence: WordEvidence, labels: Labels, coarse: Floats
    ) -> Floats:
        """float32 [n]: probabilities that photos show the words that their files do not have.

        ``coarse`` [n]: how they score with the whole query, which stands for its words where most
        of them are left over.
        """
        found = _probabilities(cutoff, coarse)
        rests, at, counts = np.unique(evidence.rest, return_inverse=True, return_counts=True)
        few = (rests != 0) & (2 * np.bitwise_count(rests) <= len(evidence.words))
        for each in np.argsort(-np.where(few, counts, 0), kind="stable")[:_MOST_RESTS]:
            if few[each]:
                places = np.flatnonzero(at == each)
                rest = self._encoder.encode_words(evidence.rest_words(int(rests[each])))
                own, coarse = self._judge.cutoff(rest), self._scores(rest, labels[places])
                found[places] = 0.0 if own is None else _probabilities(own, coarse)
        return found

    def _scores(self, encoded: EncodedQuery, labels: Labels) -> Floats:
        """Coarse scores float32 [n]; NaN for what is gone, or lies far behind the others."""
        if encoded.vector is None:
            return np.full(len(labels), np.nan, np.float32)
        if len(labels) <= _MOST_SCORED:
            return self._index.scores_of(encoded.vector, labels)
        among, at = np.unique(labels, return_inverse=True)
        best = self._index.search(encoded.vector, _MOST_SCORED, among)
        found = np.full(len(among), np.nan, np.float32)
        found[np.searchsorted(among, best.labels)] = best.scores
        return found[at]


def _probabilities(cutoff: RelevanceCutoff, coarse: Floats) -> Floats:
    """float32 [n] of coarse scores [n] alone; 0 where there is none."""
    return np.nan_to_num(cutoff.probabilities(coarse, np.full_like(coarse, np.nan)))
