"""A query by stage, at 1,000 and 100,000 photos: ``python -m benchmarks.searching.query_speed``.

The library is synthetic: random unit vectors and random tokens in a real SQLite file and a real
index, which cost what real ones cost. Queries go through the engine that serves, without HTTP,
once with every text new (``text`` is the encoder) and the fine stage over the whole shortlist.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common.report import keep, percentiles, say, table
from benchmarks.common.synthetic import fill
from crispd.packs.locate import find_pack
from crispd.packs.pack import load_pack
from crispd.query.request import SearchRequest, make_query
from crispd.search.engine import SearchEngine
from crispd.store.database import Database
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise

STAGES = ("text", "coarse", "fine", "total")
WORDS = [
    "dog",
    "child",
    "beach",
    "snow",
    "red",
    "ball",
    "river",
    "street",
    "bicycle",
    "tree",
    "car",
    "house",
    "woman",
    "man",
    "cat",
]


def measure(engine: SearchEngine, queries: int, seed: int) -> dict[str, dict[str, float]]:
    """p50 and p95 of each stage, in milliseconds."""
    rng = np.random.default_rng(seed)
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for number in range(queries + 20):
        text = " ".join(rng.choice(WORDS, 8)) + f" {seed} {number}"
        answer = engine.search(make_query(SearchRequest(text)))
        if number >= 20:  # the first ones fill caches
            for stage in STAGES:
                times[stage].append(answer.timings_ms[stage])
    return {stage: percentiles(values) for stage, values in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--queries", type=int, default=200)
    options = parser.parse_args()
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=2)
    rows, results = [], {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            say(f"filling a library of {size}")
            database = Database.open(Path(scratch) / "crispd.sqlite3")
            fill(database, pack, size)
            index = VectorIndex(pack.dim)
            synchronise(index, database.read(), pack.id)
            reader = database.read().for_pack(pack.id)
            engine = SearchEngine(
                pack.text_encoder, index, reader, pack.reranker, pack.calibration,
                reader.listings(pack.id), pictures=pack.pictures, relevance=pack.relevance,
            )  # fmt: skip
            results[str(size)] = found = measure(engine, options.queries, seed=size)
            database.close()
        rows.append([f"{size:,}", *(f"{v['p50']} / {v['p95']}" for v in found.values())])
    table(["photos", *(f"{stage} p50 / p95 ms" for stage in STAGES)], rows)
    keep("query_speed", {"queries": options.queries, "milliseconds": results})


if __name__ == "__main__":
    main()
