"""Fusion of visual and textual evidence into one probability and one order.

Evidence of both kinds is taken as independent, so a photo is not meant only if both are wrong
(noisy-or: J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, section 4.3.2). Adding
evidence never makes a photo less likely, and where files say nothing the order stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.ranking import ScoredLabels
from crispd.search.words.word_evidence import find_evidence
from crispd.types import Candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.search.encode import QueryEncoder
    from crispd.search.ranking import Ranking
    from crispd.search.relevance.judge import RelevanceCutoff, RelevanceJudge
    from crispd.search.retrieve import CandidateRetrieval
    from crispd.search.words.word_evidence import PhotoEvidence, WordSource
    from crispd.types import CoarseIndex, Floats, Labels, WordMatch

# Sets of words left over that are looked for in photos.
_MOST_RESTS = 6


class WordFusion:
    """Adds the evidence of words to a ranking of probabilities. Thread-safe where its parts are."""

    def __init__(
        self,
        source: WordSource,
        encoder: QueryEncoder,
        index: CoarseIndex,
        retrieval: CandidateRetrieval,
        judge: RelevanceJudge,
    ) -> None:
        self._source = source
        self._encoder = encoder
        self._index = index
        self._retrieval = retrieval
        self._judge = judge

    def fuse(self, ranking: Ranking, cutoff: RelevanceCutoff) -> Ranking:
        """``ranking`` with probabilities as scores, never rising; the same of the result."""
        evidence = self._allowed(ranking, find_evidence(self._source, ranking.encoded.written))
        if not evidence:
            return ranking
        ranking = self._extended(ranking, cutoff, [each.label for each in evidence])
        said = self._probabilities(evidence)
        labels = ranking.scores.labels
        at = {int(label): place for place, label in enumerate(labels.tolist())}
        missing = np.ones(len(labels), np.float64)
        matches: defaultdict[int, list[WordMatch]] = defaultdict(list)
        for each, probability in zip(evidence, said, strict=True):
            place = at.get(each.label)  # gone, or unwanted
            if place is not None:
                missing[place] = min(missing[place], 1.0 - probability)
                matches[each.row] += each.matches
        shown = np.nan_to_num(ranking.scores.score, nan=0.0)
        fused = 1.0 - (1.0 - shown) * missing
        order = np.argsort(-fused, kind="stable")
        scores = replace(ranking.scores, score=fused).take(order)
        matched = {row: tuple(found) for row, found in matches.items()}
        return replace(ranking, scores=scores, matched=matched)

    def _allowed(self, ranking: Ranking, evidence: list[PhotoEvidence]) -> list[PhotoEvidence]:
        """Of photos that the filters let through."""
        rows = ranking.scope.rows
        return evidence if rows is None else [each for each in evidence if each.row in rows]

    def _extended(
        self, ranking: Ranking, cutoff: RelevanceCutoff, labels: Sequence[int]
    ) -> Ranking:
        """With labels that the coarse stage did not reach, by their coarse scores."""
        found = np.unique(np.array(labels, np.int64))
        new = found[~np.isin(found, ranking.scores.labels)]
        encoded = ranking.encoded
        if not len(new) or encoded.vector is None:
            return ranking
        coarse = self._index.scores_of(encoded.vector, new)
        live = ~np.isnan(coarse)
        added = self._retrieval.without_excluded(
            encoded, Candidates(new[live], coarse[live], exact=True)
        )
        nothing = np.full(len(added.labels), np.nan, np.float32)
        shown = np.asarray(cutoff.probabilities(added.scores, nothing), np.float64)
        scores = ranking.scores.extended(added.labels, added.scores)
        score = np.concatenate([ranking.scores.score, shown])
        return replace(
            ranking, scores=ScoredLabels(scores.labels, score, scores.coarse, scores.fine)
        )

    def _probabilities(self, evidence: Sequence[PhotoEvidence]) -> list[float]:
        """That each photo is meant: by its words, and by what it shows of the others."""
        by_rest = defaultdict(list)
        for place, each in enumerate(evidence):
            by_rest[each.rest].append(place)
        found = [0.0] * len(evidence)
        # Each other rest costs an encoding of its words; those of few photos show nothing, then.
        largest = sorted(by_rest, key=lambda rest: -len(by_rest[rest]))
        encoded = set(largest[:_MOST_RESTS])
        for rest, places in by_rest.items():
            labels = np.array([evidence[place].label for place in places], np.int64)
            shown = np.zeros(len(labels), np.float32)
            if rest in encoded:
                shown = self._shown(rest, labels) if rest else shown + 1
            for place, probability in zip(places, shown.tolist(), strict=True):
                found[place] = evidence[place].probability(probability)
        return found

    def _shown(self, rest: Sequence[str], labels: Labels) -> Floats:
        """Probabilities float32 [n] that contents show the words that are left over."""
        encoded = self._encoder.encode_words(" ".join(rest))
        cutoff = self._judge.cutoff(encoded)
        if encoded.vector is None or cutoff is None:
            return np.zeros(len(labels), np.float32)
        coarse = self._index.scores_of(encoded.vector, labels)
        return np.nan_to_num(cutoff.probabilities(coarse, np.full_like(coarse, np.nan)))
