"""The arithmetic of the cascade: how fine scores change a coarse order. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crispd.types import Calibration


@dataclass(frozen=True, slots=True)
class RankedResult:
    """A label in its final place. ``fine`` is None where the fine stage did not reach it."""

    label: int
    score: float
    coarse: float
    fine: float | None


def rank(
    labels: Sequence[int],
    coarse: Sequence[float],
    fine: Mapping[int, float],
    coarse_weight: float,
    calibration: Calibration,
) -> list[RankedResult]:
    """Re-ranked labels first, by fine + coarse_weight * coarse; the others keep their coarse order.

    ``labels`` and ``coarse`` come best first. Equal final scores go by coarse score, then label.
    ``score`` never rises down the list: a label that was not re-ranked is at most as likely as the
    last one that was, since its place says so.
    """
    pairs = list(zip(labels, coarse, strict=True))
    final = {label: fine[label] + coarse_weight * near for label, near in pairs if label in fine}
    reached = [pair for pair in pairs if pair[0] in fine]
    reached.sort(key=lambda pair: (-final[pair[0]], -pair[1], pair[0]))
    rest = [pair for pair in pairs if pair[0] not in fine]
    ranked: list[RankedResult] = []
    ceiling = 1.0
    for label, near in reached + rest:
        known = calibration.final(final[label]) if label in final else calibration.coarse(near)
        ceiling = min(known, ceiling)
        ranked.append(RankedResult(label, ceiling, near, fine.get(label)))
    return ranked


@dataclass(frozen=True, slots=True)
class FineScores:
    """Fine scores by label. ``complete`` is false where the time ran out before the end."""

    by_label: Mapping[int, float]
    complete: bool


def score_with_deadline(
    labels: Sequence[int],
    score: Callable[[Sequence[int]], Sequence[float]],
    over: Callable[[], bool],
    chunk: int,
) -> FineScores:
    """Score as many labels, best first, as fit before ``over`` says so; one chunk always.

    A score that is no finite number counts as none: it would throw the whole order over.
    """
    scored: dict[int, float] = {}
    for start in range(0, len(labels), chunk):
        if start and over():
            return FineScores(scored, complete=False)
        part = labels[start : start + chunk]
        found = zip(part, score(part), strict=True)
        scored.update((label, value) for label, value in found if math.isfinite(value))
    return FineScores(scored, complete=True)
