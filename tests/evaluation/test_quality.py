"""The arithmetic of the figures."""

from __future__ import annotations

import numpy as np

from crispd.evaluation.quality import CaptionQuery, difference, precision, proportion


def test_a_share_with_its_interval() -> None:
    hits = np.array([True] * 300 + [False] * 700)
    found = proportion(hits, np.arange(1000))
    assert found.value == 30.0
    # the interval of a proportion: 1.96 * sqrt(.3 * .7 / 1000) = 2.84 points
    assert abs(found.low - 27.16) < 0.4
    assert abs(found.high - 32.84) < 0.4


def test_photos_are_drawn_and_not_captions() -> None:
    hits = np.repeat(np.random.default_rng(1).random(200) < 0.5, 5)
    narrow = proportion(hits, np.arange(1000))
    wide = proportion(hits, np.repeat(np.arange(200), 5))
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)  # sqrt(5) in theory


def test_a_difference_is_paired() -> None:
    base = np.random.default_rng(0).random(1000) < 0.5
    better = base.copy()
    better[np.flatnonzero(~base)[:20]] = True
    found = difference(better, base, np.arange(1000))
    assert found.value == 2.0
    assert 1.0 < found.low < 2.0 < found.high < 3.0
    same = difference(base, base, np.arange(1000))
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_groups_need_not_be_numbered_through() -> None:
    found = proportion(np.array([True, False]), np.array([7, 90]))
    assert (found.value, found.low, found.high) == (50.0, 0.0, 100.0)


def test_precision_counts_every_photo_with_the_caption() -> None:
    asked = [CaptionQuery("dog", 0), CaptionQuery("dog", 1), CaptionQuery("cat", 2)]
    assert precision(asked, [[1, 0, 2], [2, 0, 1]]) == 100.0
    assert precision(asked, [[1, 2, 0], [0, 2, 1]]) == 25.0
