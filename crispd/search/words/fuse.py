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
from crispd.search.words.contents import Contents
from crispd.search.words.czech_names import in_its_cases
from crispd.search.words.derived_words import is_feast
from crispd.search.words.word_evidence import find_evidence
from crispd.types import Candidates

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.encode import EncodedQuery, QueryEncoder
    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.ranking import Ranking, SearchScope
    from crispd.search.relevance.judge import RelevanceCutoff, RelevanceJudge
    from crispd.search.retrieve import CandidateRetrieval
    from crispd.search.words.word_evidence import WordEvidence
    from crispd.search.words.word_source import WordSource
    from crispd.types import CoarseIndex, Doubles, Floats, Labels

# Sets of words left over that are looked for in photos by themselves: each costs an encoding.
_MOST_RESTS = 2
# Photos whose scores are all told. Of more, the best ones have some, at least so many, and the
# others come behind them by their words alone.
_MOST_SCORED = 4000
_LEAST_SCORED = 64


@dataclass(frozen=True, slots=True)
class FileEvidence:
    """Photos that have words of a query, and their contents."""

    evidence: WordEvidence
    contents: Contents

    def wanted(self, considered: int) -> int:
        """How many of the contents that are ``considered`` have to be ranked by what they show, so
        that the best with words are among them.
        """
        count = len(self.contents.labels)
        return 0 if count <= _MOST_SCORED else _to_hold(count, considered)


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

    def find(self, encoded: EncodedQuery, scope: SearchScope) -> FileEvidence | None:
        """What files say of a query, of photos that it may find; None where they say nothing."""
        source = in_its_cases(self._source, (encoded.language, encoded.spoken))
        evidence = find_evidence(source, encoded.written, self._is_visual)
        if evidence is None:
            return None
        labels = self._metadata_index.labels_of(evidence.rows)
        kept = labels >= 0
        if scope.rows is not None:
            kept &= scope.rows.which(evidence.rows)
        if not kept.all():
            evidence, labels = evidence.take(kept), labels[kept]
        return FileEvidence(evidence, Contents.of(labels))

    def fuse(self, ranking: Ranking, cutoff: RelevanceCutoff, found: FileEvidence) -> Ranking:
        """``ranking`` with probabilities as scores, never rising; the same of the result.

        It begins with ``found.wanted`` labels, or all that there are.
        """
        evidence, contents = found.evidence, found.contents
        scores = ranking.scores
        if len(contents.labels) <= _MOST_SCORED:
            coarse = self._scores(ranking.encoded, contents.labels)
        else:
            coarse = _placed(contents.labels, scores.labels, scores.coarse)
        said = self._said(cutoff, evidence, contents, coarse)
        at, known = contents.places_of(scores.labels)
        score = np.nan_to_num(scores.score, nan=0.0)
        score[known] = _either(score[known], said[at[known]])
        new = np.ones(len(contents.labels), bool)
        new[at[known]] = False
        added = self._added(ranking, cutoff, contents.labels[new], said[new], coarse[new])
        fused = replace(scores, score=score).joined(added)
        order = np.argsort(-fused.score, kind="stable")
        return replace(ranking, scores=fused.take(order), matched=evidence)

    def _added(
        self,
        ranking: Ranking,
        cutoff: RelevanceCutoff,
        labels: Labels,
        said: Doubles,
        coarse: Floats,
    ) -> ScoredLabels:
        """Labels that the coarse stage did not reach, without those that the query excludes."""
        encoded = ranking.encoded
        if encoded.negative is not None or len(encoded.excluded_labels):
            found = Candidates(labels, coarse, exact=True)
            kept = self._retrieval.without_excluded(encoded, found)
            said = said[np.searchsorted(labels, kept.labels)]
            labels, coarse = kept.labels, kept.scores
        score = said.copy()
        scored = np.flatnonzero(~np.isnan(coarse))
        score[scored] = _either(_probabilities(cutoff, coarse[scored]), said[scored])
        return ScoredLabels(labels, score, coarse, np.full(len(labels), np.nan, np.float32))

    def _said(
        self, cutoff: RelevanceCutoff, evidence: WordEvidence, contents: Contents, coarse: Floats
    ) -> Doubles:
        """float64 [m]: probabilities of contents [m] by the words of their files, and by how far
        they show the others.
        """
        said = evidence.least[evidence.case]
        shown = self._shown(cutoff, evidence, contents, coarse)
        some = np.flatnonzero(shown)
        said[some] = evidence.probabilities(shown[some], some)
        return contents.highest(said)

    def _shown(
        self, cutoff: RelevanceCutoff, evidence: WordEvidence, contents: Contents, coarse: Floats
    ) -> Floats:
        """float32 [n]: probabilities that photos show the words that their files do not have.

        ``coarse``: how contents score with the whole query, which stands for the words where most
        of them are left over.
        """
        found = _probabilities(cutoff, coarse)[contents.of_photo]
        for bits in evidence.fewest_rests(_MOST_RESTS):
            photos = np.flatnonzero((evidence.rest == bits)[evidence.case])
            rest = self._encoder.encode_words(evidence.rest_words(bits))
            part = Contents.of(contents.labels[contents.of_photo[photos]])
            own, scores = self._judge.cutoff(rest), self._scores(rest, part.labels)
            shown = np.zeros_like(scores) if own is None else _probabilities(own, scores)
            found[photos] = shown[part.of_photo]
        return found

    def _scores(self, encoded: EncodedQuery, labels: Labels) -> Floats:
        """Coarse scores float32 [n] of labels [n], ascending; NaN for what is gone, or, of very
        many, for what lies behind the best.
        """
        if encoded.vector is None:
            return np.full(len(labels), np.nan, np.float32)
        if len(labels) <= _MOST_SCORED:
            return self._index.scores_of(encoded.vector, labels)
        # asked of the whole library: so many labels would have to be gathered
        best = self._index.search(encoded.vector, _to_hold(len(labels), len(self._index)))
        return _placed(labels, best.labels, best.scores)


def _to_hold(some: int, every: int) -> int:
    """How many of ``every`` label hold enough of ``some``, if these are like the others."""
    return math.ceil(_LEAST_SCORED * every / some)


def _placed(labels: Labels, known: Labels, scores: Floats) -> Floats:
    """float32 [n]: scores of the ``known`` ones where ``labels`` [n], ascending, has them."""
    found = np.full(len(labels), np.nan, np.float32)
    at = np.minimum(np.searchsorted(labels, known), len(labels) - 1)
    inside = labels[at] == known
    found[at[inside]] = scores[inside]
    return found


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
