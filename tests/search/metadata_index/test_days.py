"""Photos of the same days of any year, against the days written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.filters.definition import UNKNOWN_TIME
from crispd.query.dates.periods import FEAST_NAMES, feast
from crispd.search.metadata_index.days import taken_on

SECONDS = st.integers(-5_400_000_000, 7_200_000_000)  # 1798 to 2198


@given(st.lists(SECONDS, max_size=8), st.sampled_from(sorted(set(FEAST_NAMES.values()))))
def test_days_of_any_year(seconds: list[int], name: str) -> None:
    found = taken_on(np.array([UNKNOWN_TIME, *seconds]), lambda year: feast(year, name))
    times = np.array(seconds, "datetime64[s]").astype(object)
    years = range(1800, 2200)
    spans = [feast(year, name) for year in years]
    wanted = [any(span.start <= time < span.end for span in spans) for time in times]
    assert found.tolist() == [False, *wanted]


@pytest.mark.parametrize("seconds", [[], [UNKNOWN_TIME], [-9_000_000_000], [9_000_000_000]])
def test_times_of_no_photo(seconds: list[int]) -> None:
    found = taken_on(np.array(seconds, np.int64), lambda year: feast(year, "christmas"))
    assert not found.any()
