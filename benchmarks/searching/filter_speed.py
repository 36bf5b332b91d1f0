"""Filters over 100,000 photos, by how much they leave.

``python -m benchmarks.searching.filter_speed``.

A real SQLite file, metadata index and matrix; vectors and tokens are random, which costs what real
ones cost. Per share that a filter leaves, the p50 and p95 of a whole answer without the encoding of
its text: filters by time through the engine that serves, and beside it the plain way to get the
first 36 labels alone, without photos and fine stage: brute force, a product over everything in
float32, then the mask. Prints a table and draws the curves.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.common.curves import Curve, curves
from benchmarks.common.report import RESULTS, keep, percentiles, say, table
from benchmarks.common.synthetic import open_library, time_of
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.search.engine import SearchEngine
from crispd.types import Filters, Floats, Labels, NameChoice, Near, Query

SHARES = (0.0001, 0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
K = 36
OTHERS = {
    "type:heic": Filters.of(type=("heic",)),
    "camera:pixel": Filters.of(camera=NameChoice(("pixel",))),
    "has:gps": Filters.of(has=("gps",)),
    "near 48.9,2.4, 200 km": Filters.of(near=Near(48.9, 2.4, 200)),
    "folder 3": Filters.of(folder="3"),
    "keyword and rating 3": Filters.of(keyword=("holiday",), rating=3),
}


class Bench:
    """A library of ``size`` photos and everything that is timed over it."""

    def __init__(self, folder: Path, pack: Pack, size: int) -> None:
        self.size = size
        self.database, self.index = open_library(folder, pack, size)
        reader = self.database.read().for_pack(pack.id)
        self.engine = SearchEngine(
            pack.text_encoder, self.index, reader, pack.reranker, pack.calibration,
            reader.listings(pack.id), pictures=pack.pictures, relevance=pack.relevance,
        )  # fmt: skip
        self.labels = self.index.labels()
        self.vectors = self.index.vectors_of(self.labels)
        self._texts = iter(range(10**9))

    def ours(self, filters: Filters, repeats: int) -> list[float]:
        """Milliseconds of whole answers without their text."""
        found = []
        for _ in range(repeats):
            words = f"a dog on beach number {next(self._texts)}"
            answer = self.engine.search(Query(words, words=words, filters=filters))
            found.append(answer.timings_ms["total"] - answer.timings_ms["text"])
        return found

    def brute(self, allowed: np.ndarray, vector: Floats) -> Labels:
        """All products, then the mask."""
        scores = np.where(allowed, self.vectors @ vector, -np.inf)
        best = np.argpartition(scores, self.size - K)[self.size - K :]
        return self.labels[best[np.argsort(-scores[best])]]


def timed(call: Callable[[], Labels], repeats: int) -> list[float]:
    """Milliseconds of calls."""
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        found.append((time.perf_counter() - started) * 1000)
    return found


def measure(bench: Bench, share: float, repeats: int) -> dict[str, object]:
    """One share: the newest photos of that number."""
    count = max(1, round(share * bench.size))
    after = Filters.of(after=time_of(bench.size - count))
    allowed = bench.labels > bench.labels[-1] - count
    vector = np.random.default_rng(7).standard_normal((1, bench.vectors.shape[1]))[0]
    vector = (vector / np.linalg.norm(vector)).astype(np.float32)
    bench.ours(after, 5)
    ours = bench.ours(after, repeats)
    brute = timed(lambda: bench.brute(allowed, vector), repeats)
    return {
        "share": share,
        "ours": percentiles(ours),
        "brute": percentiles(brute),
    }


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="a folder for the library, to be used again")
    options = parser.parse_args()
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=2)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, pack, options.size)
        bench.ours(Filters(), 20)
        unfiltered = percentiles(bench.ours(Filters(), options.repeats))
        bench.ours(Filters.of(after="1990-01-01T00:00:00"), 3)
        rows = []
        for share in SHARES:
            say(f"{share:.2%}")
            rows.append(measure(bench, share, options.repeats))
        others = {
            name: percentiles(bench.ours(wanted, options.repeats))
            for name, wanted in OTHERS.items()
        }
        bench.database.close()
    show(rows, unfiltered, others, options.size)


def show(rows: list, unfiltered: dict, others: dict, size: int) -> None:
    """Tables, JSON and the plot."""
    ways = {"ours": "crispd", "brute": "brute force"}
    table(
        ["left by the filter", *(f"{name}, p50 / p95 ms" for name in ways.values())],
        [
            [f"{row['share']:.2%}", *(f"{row[way]['p50']} / {row[way]['p95']}" for way in ways)]
            for row in rows
        ],
    )
    table(
        ["other filters", "p50 / p95 ms"],
        [
            [name, f"{value['p50']} / {value['p95']}"]
            for name, value in {"none": unfiltered, **others}.items()
        ],
    )
    keep("filter_speed", {"size": size, "rows": rows, "none": unfiltered, "others": others})
    drawn = curves(
        f"Filters over {size:,} photos: p95 of an answer, text not included",
        "share of the library that the filter leaves",
        "milliseconds",
        [
            Curve(name, [(row["share"], row[way]["p95"]) for row in rows])
            for way, name in ways.items()
        ],
    )
    (RESULTS / "filter_speed.svg").write_text(drawn)


if __name__ == "__main__":
    main()
