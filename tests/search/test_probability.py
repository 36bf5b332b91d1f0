"""Scores to probabilities: bounds, order, odd numbers, tiny libraries."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.search.relevance.probability import LibrarySample, RelevanceProbability, ScoreBackground
from crispd.types import Floats, Labels, LogitWeights, RelevanceModel

DIM = 4
REFERENCE = np.array([[-0.1, 0, 0, 0], [0, 0.2, 0, 0]], np.float32)
MODEL = RelevanceModel(
    LogitWeights(0.2, -4.0, -10.0, -9.0), LogitWeights(20.0, 14.0, 28.0, -5.5), 0.25, 0.08, 100,
    REFERENCE,
)  # fmt: skip
JUDGE = RelevanceProbability(MODEL)
finite = st.floats(-1e6, 1e6)
any_float = st.floats(width=32)
backgrounds = st.builds(ScoreBackground, st.floats(-1, 1), st.floats(0, 1))


def judged(background: ScoreBackground, coarse: list[float], final: list[float]) -> Floats:
    return JUDGE.judge(background, np.array(coarse, np.float32), np.array(final, np.float32))


@given(backgrounds, st.lists(st.tuples(any_float, any_float), max_size=20))
def test_whatever_comes_in_a_probability_comes_out(
    background: ScoreBackground, pairs: list[tuple[float, float]]
) -> None:
    found = judged(background, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    assert found.dtype == np.float32
    assert len(found) == len(pairs)
    assert ((found >= 0) & (found <= 1)).all()


@given(backgrounds, st.lists(finite, min_size=1, max_size=20))
def test_a_better_score_is_never_less_likely(
    background: ScoreBackground, scores: list[float]
) -> None:
    scores.sort()
    nothing = [math.nan] * len(scores)
    assert (np.diff(judged(background, nothing, scores)) >= 0).all()
    assert (np.diff(judged(background, scores, nothing)) >= 0).all()


def test_no_score_at_all_is_not_likely() -> None:
    assert judged(ScoreBackground(0, 0.1), [math.nan, math.nan], [math.nan, 45.0])[0] == 0


@given(st.floats(0, 1), st.floats(0, 1))
def test_labels_follow_probabilities(one: float, other: float) -> None:
    order = ("unlikely", "maybe", "likely")
    low, high = sorted((one, other))
    assert order.index(JUDGE.label(low)) <= order.index(JUDGE.label(high))


@given(backgrounds)
def test_the_coarse_score_of_a_label_is_where_it_begins(background: ScoreBackground) -> None:
    for label in ("likely", "maybe"):
        score = JUDGE.coarse_from(background, label)
        above, below = judged(background, [score + 1e-3, score - 1e-3], [math.nan] * 2)
        assert JUDGE.label(float(above)) == label
        assert JUDGE.label(float(below)) != label
    assert JUDGE.coarse_from(background, "unlikely") == -math.inf


def test_a_sentence_is_taken_for_meant_sooner_than_a_word() -> None:
    judge = RelevanceProbability(replace(MODEL, maybe=0.08, maybe_words=0.5))
    sentence = ScoreBackground(0.0, 0.1, words=math.log(4))
    assert judge.label(0.05) == "unlikely"
    assert judge.label(0.05, sentence) == "maybe"  # from 0.04 on
    assert judge.label(0.039, sentence) == "unlikely"
    assert judge.classes(np.array([0.3, 0.05, 0.03]), sentence).tolist() == [0, 1, 2]
    score = judge.coarse_from(sentence, "maybe")
    found = judge.judge(sentence, np.array([score + 1e-3], np.float32), NOTHING)
    assert judge.label(float(found[0]), sentence) == "maybe"


def test_a_small_library_makes_photos_likely_and_none_a_maybe() -> None:
    judge = RelevanceProbability(replace(MODEL, small=1.0, library=400))
    large, small = ScoreBackground(0.0, 0.1), ScoreBackground(0.0, 0.1, lift=0.5)
    least = judge.coarse_from(large, "maybe")
    assert judge.coarse_from(small, "maybe") == pytest.approx(least)
    assert judge.coarse_from(small, "likely") < judge.coarse_from(large, "likely")
    # never is the cut of maybe above that of likely
    assert judge.label(0.26, ScoreBackground(0.0, 0.1, lift=9.0)) == "likely"
    assert judge.label(0.24, ScoreBackground(0.0, 0.1, lift=9.0)) == "unlikely"


lifted = st.builds(
    ScoreBackground, st.floats(-1, 1), st.floats(0, 1), lift=st.floats(0, 3), best=st.floats(-9, 9)
)


@given(lifted)
def test_a_label_begins_where_its_coarse_score_is_beside_any_best(
    background: ScoreBackground,
) -> None:
    for label in ("likely", "maybe"):
        score = JUDGE.coarse_from(background, label)
        above, below = judged(background, [score + 1e-3, score - 1e-3], [math.nan] * 2)
        assert JUDGE.label(float(above), background) != "unlikely"
        assert JUDGE.label(float(below), background) != label


@given(lifted, st.lists(st.floats(-2, 2), min_size=1, max_size=20))
def test_what_a_small_library_adds_never_changes_the_order(
    background: ScoreBackground, scores: list[float]
) -> None:
    scores.sort()
    nothing = [math.nan] * len(scores)
    plain = replace(background, lift=0.0)
    found, least = (judged(each, scores, nothing) for each in (background, plain))
    most = judged(replace(background, best=-math.inf), scores, nothing)
    assert (np.diff(found) >= 0).all()
    assert (found >= least).all()
    assert (found <= most).all()


def test_a_photo_far_behind_the_best_gets_nothing_of_it() -> None:
    judge, small = RelevanceProbability(MODEL), ScoreBackground(0.0, 0.1, lift=2.0)
    scores = np.array([0.6, 0.5, 0.1], np.float32)  # log odds 9.3, 7.3 and -0.7
    unknown = np.full(3, np.nan, np.float32)
    beside = judge.beside_best(small, scores, unknown)
    found = judge.judge(beside, scores, unknown)
    without = judge.judge(ScoreBackground(0.0, 0.1), scores, unknown)
    alone = judge.judge(small, scores, unknown)
    assert found[0] == alone[0]
    assert without[1] < found[1] < alone[1]
    assert found[2] == without[2] < alone[2]
    # what is a maybe does not depend on it
    assert [judge.label(float(score), beside) for score in found] == ["likely"] * 3
    assert judge.coarse_from(beside, "maybe") == pytest.approx(
        judge.coarse_from(ScoreBackground(0.0, 0.1), "maybe")
    )


def test_without_photos_there_is_no_best() -> None:
    none = np.empty(0, np.float32)
    small = ScoreBackground(0.0, 0.1, lift=2.0)
    assert JUDGE.beside_best(small, none, none) == small
    assert JUDGE.beside_best(small, NOTHING, NOTHING) == small


NOTHING = np.array([np.nan], np.float32)
TEXT = np.array([0.6, 0.8, 0, 0], np.float32)


def test_without_photos_the_reference_is_the_background() -> None:
    empty = JUDGE.background(TEXT, np.empty((0, 0), np.float32))
    assert empty.mean == pytest.approx(-0.06)
    assert empty.spread == pytest.approx(0.16)


def test_a_dozen_photos_move_the_background_a_little_and_thousands_decide_it() -> None:
    photo = np.array([[1, 0, 0, 0]], np.float32)
    few = JUDGE.background(TEXT, np.repeat(photo, 12, 0))
    many = JUDGE.background(TEXT, np.repeat(photo, 10_000, 0))
    assert -0.06 < few.mean < 0.03
    assert many.mean == pytest.approx(0.6, abs=0.01)
    assert many.spread < 0.1


def test_a_vector_that_is_no_number_is_passed_over() -> None:
    photos = np.array([[1, 0, 0, 0], [np.nan] * 4], np.float32)
    assert JUDGE.background(TEXT, photos) == JUDGE.background(TEXT, photos[:1])


def test_in_a_small_library_each_photo_is_likelier_by_how_much_it_is_smaller() -> None:
    judge = RelevanceProbability(replace(MODEL, library=400, small=0.7))

    def odds(photos: int) -> float:
        vectors = np.repeat(REFERENCE[:1], photos, 0)
        background = replace(judge.background(TEXT, vectors), mean=0.0, spread=0.1)
        found = float(judge.judge(background, np.array([0.2], np.float32), NOTHING)[0])
        return math.log(found / (1 - found))

    large = odds(400)
    assert odds(5000) == pytest.approx(large, abs=1e-4)
    assert odds(100) == pytest.approx(large + 0.7 * math.log(4), abs=1e-4)
    assert odds(20) == pytest.approx(large + 0.7 * math.log(20), abs=1e-4)
    assert odds(1) == odds(0) == odds(20)  # smaller ones were not measured
    assert [odds(size) for size in range(20, 400, 20)] == sorted(
        (odds(size) for size in range(20, 400, 20)), reverse=True
    )


def test_a_longer_question_is_judged_by_its_length() -> None:
    strict = replace(MODEL, coarse=replace(MODEL.coarse, words=-1.0))
    one, four = (
        RelevanceProbability(strict).background(TEXT, REFERENCE, words) for words in (1, 4)
    )
    score = np.array([0.2], np.float32)
    assert RelevanceProbability(strict).judge(four, score, NOTHING) < RelevanceProbability(
        strict
    ).judge(one, score, NOTHING)
    assert RelevanceProbability(MODEL).judge(four, score, NOTHING) == JUDGE.judge(
        one, score, NOTHING
    )


class Index:
    def __init__(self, count: int) -> None:
        self.count = count
        self.drawn = 0

    def labels(self) -> Labels:
        return np.arange(self.count, dtype=np.int64)

    def vectors_of(self, labels: Labels) -> Floats:
        self.drawn += 1
        return np.repeat(labels[:, None], DIM, 1).astype(np.float32)

    def __len__(self) -> int:
        return self.count


@pytest.mark.parametrize(("photos", "sampled"), [(0, 0), (1, 1), (12, 12), (100_000, 2000)])
def test_a_sample_is_spread_over_the_whole_library(photos: int, sampled: int) -> None:
    vectors = LibrarySample(Index(photos)).vectors()
    assert len(vectors) == sampled
    if sampled > 1:
        assert (vectors[0, 0], vectors[-1, 0]) == (0, photos - 1)


def test_a_sample_stays_until_the_library_has_changed_by_a_twentieth() -> None:
    index = Index(1000)
    sample = LibrarySample(index)
    first = sample.vectors()
    index.count = 1049
    assert sample.vectors() is first
    index.count = 1051
    assert len(sample.vectors()) == 1051
    assert index.drawn == 2


def test_a_first_photo_is_noticed() -> None:
    index = Index(0)
    sample = LibrarySample(index)
    assert not len(sample.vectors())
    index.count = 1
    assert len(sample.vectors()) == 1
