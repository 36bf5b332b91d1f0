"""A query by stage, at 1,000 and 100,000 photos: ``python -m benchmarks.query_speed``.

The library is synthetic: random unit vectors and random tokens in a real SQLite file and a real
HNSW index, which cost what real ones cost. Queries go through the engine that serves, without HTTP,
once with every text new (``text`` is the encoder) and the fine stage over the whole short list.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.report import keep, percentiles, say, table
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.search.engine import SearchEngine
from crispd.search.validate import Asked, make_query
from crispd.store.database import Database
from crispd.types import FileStamp, PhotoMetadata, Taken
from crispd.vectors.index import VectorIndex
from crispd.vectors.rebuild import synchronise

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


def fill(database: Database, pack: Pack, count: int) -> None:
    """``count`` synthetic photos."""
    rng = np.random.default_rng(0)
    part = pack.manifest.tokens
    assert part is not None
    taken = Taken("2020-01-01T00:00:00", "mtime")
    metadata = PhotoMetadata(4000, 3000, "jpeg")
    for start in range(0, count, 1000):
        vectors = rng.standard_normal((1000, pack.dim)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        with database.write() as tx:
            root = tx.ensure_root("/synthetic")
            for offset, vector in enumerate(vectors):
                number = start + offset
                values = rng.integers(-127, 128, part.regions * part.dim, dtype=np.int8)
                scales = np.full(part.regions, 0.02, "<f2")
                tokens = values.tobytes() + scales.tobytes()
                tx.save_encoded(f"content {number}", pack.id, metadata, vector, tokens)
                stamp = FileStamp(1, 1)
                tx.save_photo(root, f"{number}.jpg", stamp, f"content {number}", taken)


def measure(engine: SearchEngine, queries: int, seed: int) -> dict[str, dict[str, float]]:
    """p50 and p95 of each stage, in milliseconds."""
    rng = np.random.default_rng(seed)
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for number in range(queries + 20):
        text = " ".join(rng.choice(WORDS, 8)) + f" {seed} {number}"
        answer = engine.search(make_query(Asked(text)))
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
                reader.listings(pack.id),
            )  # fmt: skip
            results[str(size)] = found = measure(engine, options.queries, seed=size)
            database.close()
        rows.append([f"{size:,}", *(f"{v['p50']} / {v['p95']}" for v in found.values())])
    table(["photos", *(f"{stage} p50 / p95 ms" for stage in STAGES)], rows)
    keep("query_speed", {"queries": options.queries, "milliseconds": results})


if __name__ == "__main__":
    main()
