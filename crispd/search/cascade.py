"""The arithmetic of the cascade: how fine scores change a coarse order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crispd.types import Calibration


@dataclass(frozen=True, slots=True)
class Ranked:
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
) -> list[Ranked]:
    """Re-ranked labels first, by fine + coarse_weight * coarse; the others keep their coarse order.

    ``labels`` and ``coarse`` come best first. Ties keep the coarse order. ``score`` never rises
    down the list: the probability of a label that was not re-ranked is at most that of the last
    one that was, since its place says so.
    """
    reached = [(label, near) for label, near in zip(labels, coarse, strict=True) if label in fine]
    final = {label: fine[label] + coarse_weight * near for label, near in reached}
    reached.sort(key=lambda pair: -final[pair[0]])
    ranked = [
        Ranked(label, calibration.final(final[label]), near, fine[label]) for label, near in reached
    ]
    ceiling = ranked[-1].score if ranked else 1.0
    for label, near in zip(labels, coarse, strict=True):
        if label not in fine:
            ceiling = min(calibration.coarse(near), ceiling)
            ranked.append(Ranked(label, ceiling, near, None))
    return ranked


def score_until(
    labels: Sequence[int],
    score: Callable[[Sequence[int]], Sequence[float]],
    over: Callable[[], bool],
    chunk: int,
) -> dict[int, float]:
    """Fine scores of as many labels, best first, as fit before ``over``; one chunk always."""
    scored: dict[int, float] = {}
    for start in range(0, len(labels), chunk):
        if start and over():
            break
        part = labels[start : start + chunk]
        scored.update(zip(part, map(float, score(part)), strict=True))
    return scored
