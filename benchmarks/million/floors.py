"""How many photos a question's floor of relevance leaves, and what a second thread does for the
products of a search: ``python -m benchmarks.million.floors --data DATA --work FOLDER``.

Over vectors around those of real photos (``benchmarks.million.neighbourhoods``). An answer has all
photos above the floor, so that the share of the library that is above it says whether a graph of
neighbours could answer. The same searches go to an index of one thread and one of two, in turns.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.million.__main__ import texts_of
from benchmarks.million.options import made_library, parser_of
from crispd.search.relevance.probability import SAMPLE_SIZE, RelevanceProbability
from crispd.vectors.index import VectorIndex
from crispd.vectors.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.packs.pack import Pack
    from crispd.types import Floats

_NEAREST = 36


def main() -> None:
    """Measure both."""
    given = parser_of(__doc__, 200_000, 120).parse_args()
    pack, real, vectors = made_library(given)
    asked, floors = floors_of(pack, real, texts_of(given.data, given.queries))
    shares = [
        100 * float((real @ one >= floor).mean()) for one, floor in zip(asked, floors, strict=True)
    ]
    p10, p50, p90 = np.percentile(shares, [10, 50, 90]).round(2).tolist()
    above = {"p10": p10, "p50": p50, "p90": p90}
    say(f"above the floor, percent of the library: {above}")
    found = in_turns(vectors, asked, floors)
    keep("floors", {"size": given.size, "percent_above_the_floor": above, "threads": found})
    table(
        ["threads", "processor p50, ms", "clock p10 / p50, ms"],
        [[threads, each["processor_p50"], f"{each['clock_p10']} / {each['clock_p50']}"]
         for threads, each in found.items()],
    )  # fmt: skip


def floors_of(pack: Pack, real: Floats, texts: Sequence[str]) -> tuple[list[Floats], list[float]]:
    """Vectors of texts, and the coarse score from which photos may be what they ask for."""
    relevance = RelevanceProbability(pack.relevance)
    asked, floors = [], []
    for text in texts:
        encoded = pack.text_encoder.encode(text)
        background = relevance.background(
            encoded.embedding, real[:SAMPLE_SIZE], encoded.words, encoded.share
        )
        asked.append(encoded.embedding)
        floors.append(float(relevance.coarse_from(background, "maybe")))
    return asked, floors


def in_turns(
    vectors: Floats, asked: Sequence[Floats], floors: Sequence[float]
) -> dict[int, dict[str, float]]:
    """Milliseconds of a search by threads, taking turns."""
    indexes = {}
    for threads in (1, 2):
        index = VectorIndex(vectors.shape[1], workers=Workers(threads))
        index.add(np.arange(len(vectors)), vectors)
        indexes[threads] = index
    clock: dict[int, list[float]] = {threads: [] for threads in indexes}
    processor: dict[int, list[float]] = {threads: [] for threads in indexes}
    for query, floor in zip(asked, floors, strict=True):
        for threads, index in indexes.items():
            begun, used = time.perf_counter(), time.process_time()
            index.search(query, _NEAREST, None, floor)
            clock[threads].append(1000 * (time.perf_counter() - begun))
            processor[threads].append(1000 * (time.process_time() - used))
    return {
        threads: {
            "processor_p50": round(float(np.median(processor[threads])), 1),
            "clock_p10": round(float(np.percentile(clock[threads], 10)), 1),
            "clock_p50": round(float(np.median(clock[threads])), 1),
        }
        for threads in indexes
    }


if __name__ == "__main__":
    main()
