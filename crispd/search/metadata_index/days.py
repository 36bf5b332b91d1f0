"""Photos that were taken on the same days of any year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.query.dates.periods import FIRST_YEAR, LAST_YEAR
from crispd.search.metadata_index.value_codes import UNKNOWN_TIME

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import numpy.typing as npt

    from crispd.types import Labels


def taken_on(
    seconds: Labels, days: Callable[[int], tuple[datetime, datetime]]
) -> npt.NDArray[np.bool_]:
    """bool [n] of local ``seconds`` [n] since 1970: from a start to an end (exclusive) that
    ``days`` gives for each year.
    """
    inside = np.zeros(len(seconds), bool)
    known = seconds[seconds != UNKNOWN_TIME]
    if not len(known):
        return inside
    first, last = (int(known.min()), int(known.max()))
    years = np.array([first, last], "datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    # a feast may begin in the year before its own
    for year in range(max(FIRST_YEAR, years[0]), min(LAST_YEAR, years[1] + 1) + 1):
        start, end = np.array(days(year), "datetime64[s]").astype(np.int64)
        inside |= (seconds >= start) & (seconds < end)
    return inside
