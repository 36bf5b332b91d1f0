"""Sets of numbers as bits against Python's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.label_set import LabelSet, distinct


@given(st.lists(st.integers(0, 300)))
def test_a_set(numbers: list[int]) -> None:
    given = np.array(numbers, np.int64)
    members = LabelSet(given)
    assert members.numbers().tolist() == distinct(given).tolist() == sorted(set(numbers))
    assert {number for number in range(-20, 400) if number in members} == set(numbers)
