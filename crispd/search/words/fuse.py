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
    from crispd.search.ranking import Doubles, Ranking
    from crispd.search.relevance.judge import RelevanceCutoff, RelevanceJudge
    from crispd.search.retrieve import CandidateRetrieval
    from crispd.search.words.word_evidence import WordEvidence, WordSource
    from crispd.types import CoarseIndex, Floats, Labels

# Sets of words left over that are looked for in photos by themselves: each costs an encoding.
_MOST_RESTS = 2
# Photos whose scores are all told. Of more, a few pages have some, the best ones, and the others
# come behind them by their words alone.
_MOST_SCORED = 2000
_BEST_SCORED = 150


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
        evidence, labels = self._allowed(ranking, evidence)
        coarse = self._scores(ranking.encoded, labels)
        said = evidence.probabilities(self._shown(cutoff, evidence, labels, coarse))
        contents, said, coarse = _by_content(labels, said, coarse)
        scores = ranking.scores
        at = np.minimum(np.searchsorted(contents, scores.labels), max(len(contents) - 1, 0))
        known = contents[at] == scores.labels if len(contents) else np.zeros(len(scores), bool)
        shown = np.nan_to_num(scores.score, nan=0.0)
        shown[known] = _either(shown[known], said[at[known]])
        new = np.ones(len(contents), bool)
        new[at[known]] = False
        added = self._added(ranking, cutoff, contents[new], said[new], coarse[new])
        fused = replace(scores, score=shown).joined(added)
        order = np.argsort(-fused.score, kind="stable")
        return replace(ranking, scores=fused.take(order), matched=evidence)

    def _allowed(self, ranking: Ranking, evidence: WordEvidence) -> tuple[WordEvidence, Labels]:
        """Of photos that are searchable and that the filters let through; and their labels."""
        listed = self._metadata_index.of_rows(evidence.rows)
        rows, labels = listed.rows, listed.labels
        if ranking.scope.rows is not None:
            inside = ranking.scope.rows.which(rows)
            rows, labels = rows[inside], labels[inside]
        order = np.argsort(rows)
        return evidence.take(np.searchsorted(evidence.rows, rows[order])), labels[order]

    def _added(
        self,
        ranking: Ranking,
        cutoff: RelevanceCutoff,
        labels: Labels,
        said: Doubles,
        coarse: Floats,
    ) -> ScoredLabels:
        """Labels that the coarse stage did not reach, without those that the query excludes."""
        kept = self._retrieval.without_excluded(
            ranking.encoded, Candidates(labels, coarse, exact=True)
        )
        places = np.searchsorted(labels, kept.labels)
        score = _either(_probabilities(cutoff, kept.scores), said[places])
        return ScoredLabels(kept.labels, score, kept.scores, np.full_like(kept.scores, np.nan))

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
        best = self._index.search(encoded.vector, _BEST_SCORED, among)
        found = np.full(len(among), np.nan, np.float32)
        found[np.searchsorted(among, best.labels)] = best.scores
        return found[at]


def _by_content(labels: Labels, said: Doubles, coarse: Floats) -> tuple[Labels, Doubles, Floats]:
    """Labels [n] ascending, each once, with what the most telling of their photos says."""
    order = np.lexsort((-said, labels))
    labels, said, coarse = labels[order], said[order], coarse[order]
    first = np.ones(len(labels), bool)
    first[1:] = labels[1:] != labels[:-1]
    return labels[first], said[first], coarse[first]


def _either(shown: Doubles | Floats, said: Doubles) -> Doubles:
    """float64 [n]: the probability that one of two independent pieces of evidence is right."""
    return 1.0 - (1.0 - shown.astype(np.float64)) * (1.0 - said)


def _probabilities(cutoff: RelevanceCutoff, coarse: Floats) -> Floats:
    """float32 [n] of coarse scores [n] alone; 0 where there is none."""
    found = np.zeros(len(coarse), np.float32)
    known = np.flatnonzero(~np.isnan(coarse))
    nothing = np.full(len(known), np.nan, np.float32)
    found[known] = cutoff.probabilities(coarse[known], nothing)
    return found
