"""The arithmetic of the cascade."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crispd.packs.calibration import LogisticCalibration
from crispd.packs.manifest import CalibrationPart
from crispd.search.cascade import rank, score_until

CALIBRATION = LogisticCalibration(CalibrationPart(1.0, 0.0, 4.0, -1.0))
scores = st.floats(-50, 50)
libraries = st.dictionaries(st.integers(0, 200), st.floats(-1, 1), max_size=40)


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[int], list[float], dict[int, float], float]:
    """Labels with coarse scores, best first, fine scores of some of them, and a weight."""
    near = sorted(draw(libraries).items(), key=lambda item: -item[1])
    labels = [label for label, _ in near]
    chosen = draw(st.sets(st.sampled_from(labels))) if labels else set()
    return labels, [s for _, s in near], {n: draw(scores) for n in chosen}, draw(st.floats(0, 20))


@given(lists())
def test_every_label_once_and_scores_never_rise(
    given_: tuple[list[int], list[float], dict[int, float], float],
) -> None:
    labels, coarse, fine, weight = given_
    ranked = rank(labels, coarse, fine, weight, CALIBRATION)
    assert sorted(item.label for item in ranked) == sorted(labels)
    assert all(0 <= item.score <= 1 for item in ranked)
    assert all(a.score >= b.score for a, b in zip(ranked, ranked[1:], strict=False))


@given(lists())
def test_the_re_ranked_come_first_in_the_order_of_their_final_scores(
    given_: tuple[list[int], list[float], dict[int, float], float],
) -> None:
    labels, coarse, fine, weight = given_
    ranked = rank(labels, coarse, fine, weight, CALIBRATION)
    head, tail = ranked[: len(fine)], ranked[len(fine) :]
    assert {item.label for item in head} == set(fine)
    final = [item.fine + weight * item.coarse for item in head if item.fine is not None]
    assert final == sorted(final, reverse=True)
    assert [item.label for item in tail] == [label for label in labels if label not in fine]
    assert all(item.fine is None for item in tail)


def test_without_fine_scores_the_coarse_order_stays() -> None:
    ranked = rank([3, 1, 2], [0.9, 0.5, 0.5], {}, 5.0, CALIBRATION)
    assert [item.label for item in ranked] == [3, 1, 2]


def test_ties_go_by_coarse_score_and_then_by_label() -> None:
    ranked = rank([3, 1, 2], [0.5, 0.25, 0.25], {1: 1.0, 2: 1.0, 3: 0.75}, 1.0, CALIBRATION)
    assert [item.label for item in ranked] == [3, 1, 2]


def test_scoring_stops_when_time_is_over_but_does_one_chunk_at_least() -> None:
    calls: list[list[int]] = []

    def score(part: list[int]) -> list[float]:
        calls.append(list(part))
        return [float(n) for n in part]

    cut = score_until(list(range(10)), score, lambda: True, 4)
    assert (cut.by_label, cut.complete) == ({0: 0, 1: 1, 2: 2, 3: 3}, False)
    whole = score_until(list(range(10)), score, lambda: False, 4)
    assert (whole.by_label, whole.complete) == ({n: n for n in range(10)}, True)
    assert calls == [[0, 1, 2, 3], [0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert score_until([], score, lambda: False, 4).complete


def test_a_fine_score_that_is_no_number_counts_as_none() -> None:
    scored = score_until([1, 2], lambda part: [float("nan"), 1.0], lambda: False, 4)
    assert scored.by_label == {2: 1.0}
