"""Ways to find the nearest of 100,000 vectors, in one run.

``python -m benchmarks.searching.vector_peers``.

crispd's index beside brute force in numpy, hnswlib, faiss, usearch and sqlite-vec, over the same
vectors and queries, each in a process of its own on one thread: seconds of the processor until it
can answer, memory, milliseconds of the processor a query, and how many of the right ones are found.
``--vectors`` and ``--queries`` are ``.npy`` files of unit vectors; without them they are drawn
around 2,000 centres. Needs ``benchmarks/requirements-peers.txt``. Prints a table and draws a plot.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.report import keep, say, table

K = 52  # what a search asks for: a page, and a few more
Search = Callable[[np.ndarray], Any]


def vectors(count: int, dim: int, noise: float, given: Path | None, seed: int) -> np.ndarray:
    """float32 [count, dim], of unit length."""
    rng = np.random.default_rng(seed)
    base = (
        np.load(given)
        if given
        else np.random.default_rng(0).standard_normal((2000, dim)) / np.sqrt(dim)
    )
    found = base[rng.integers(0, len(base), count)].astype(np.float32)
    found += noise * rng.standard_normal(found.shape, np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def crispd(data: np.ndarray) -> Search:
    from crispd.vectors.index import VectorIndex

    index = VectorIndex(data.shape[1])
    index.add(np.arange(len(data)), data)
    return lambda query: index.search(query, K).labels


def numpy(data: np.ndarray) -> Search:
    own = data.copy()

    def search(query: np.ndarray) -> np.ndarray:
        scores = np.vecdot(own, query)
        return np.argpartition(-scores, K)[:K]

    return search


def hnswlib(data: np.ndarray) -> Search:
    import hnswlib as library

    index = library.Index(space="ip", dim=data.shape[1])
    index.init_index(len(data), M=16, ef_construction=200)
    index.add_items(data, num_threads=1)
    index.set_ef(200)
    return lambda query: index.knn_query(query[None], K, num_threads=1)[0][0]


def faiss_flat(data: np.ndarray) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(data.shape[1])
    index.add(data)
    return lambda query: index.search(query[None], K)[1][0]


def faiss_sq8(data: np.ndarray) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    kind = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexScalarQuantizer(data.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.train(data)
    index.add(data)
    return lambda query: index.search(query[None], K)[1][0]


def faiss_ivf(data: np.ndarray) -> Search:
    import faiss

    faiss.omp_set_num_threads(1)
    lists = faiss.IndexFlatIP(data.shape[1])
    index = faiss.IndexIVFFlat(lists, data.shape[1], 316, faiss.METRIC_INNER_PRODUCT)
    index.train(data[:20_000])
    index.add(data)
    index.nprobe = 32
    return lambda query: index.search(query[None], K)[1][0]


def usearch_f16(data: np.ndarray) -> Search:
    return _usearch(data, "f16")


def usearch_i8(data: np.ndarray) -> Search:
    return _usearch(data, "i8")


def _usearch(data: np.ndarray, kind: str) -> Search:
    from usearch.index import Index

    index = Index(ndim=data.shape[1], metric="ip", dtype=kind, expansion_search=200)
    index.add(np.arange(len(data)), data, threads=1)
    return lambda query: index.search(query, K, threads=1).keys


def sqlite_vec(data: np.ndarray) -> Search:
    import apsw  # many a Python's own sqlite3 loads no extensions
    import sqlite_vec as library

    connection = apsw.Connection(":memory:")
    connection.enable_load_extension(True)
    connection.load_extension(library.loadable_path())
    connection.execute(f"CREATE VIRTUAL TABLE v USING vec0(e float[{data.shape[1]}])")
    rows = ((number, row.tobytes()) for number, row in enumerate(data))
    with connection:
        connection.executemany("INSERT INTO v (rowid, e) VALUES (?, ?)", rows)
    asked = f"SELECT rowid FROM v WHERE e MATCH ? AND k = {K}"
    return lambda query: [row[0] for row in connection.execute(asked, [query.tobytes()])]


WAYS = {
    way.__name__: way
    for way in (crispd, numpy, faiss_flat, faiss_sq8, faiss_ivf, hnswlib, usearch_f16, usearch_i8,
                sqlite_vec)
}  # fmt: skip


def anonymous_mb() -> float:
    """Of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def measure(name: str, folder: Path) -> dict[str, float]:
    """One way, in this process."""
    data = np.load(folder / "vectors.npy", mmap_mode="r")
    queries, right = np.load(folder / "queries.npy"), np.load(folder / "right.npy")
    WAYS[name](np.asarray(data[:500]))  # imported, and warm
    before, begun = anonymous_mb(), time.process_time()
    search = WAYS[name](data)
    built, memory = time.process_time() - begun, anonymous_mb() - before
    times, hits = [], 0
    for query, wanted in zip(queries, right, strict=True):
        begun = time.process_time()
        found = search(query)
        times.append((time.process_time() - begun) * 1000)
        hits += len(np.intersect1d(np.asarray(found, np.int64), wanted))
    return {
        "built_s": round(built, 2), "memory_mb": round(memory, 1),
        "p50_ms": round(float(np.median(times)), 2), "recall": round(hits / right.size, 4),
    }  # fmt: skip


def main() -> None:
    """Every way in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=464)
    parser.add_argument("--count", type=int, default=200, help="of queries")
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        sys.stdout.write(json.dumps(measure(given.one[0], Path(given.one[1]))))
        return
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = vectors(given.size, given.dim, 0.02, given.vectors, 1)
        asked = vectors(given.count, given.dim, 0.01, given.queries or given.vectors, 2)
        np.save(folder / "vectors.npy", data)
        np.save(folder / "queries.npy", asked)
        right = [np.argpartition(-np.vecdot(data, query), K)[:K] for query in asked]
        np.save(folder / "right.npy", np.stack(right))
        for name in given.ways:
            say(name)
            command = [
                sys.executable,
                "-m",
                "benchmarks.searching.vector_peers",
                "--one",
                name,
                scratch,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                say(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
            else:
                found[name] = json.loads(done.stdout)
    table(
        ["way", "until it answers, s", "memory, MB", "a query, p50 ms", f"recall of {K}"],
        [[name, *values.values()] for name, values in found.items()],
    )
    keep("vector_peers", {"size": given.size, "dim": given.dim, "ways": found})
    draw(found)


def draw(found: dict[str, dict[str, float]]) -> None:
    """Time against recall."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5))
    axes = figure.subplots()
    for name, values in found.items():
        axes.scatter(values["p50_ms"], values["recall"])
        axes.annotate(f"{name}, {values['memory_mb']:.0f} MB", (values["p50_ms"], values["recall"]))
    axes.set(xscale="log", xlabel="ms of the processor a query", ylabel=f"recall of {K}")
    figure.tight_layout()
    figure.savefig(Path(__file__).parent.parent / "results" / "vector_peers.svg")


if __name__ == "__main__":
    main()
