"""Isotonic regression, against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.relevance.isotonic import isotonic_decreasing

# numbers whose means are exact enough to be compared
chances = st.lists(st.integers(0, 64).map(lambda value: value / 64), max_size=40)


def slowly(values: list[float]) -> list[float]:
    """By the formula of minima and maxima (Robertson, Wright, Dykstra 1988)."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    n = len(values)
    return [
        min(
            max((sums[end] - sums[start]) / (end - start) for end in range(at + 1, n + 1))
            for start in range(at + 1)
        )
        for at in range(n)
    ]


@given(chances)
def test_it_is_the_nearest_that_never_rises(values: list[float]) -> None:
    found = isotonic_decreasing(np.array(values, np.float32))
    assert len(found) == len(values)
    assert all(np.diff(found) <= 0)
    assert np.allclose(found, slowly(values))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([], []),
        ([0.9, 0.5, 0.1], [0.9, 0.5, 0.1]),
        ([0.2, 0.4], [0.3, 0.3]),
        ([0.9, 0.1, 0.7, 0.1], [0.9, 0.4, 0.4, 0.1]),
        ([0.0, 0.6, 0.6, 0.5, 0.1], [0.425, 0.425, 0.425, 0.425, 0.1]),
    ],
)
def test_what_rises_takes_its_mean(values: list[float], wanted: list[float]) -> None:
    assert isotonic_decreasing(np.array(values)) == pytest.approx(wanted)


def test_what_follows_does_not_change_what_was_sure() -> None:
    # an answer is judged as far as it was looked at: what comes below changes no class
    values = np.array([0.9, 0.2, 0.8, 0.5, 0.45])
    further = np.concatenate([values, np.linspace(0.4, 0, 50)])
    assert isotonic_decreasing(further)[:5] == pytest.approx(isotonic_decreasing(values))
