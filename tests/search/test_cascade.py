"""The arithmetic of the cascade."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.cascade import RankedResult, rank, score_with_deadline
from tests.search.fakes import FakeCalibration

CALIBRATION = FakeCalibration()
# Few values, so that ties happen.
score = st.integers(-8, 8).map(lambda value: value / 4)
coarse_order = st.dictionaries(st.integers(0, 99), score, max_size=25).map(
    lambda scores: sorted(scores.items(), key=lambda item: (-item[1], item[0]))
)


@st.composite
def cascades(draw: st.DrawFn) -> tuple[list[tuple[int, float]], dict[int, float], float]:
    """A coarse order, fine scores of some of its labels, and a weight."""
    near = draw(coarse_order)
    reached = [label for label, _ in near if draw(st.booleans())]
    return near, {label: draw(score) for label in reached}, draw(st.sampled_from([0.0, 0.5, 12.0]))


def ranking(
    near: list[tuple[int, float]], fine: dict[int, float], weight: float
) -> list[RankedResult]:
    labels, coarse = [label for label, _ in near], [value for _, value in near]
    return rank(labels, coarse, fine, weight, CALIBRATION)


@given(cascades())
def test_every_label_stands_exactly_once(case: tuple) -> None:
    near, fine, weight = case
    ranked = ranking(near, fine, weight)
    assert sorted(item.label for item in ranked) == sorted(label for label, _ in near)
    assert {item.label: item.coarse for item in ranked} == dict(near)
    assert {item.label: item.fine for item in ranked if item.fine is not None} == fine


@given(cascades())
def test_scores_never_rise_and_are_probabilities(case: tuple) -> None:
    scores = [item.score for item in ranking(*case)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= value <= 1 for value in scores)


@given(cascades())
def test_the_reached_come_first_in_the_full_fine_order(case: tuple) -> None:
    near, fine, weight = case
    coarse = dict(near)
    wanted = sorted(
        fine, key=lambda label: (-(fine[label] + weight * coarse[label]), -coarse[label], label)
    )
    assert [item.label for item in ranking(*case)][: len(fine)] == wanted


@given(cascades())
def test_the_others_keep_their_coarse_order(case: tuple) -> None:
    near, fine, _ = case
    tail = [item.label for item in ranking(*case)][len(fine) :]
    assert tail == [label for label, _ in near if label not in fine]


@given(coarse_order)
def test_without_a_fine_stage_the_order_is_coarse(near: list[tuple[int, float]]) -> None:
    ranked = ranking(near, {}, 3.0)
    assert [(item.label, item.coarse) for item in ranked] == near
    assert [item.score for item in ranked] == [CALIBRATION.coarse(value) for _, value in near]


def test_a_reached_label_has_the_probability_of_its_final_score() -> None:
    first, second = ranking([(7, 0.5), (3, 0.25)], {7: 1.0, 3: 4.0}, 2.0)
    assert first == RankedResult(3, CALIBRATION.final(4.5), 0.25, 4.0)
    assert second == RankedResult(7, CALIBRATION.final(2.0), 0.5, 1.0)


def test_a_label_behind_the_reached_is_at_most_as_likely() -> None:
    ranked = ranking([(1, 2.0), (2, 1.9)], {1: -9.0}, 0.0)
    assert ranked[1].score == ranked[0].score == CALIBRATION.final(-9.0)


def test_ties_go_by_coarse_score_then_label() -> None:
    near = [(5, 1.0), (9, 0.5), (2, 0.5)]
    assert [item.label for item in ranking(near, {5: 0.0, 9: 0.5, 2: 0.5}, 1.0)] == [5, 2, 9]


# --- the deadline -----------------------------------------------------------------------------


@given(st.integers(0, 40), st.integers(1, 9), st.integers(0, 9))
def test_whole_chunks_are_scored_until_time_is_over(count: int, chunk: int, looks: int) -> None:
    left = iter([False] * looks)
    scored = score_with_deadline(
        range(count), lambda part: [float(i) for i in part], lambda: next(left, True), chunk
    )
    wanted = min(count, (looks + 1) * chunk)
    assert scored.by_label == {label: float(label) for label in range(wanted)}
    assert scored.complete == (wanted == count)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_score(value: float) -> None:
    scored = score_with_deadline([1, 2], lambda part: [value, 1.0], lambda: False, 5)
    assert scored.by_label == {2: 1.0}
    assert scored.complete
