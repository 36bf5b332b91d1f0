"""Searches of a library, one after another, by stage."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.search.suggest.suggestions import DEFAULT_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCHES = 60
WARM_UP = 8
_WORDS = 3


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """Milliseconds of whole answers, and medians by stage. ``photos``: that were considered."""

    photos: int
    p50_ms: float
    p95_ms: float
    stages_ms: dict[str, float]


def measure_searches(
    ask: Callable[[str], dict[str, Any]], tell: Callable[[], None]
) -> SearchFigures:
    """``ask``: the answer to words as ``GET /search`` gives it. No words come twice, so no cache
    has them.
    """
    dice = random.Random(0)
    times, stages, photos = [], [], 0
    for number in range(WARM_UP + SEARCHES):
        words = " ".join(dice.sample(DEFAULT_WORDS, _WORDS))
        began = time.perf_counter()
        answer = ask(words)
        took = time.perf_counter() - began
        tell()
        if number >= WARM_UP:
            times.append(1000 * took)
            stages.append(answer["timings_ms"])
            photos = max(photos, int(answer["considered"]))
    p50, p95 = np.percentile(times, [50, 95])
    found = {name: float(np.median([each[name] for each in stages])) for name in stages[0]}
    return SearchFigures(
        photos,
        round(float(p50), 2),
        round(float(p95), 2),
        {name: round(value, 2) for name, value in found.items()},
    )
