"""Where an answer ends: after what is likely, or may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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


def apply_cutoff(ranking: Ranking, verdict: RelevanceCutoff, wanted: MinRelevance) -> None:
    """Say how relevant each is, count, and leave out what is less than ``wanted``.

    ``ranking`` reaches down to where all is unlikely. The order stays the cascade's: ``score`` is
    the probability, made to fall down the list, and the class is the score's. So relevance
    ends an answer, and never reorders one.
    """
    found = isotonic_decreasing(verdict.probabilities(ranking.coarse, ranking.fine))
    classes = verdict.classes(found)
    ranking.cutoff = verdict
    ranking.likely, ranking.maybe = np.bincount(classes, minlength=3)[:2].tolist()
    ranking.score = found
    if wanted != "all" and not ranking.likely and not ranking.maybe:
        ranking.closest = ranking.first(CLOSEST_COUNT)
    ranking.reorder(np.flatnonzero(classes <= _SHOWN[wanted]))
    if wanted != "all":
        ranking.complete = True
    if not len(ranking) and ranking.considered:
        ranking.notes += (ONLY_MAYBE_NOTE if ranking.maybe else NOTHING_NOTE,)
