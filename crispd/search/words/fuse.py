"""Fusion of visual and textual evidence into one probability and one order.

Evidence of both kinds is taken as independent, so a photo is not meant only if both are wrong
(noisy-or: J. Pearl, Probabilistic Reasoning in Intelligent Systems, 1988, section 4.3.2). Adding
evidence never makes a photo less likely, and where files say nothing the order stays as it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.ranking import ScoredLabels
from crispd.search.words.derived_words import is_feast
from crispd.search.words.word_evidence import find_evidence
from crispd.types import Candidates

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from crispd.search.encode import EncodedQuery, QueryEncoder
    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.ranking import Doubles, Ranking
    from crispd.search.relevance.judge import RelevanceCutoff, RelevanceJudge
    from crispd.search.retrieve import CandidateRetrieval
    from crispd.search.words.word_evidence import WordEvidence
    from crispd.search.words.word_source import WordSource
    from crispd.types import CoarseIndex, Floats, Labels

# Sets of words left over that are looked for in photos by themselves: each costs an encoding.
_MOST_RESTS = 2
# Photos whose scores are all told. Of more, the best ones have some, about so many, and the others
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
        contents = _Contents.of(labels)
        coarse = self._scores(ranking.encoded, contents.labels)
        shown = self._shown(cutoff, evidence, contents, coarse)
        said = contents.highest(evidence.probabilities(shown))
        scores = ranking.scores
        at, known = contents.places_of(scores.labels)
        score = np.nan_to_num(scores.score, nan=0.0)
        score[known] = _either(score[known], said[at[known]])
        new = np.ones(len(contents.labels), bool)
        new[at[known]] = False
        added = self._added(ranking, cutoff, contents.labels[new], said[new], coarse[new])
        fused = replace(scores, score=score).joined(added)
        order = np.argsort(-fused.score, kind="stable")
        return replace(ranking, scores=fused.take(order), matched=evidence)

    def _allowed(self, ranking: Ranking, evidence: WordEvidence) -> tuple[WordEvidence, Labels]:
        """Of photos that are searchable and that the filters let through; and their labels."""
        listed = self._metadata_index.of_rows(evidence.rows)
        rows, labels = listed.rows, listed.labels
        if ranking.scope.rows is not None:
            inside = ranking.scope.rows.which(rows)
            rows, labels = rows[inside], labels[inside]
        order = np.argsort(rows, kind="stable")
        if len(rows) == len(evidence.rows):
            return evidence, labels[order]
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
        self, cutoff: RelevanceCutoff, evidence: WordEvidence, contents: _Contents, coarse: Floats
    ) -> Floats:
        """float32 [n]: probabilities that photos show the words that their files do not have.

        ``coarse``: how contents score with the whole query, which stands for the words where most
        of them are left over.
        """
        found = _probabilities(cutoff, coarse)[contents.of_photo]
        rests, at, counts = np.unique(evidence.rest, return_inverse=True, return_counts=True)
        few = (rests != 0) & (2 * np.bitwise_count(rests) <= len(evidence.words))
        for each in np.argsort(-np.where(few, counts, 0), kind="stable")[:_MOST_RESTS]:
            if few[each]:
                photos = np.flatnonzero(at == each)
                rest = self._encoder.encode_words(evidence.rest_words(int(rests[each])))
                part = _Contents.of(contents.labels[contents.of_photo[photos]])
                own, scores = self._judge.cutoff(rest), self._scores(rest, part.labels)
                shown = np.zeros_like(scores) if own is None else _probabilities(own, scores)
                found[photos] = shown[part.of_photo]
        return found

    def _scores(self, encoded: EncodedQuery, labels: Labels) -> Floats:
        """Coarse scores float32 [n] of labels [n], ascending; NaN for what is gone, or lies far
        behind the others.
        """
        if encoded.vector is None:
            return np.full(len(labels), np.nan, np.float32)
        if len(labels) <= _MOST_SCORED:
            return self._index.scores_of(encoded.vector, labels)
        # asked of the whole library: so many labels would have to be gathered
        count = math.ceil(_BEST_SCORED * len(self._index) / len(labels))
        best = self._index.search(encoded.vector, count)
        found = np.full(len(labels), np.nan, np.float32)
        at = np.minimum(np.searchsorted(labels, best.labels), len(labels) - 1)
        inside = labels[at] == best.labels
        found[at[inside]] = best.scores[inside]
        return found


@dataclass(frozen=True, slots=True)
class _Contents:
    """The contents of n photos: ``labels`` int64 [m], ascending, and which one each photo has,
    ``of_photo`` [n].
    """

    labels: Labels
    of_photo: Labels

    @classmethod
    def of(cls, labels: Labels) -> _Contents:
        """Of the labels [n] of photos, which come nearly in order."""
        order = np.argsort(labels, kind="stable")
        ordered = labels[order]
        first = np.ones(len(labels), bool)
        first[1:] = ordered[1:] != ordered[:-1]
        of_photo = np.empty(len(labels), np.int64)
        of_photo[order] = np.cumsum(first) - 1
        return cls(ordered[first], of_photo)

    def highest(self, values: Doubles) -> Doubles:
        """float64 [m]: of the values [n] of each content's photos."""
        found = np.zeros(len(self.labels))
        np.maximum.at(found, self.of_photo, values)
        return found

    def places_of(self, labels: Labels) -> tuple[Labels, npt.NDArray[np.bool_]]:
        """Where labels [k] stand among the contents, and whether they do."""
        if not len(self.labels):
            return np.zeros(len(labels), np.int64), np.zeros(len(labels), bool)
        at = np.minimum(np.searchsorted(self.labels, labels), len(self.labels) - 1)
        return at, self.labels[at] == labels


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
