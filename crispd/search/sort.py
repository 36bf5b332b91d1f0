"""Sorting by time, for queries that want the newest or oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.search.metadata_index.value_codes import UNKNOWN_TIME
from crispd.types import latest_date

if TYPE_CHECKING:
    from crispd.search.metadata_index.metadata_index import FilterResult
    from crispd.search.ranking import Ranking


def sort_by_time(ranking: Ranking, listed: FilterResult, *, newest: bool) -> Ranking:
    """Order a ranking by the latest (or earliest) time of each content's photos; ties by label.

    Those whose time is not known come last, and those of a clock that is wrong: nobody looks for
    the latest photos in a year to come.
    """
    times = np.where(newest, -listed.seconds, listed.seconds)
    ahead = listed.seconds > latest_date().timestamp()
    times[(listed.seconds == UNKNOWN_TIME) | ahead] = np.iinfo(np.int64).max
    order = np.lexsort((times, listed.labels))
    labels, first = np.unique(listed.labels[order], return_index=True)
    ranked = ranking.scores.labels
    known = np.isin(ranked, labels)
    earliest = np.full(len(ranking), np.iinfo(np.int64).max)
    earliest[known] = times[order][first][np.searchsorted(labels, ranked[known])]
    ordered = np.lexsort((ranked, earliest))
    # those that are gone may still stand for others
    return ranking.take(ordered if ranking.collapse is not None else ordered[known[ordered]])
