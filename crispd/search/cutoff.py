"""The relevance cutoff: it ends results after likely photos, or those that may be relevant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from crispd.search.ranking import RelevanceSummary
from crispd.search.relevance.isotonic import isotonic_decreasing
from crispd.types import Note

if TYPE_CHECKING:
    from crispd.search.ranking import Ranking
    from crispd.search.relevance.judge import RelevanceCutoff
    from crispd.types import MinRelevance

NO_RELEVANCE_NOTE = Note(
    "Relevance cannot be told for this question: everything is shown.", "no_relevance"
)
NOTHING_NOTE = Note(
    "No photo seems to show this. min_relevance=all shows what comes nearest all the same.",
    "nothing",
)
ONLY_MAYBE_NOTE = Note(
    "No photo is likely to show this; min_relevance=maybe shows those that may.", "only_maybe"
)

# Photos that are offered where none may be it: a row on a phone, or two.
CLOSEST_COUNT = 6

_SHOWN = {"likely": 0, "maybe": 1, "all": 2}


def with_probabilities(ranking: Ranking, cutoff: RelevanceCutoff) -> Ranking:
    """The same with ``score`` as the probability of relevance, made to fall down the list.

    ``ranking`` reaches down to where all is unlikely. The order stays the cascade's.
    """
    scores = ranking.scores
    found = isotonic_decreasing(cutoff.probabilities(scores.coarse, scores.fine))
    return replace(ranking, scores=replace(scores, score=found))


def apply_cutoff(ranking: Ranking, cutoff: RelevanceCutoff, wanted: MinRelevance) -> Ranking:
    """Say how relevant each is, count, and leave out what is less than ``wanted``.

    ``ranking`` has probabilities, never rising; the class is the score's. So relevance ends an
    answer, and never reorders one.
    """
    classes = cutoff.classes(ranking.scores.score)
    likely, maybe = np.bincount(classes, minlength=3)[:2].tolist()
    judged = replace(
        ranking,
        relevance=RelevanceSummary(cutoff, likely, maybe),
        complete=ranking.complete or wanted != "all",
    )
    found = judged.take(np.flatnonzero(classes <= _SHOWN[wanted]))
    if wanted != "all" and not likely and not maybe:
        found = replace(found, closest=judged.first(CLOSEST_COUNT))
    if not len(found) and ranking.scope.considered:
        return found.with_notes(ONLY_MAYBE_NOTE if maybe else NOTHING_NOTE)
    return found
