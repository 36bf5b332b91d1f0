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
    known = seconds[seconds != UNKNOWN_TIME]
    years = _years(known) if len(known) else range(0)
    if not years:
        return np.zeros(len(seconds), bool)
    spans = np.array([days(year) for year in years], "datetime64[s]").astype(np.int64)
    span = np.searchsorted(spans[:, 0], seconds, side="right") - 1
    return np.asarray((span >= 0) & (seconds < spans[span, 1]))


def _years(seconds: Labels) -> range:
    """From the year before the first to the one behind the last: feasts begin before or end after
    their year.
    """
    ends = np.array([seconds.min(), seconds.max()], "datetime64[s]").astype("datetime64[Y]")
    first, last = (ends.astype(int) + 1970).tolist()
    return range(max(FIRST_YEAR, first - 1), min(LAST_YEAR, last + 1) + 1)
