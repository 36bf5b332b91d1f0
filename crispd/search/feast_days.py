"""Feast days: where no photo surely shows a feast, those of its days are the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.search.words.derived_words import is_feast
from crispd.types import Note

if TYPE_CHECKING:
    from crispd.search.ranking import Ranking
    from crispd.types import MinRelevance, Query


def wanted_relevance(query: Query, ranking: Ranking) -> MinRelevance:
    """What an answer shows; ``ranking`` is cut off, so that its likely photos are counted."""
    unsure = ranking.relevance is not None and not ranking.relevance.likely
    wanted = query.min_relevance or "maybe"
    return "all" if query.days and unsure and wanted == "maybe" else wanted


def with_days_note(query: Query, ranking: Ranking) -> Ranking:
    """The same with a sentence where its photos are those of a feast's days, and none is sure."""
    if ranking.relevance is None or ranking.relevance.likely or not len(ranking):
        return ranking
    name, count = query.days, ranking.scope.considered
    if not name:
        name, count = _undated_feast(ranking)
    if not name or query.min_relevance == "all":
        return ranking
    name = name[:1].upper() + name[1:]
    photos = "1 photo" if count == 1 else f"{count} photos"
    days = Note(f"{name}: {photos} of those days.", "days", name=name, n=count)
    return replace(ranking, notes=(*ranking.notes, days))


def _undated_feast(ranking: Ranking) -> tuple[str, int]:
    """A feast that is all of the words, and how many photos its days have."""
    evidence = ranking.matched
    if evidence is None or len(evidence.words) != 1 or not is_feast(evidence.words[0]):
        return "", 0
    return evidence.words[0], evidence.count(evidence.words[0], "date")
