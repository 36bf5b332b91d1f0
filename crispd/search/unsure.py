"""Answers that are not sure: what they show all the same, and what is said above them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crispd.search.words.derived_words import is_feast
from crispd.types import Note

if TYPE_CHECKING:
    from crispd.search.ranking import Ranking
    from crispd.types import MinRelevance, Query

DOUBTFUL_NOTE = Note("No photo seems to show this; these come closest.", "doubtful")
# The best of an answer is less likely than that: of 150 names of things that no photo showed 61 %
# end so or empty, of 131 that one did 11 %. Of sentences nothing can be said: they name more than
# any photo shows.
_DOUBTFUL = 0.1
_MOST_WORDS = math.log(2)


def wanted_relevance(query: Query, ranking: Ranking) -> MinRelevance:
    """What an answer shows; ``ranking`` is cut off, so that its likely photos are counted."""
    unsure = ranking.relevance is not None and not ranking.relevance.likely
    wanted = query.min_relevance or "maybe"
    return "all" if query.days and unsure and wanted == "maybe" else wanted


def with_unsure_note(query: Query, ranking: Ranking) -> Ranking:
    """The same with a sentence where none of its photos is likely: that they are those of a feast's
    days, or that hardly any of them shows what is asked.
    """
    relevance = ranking.relevance
    asked_for = query.min_relevance in {"all", "likely"}
    if relevance is None or relevance.likely or not len(ranking) or asked_for:
        return ranking
    name, count = query.days, ranking.scope.considered
    if not name:
        name, count = _undated_feast(ranking)
    if name:
        return ranking.with_notes(_days_note(name[:1].upper() + name[1:], count))
    is_short = relevance.cutoff.background.words <= _MOST_WORDS
    doubtful = is_short and float(ranking.scores.score[0]) < _DOUBTFUL
    return ranking.with_notes(DOUBTFUL_NOTE) if doubtful else ranking


def _days_note(name: str, count: int) -> Note:
    photos = "1 photo" if count == 1 else f"{count} photos"
    return Note(f"{name}: {photos} of those days.", "days", name=name, n=count)


def _undated_feast(ranking: Ranking) -> tuple[str, int]:
    """A feast that is all of the words, and how many photos its days have."""
    evidence = ranking.matched
    if evidence is None or len(evidence.words) != 1 or not is_feast(evidence.words[0]):
        return "", 0
    return evidence.words[0], evidence.count(evidence.words[0], "date")
