"""Sorting by time or distance, for queries that want the newest, oldest or nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.search.metadata_index.value_codes import UNKNOWN_TIME
from crispd.types import latest_date

if TYPE_CHECKING:
    from crispd.search.metadata_index.metadata_index import FilterResult
    from crispd.search.ranking import Ranking
    from crispd.types import Doubles, Labels

_LAST = np.iinfo(np.int64).max


def sort_by_time(ranking: Ranking, listed: FilterResult, *, newest: bool) -> Ranking:
    """Order a ranking by the latest (or earliest) time of each content's photos; ties by label.

    Those whose time is not known come last, and those of a clock that is wrong: nobody looks for
    the latest photos in a year to come.
    """
    times = np.where(newest, -listed.seconds, listed.seconds)
    ahead = listed.seconds > latest_date().timestamp()
    times[(listed.seconds == UNKNOWN_TIME) | ahead] = _LAST
    return _sorted(ranking, listed.labels, times)


def sort_by_distance(ranking: Ranking, listed: FilterResult, distances: Doubles) -> Ranking:
    """Order a ranking by the nearest of each content's photos, to a metre; of equal ones the latest
    first.
    """
    near_first = np.lexsort((-listed.seconds, np.round(distances, 3)))
    places = np.empty(len(near_first), np.int64)
    places[near_first] = np.arange(len(near_first))
    return _sorted(ranking, listed.labels, places)


def _sorted(ranking: Ranking, of_photos: Labels, keys: Labels) -> Ranking:
    """By the least of the keys [n] of each label's photos."""
    order = np.lexsort((keys, of_photos))
    labels, first = np.unique(of_photos[order], return_index=True)
    ranked = ranking.scores.labels
    known = np.isin(ranked, labels)
    least = np.full(len(ranking), _LAST)
    least[known] = keys[order][first][np.searchsorted(labels, ranked[known])]
    ordered = np.lexsort((ranked, least))
    # those that are gone may still stand for others
    return ranking.take(ordered if ranking.collapse is not None else ordered[known[ordered]])
