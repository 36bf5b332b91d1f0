"""Ranking quality of each arm, with confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.evaluation.arms import Arms
    from crispd.types import Floats, Labels, TextEncoder

RANKS = (1, 5, 10)
FULL = "fine over everything"
ALONE = "fine alone over everything"
COARSE = "coarse only"
_DRAWS = 2000  # bootstrap samples: the ends of an interval move by less than 0.1 points
_DRAWN_AT_ONCE = 1 << 17  # groups: a megabyte of their numbers

CaptionRanks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CaptionQuery:
    """A caption and the label of its photo."""

    text: str
    label: int


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share in percent with its 95 % interval, or a difference of two in points."""

    value: float
    low: float
    high: float


def cascade_name(short_list: int) -> str:
    """How a shortlist is called in tables."""
    return f"cascade, K = {short_list}"


def caption_ranks(
    asked: Sequence[CaptionQuery],
    arms: Arms,
    encoder: TextEncoder,
    short_lists: Sequence[int],
    advance: Callable[[int], None],
) -> dict[str, CaptionRanks]:
    """0-based place of each caption's photo, by arm. Beyond the longest list: its length."""
    longest = max(*short_lists, max(RANKS))
    found: dict[str, list[int]] = {}
    for item in asked:
        text = encoder.encode(item.text)
        near = arms.coarse(text, longest)
        found.setdefault(COARSE, []).append(_place_in(near, item.label))
        if arms.has_fine:
            fine, final = arms.everything(text)
            found.setdefault(ALONE, []).append(int((fine > fine[item.label]).sum()))
            found.setdefault(FULL, []).append(int((final > final[item.label]).sum()))
            for short_list in short_lists:
                place = _reranked(near, final, item.label, short_list)
                found.setdefault(cascade_name(short_list), []).append(place)
        advance(1)
    return {name: np.array(values, dtype=np.int64) for name, values in found.items()}


def _place_in(order: Labels, label: int) -> int:
    hits = np.flatnonzero(order == label)
    return int(hits[0]) if len(hits) else len(order)


def _reranked(near: Labels, final: Floats, label: int, short_list: int) -> int:
    """Place after re-ranking; a photo that the list does not reach keeps its coarse place."""
    reached = near[:short_list]
    if label not in reached:
        return _place_in(near, label)
    return int((final[reached] > final[label]).sum())


def proportion(hits: npt.NDArray[np.bool_], groups: Labels) -> Proportion:
    """Percent of true ``hits``; photos (``groups``) are drawn again, not captions."""
    return interval(100.0 * hits.astype(np.float64), groups)


def difference(
    mine: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_], groups: Labels
) -> Proportion:
    """Points by which ``mine`` is better, paired: both arms answered the same captions."""
    return interval(100.0 * (mine.astype(np.float64) - other.astype(np.float64)), groups)


def interval(values: npt.NDArray[np.float64], groups: Labels) -> Proportion:
    """Mean of ``values`` with its 95 % interval when whole ``groups`` are drawn again."""
    rng = np.random.default_rng(0)
    _, compact = np.unique(groups, return_inverse=True)
    sums, sizes = np.bincount(compact, values), np.bincount(compact)
    means = np.empty(_DRAWS)
    # many draws at a time, and not all: those of a large set would not fit a small machine
    step = max(1, _DRAWN_AT_ONCE // len(sums))
    for first in range(0, _DRAWS, step):
        part = means[first : first + step]
        drawn = rng.integers(0, len(sums), (len(part), len(sums)))
        part[:] = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Proportion(float(values.mean()), float(low), float(high))


def precision(asked: Sequence[CaptionQuery], orders: Sequence[Sequence[int]]) -> float:
    """Mean percent of right photos among the first min(10, number right), over distinct captions.

    For sets whose captions are labels: a photo with the same caption is as right as any other.
    """
    right: dict[str, set[int]] = {}
    for item in asked:
        right.setdefault(item.text, set()).add(item.label)
    shares = []
    for (_text, labels), order in zip(right.items(), orders, strict=True):
        count = min(10, len(labels))
        shares.append(len(labels.intersection(order[:count])) / count)
    return 100.0 * float(np.mean(shares))
