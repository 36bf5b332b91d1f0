"""How many photos a question's floor of relevance leaves, and what a second thread does for the
products of a search: ``python -m benchmarks.million.floors --data DATA --work FOLDER``.

Over vectors around those of real photos (``benchmarks.million.neighbourhoods``). An answer has all
photos above the floor, so that the share of the library that is above it says whether a graph of
neighbours could answer. The same searches go to an index of one thread and one of two, in turns.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.million.__main__ import texts_of
from benchmarks.million.neighbourhoods import Neighbourhoods, nearest_of, real_photos
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.search.relevance.probability import SAMPLE_SIZE, RelevanceProbability
from crispd.vectors.index import VectorIndex
from crispd.vectors.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import Floats

_NEAREST = 36


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="encoded photos are kept there")
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--every", type=int, default=3, help="of the real photos one in so many")
    parser.add_argument("--noise", type=float, default=0.2, help="what benchmarks.million chose")
    parser.add_argument("--queries", type=int, default=120)
    given = parser.parse_args()
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=1)
    assert pack.manifest.tokens is not None
    real, tokens = real_photos(given.data, pack, given.work / "encoded", given.every)
    asked, floors = floors_of(pack, real, texts_of(given.data, given.queries))
    shares = [
        100 * float((real @ one >= floor).mean()) for one, floor in zip(asked, floors, strict=True)
    ]
    p10, p50, p90 = np.percentile(shares, [10, 50, 90]).round(2).tolist()
    above = {"p10": p10, "p50": p50, "p90": p90}
    say(f"above the floor, percent of the library: {above}")
    made = Neighbourhoods(real, tokens, nearest_of(real), given.noise, pack.manifest.tokens.regions)
    say(f"making {given.size} vectors")
    vectors = np.stack([made.vector(number) for number in range(given.size)])
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
