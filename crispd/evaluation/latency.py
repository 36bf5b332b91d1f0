"""Latency of each arm, one query after another."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from crispd.evaluation.arms import SHOWN
from crispd.evaluation.quality import COARSE, FULL, cascade_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.evaluation.arms import Arms
    from crispd.types import EncodedText, TextEncoder

Milliseconds = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds: with the text's encoding, and of the ranking alone."""

    p50: float
    p95: float
    ranking_p50: float
    ranking_p95: float


def latencies(
    texts: Sequence[str],
    arms: Arms,
    encoder: TextEncoder,
    short_lists: Sequence[int],
    advance: Callable[[int], None],
) -> dict[str, Latency]:
    """By arm. Every arm answers a query before the next one comes, so drift hits all alike."""
    ways = _ways(arms, short_lists)
    text_ms: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for words in texts:
        started = time.perf_counter()
        text = encoder.encode(words)
        text_ms.append(_since(started))
        for name, answer in ways.items():
            started = time.perf_counter()
            answer(text)
            taken[name].append(_since(started))
        advance(1)
    return {name: _latency(np.array(text_ms), np.array(values)) for name, values in taken.items()}


def _ways(arms: Arms, short_lists: Sequence[int]) -> dict[str, Callable[[EncodedText], object]]:
    """How each arm answers a text that is encoded."""
    ways: dict[str, Callable[[EncodedText], object]] = {
        COARSE: lambda text: arms.coarse(text, SHOWN)
    }
    if arms.has_fine:
        for short_list in short_lists:
            ways[cascade_name(short_list)] = partial(arms.cascade, short_list=short_list)
        ways[FULL] = arms.full
    return ways


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _latency(text: Milliseconds, ranking: Milliseconds) -> Latency:
    whole = text + ranking
    found = [*np.percentile(whole, [50, 95]), *np.percentile(ranking, [50, 95])]
    return Latency(*(round(float(value), 3) for value in found))
