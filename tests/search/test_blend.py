"""The order of a shortlist of which a second model has scored some."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.blend import FEWEST, blended

SCORES = st.floats(-1e6, 1e6)


def order(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda label: -scores[label])


@given(st.dictionaries(st.integers(), st.tuples(SCORES, SCORES | st.none()), max_size=30))
def test_own_scores_are_exchanged_and_nothing_else(given_scores: dict) -> None:
    own = {label: pair[0] for label, pair in given_scores.items()}
    other = {label: pair[1] for label, pair in given_scores.items() if pair[1] is not None}
    both = blended(own, other)
    assert both is None or (both.keys() == own.keys())
    assert both is None or sorted(both.values()) == sorted(own.values())
    assert both == blended(own, other)


def test_all_scored_is_the_order_of_the_second() -> None:
    own = {label: -0.1 * label for label in range(10)}
    other = {label: 100.0 * label for label in range(10)}
    found = blended(own, other)
    assert found is not None
    assert order(found) == list(range(9, -1, -1))


def test_too_few_or_equal_scores_say_nothing() -> None:
    own = {label: float(label) for label in range(10)}
    assert blended(own, {label: float(-label) for label in range(FEWEST - 1)}) is None
    assert blended(own, dict.fromkeys(range(10), 0.3)) is None
    assert blended({}, {}) is None


def test_what_was_not_scored_stays_between() -> None:
    """Photos that the second model likes go up and those that it does not go down; the others keep
    their order among themselves.
    """
    own = {label: -float(label) for label in range(20)}
    other = {1: 0.30, 5: 0.31, 9: 0.10, 0: 0.11, 12: 0.29}
    found = order(blended(own, other) or {})
    left = [label for label in found if label not in other]
    assert left == sorted(left)
    assert found.index(5) < 3
    assert found.index(0) > 5


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_a_better_model_never_makes_it_worse(share: float) -> None:
    """The right one of 50 is found first more often, the more are scored."""
    chance = np.random.default_rng(1)

    def first(seen: float) -> float:
        hits = 0
        for _ in range(400):
            right = np.zeros(50)
            right[chance.integers(50)] = 1
            own = right * 1.5 + chance.normal(size=50)
            heavy = right * 4 + chance.normal(size=50)
            some = {at: float(heavy[at]) for at in range(50) if chance.random() < seen}
            by_own = {at: float(score) for at, score in enumerate(own)}
            hits += order(blended(by_own, some) or by_own)[0] == int(right.argmax())
        return hits / 400

    assert first(share) >= first(max(share - 0.2, 0)) - 0.05
