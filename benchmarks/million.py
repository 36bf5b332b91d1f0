"""A million photos on one hub: ``python -m benchmarks.million``.

A real service over a database file of its own kind (``benchmarks.multiply``; random vectors): how
long until it answers, searches, filters, further pages, memory and a backup, while the graph is
built behind them, and searches with it; then how many of the nearest vectors the coarse stage
finds, with the graph and without, over vectors around made-up subjects. On the clock and on the
processor. Takes 12 GB of disk, and twice as much for the backup; ``--keep`` keeps the library.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks.multiply import make_library
from benchmarks.query_speed import WORDS
from benchmarks.report import keep, say, table
from benchmarks.service_speed import memory_mb, processor_seconds
from benchmarks.vector_peers import vectors
from crispd.vectors.graph import Graph
from crispd.vectors.index import VectorIndex
from tests.e2e.server import environment_of

_SHORTLIST = 52
_FILTERS = ("type:heic", "2013", "camera:canon", "near:48.9,2.4,200", "rating:5")


class Hub:
    """``crispd serve`` over a data folder. Made: it answers."""

    def __init__(self, data: Path, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        environment = environment_of(
            data, port=str(self._port), thumbnails_ahead="false", checkpoint_minutes="1"
        )
        self._log = log
        begun = time.perf_counter()
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crispd", "serve"], env=environment, stdout=file, stderr=file
            )
        self.pid = self._process.pid
        while not self._answers():
            time.sleep(0.1)
        self.ready_s = round(time.perf_counter() - begun, 1)
        self.ready_processor_s = round(processor_seconds(self.pid), 1)

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise SystemExit(f"crispd did not start:\n{self._log.read_text()}")
        try:
            return self._ask("/readyz")[0] == 200
        except OSError:
            return False

    def _ask(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **given: object) -> dict[str, Any]:
        """The JSON of a call that has to succeed."""
        status, body = self._ask(f"{path}?{urlencode(given)}")
        if status != 200:
            raise SystemExit(f"{path}: {status} {body[:500]!r}")
        return dict(json.loads(body))

    @property
    def has_graph(self) -> str | None:
        """What the log says of it, once it is there."""
        lines = self._log.read_text(errors="replace").splitlines()
        return next((line for line in lines if "a graph over" in line), None)

    def stop(self) -> None:
        """To its end."""
        self._process.terminate()
        self._process.wait(120)


class Asker:
    """Searches for texts that nobody asked for before."""

    def __init__(self, hub: Hub, seed: int) -> None:
        self._hub = hub
        self._rng = np.random.default_rng(seed)
        self._at = seed * 1000

    def measure(self, count: int, more: str = "", **given: object) -> dict[str, float]:
        """p50 of the clock and of the search's own stages, and the processor's time a search.
        While the graph is built, its thread is in that, too; ``coarse_cpu`` has nothing of it.
        """
        clock, coarse, exact = [], [], 0
        processor = processor_seconds(self._hub.pid)
        for _ in range(count):
            self._at += 1
            text = f"{' '.join(self._rng.choice(WORDS, 5))} {more}".strip()
            begun = time.perf_counter()
            answer = self._hub.get("/search", q=text, **given)
            clock.append(1000 * (time.perf_counter() - begun))
            coarse.append(answer["timings_ms"]["coarse"])
            exact += answer["exact"]
        processor = processor_seconds(self._hub.pid) - processor
        return {
            "clock_p50_ms": round(float(np.median(clock)), 1),
            "coarse_p50_ms": round(float(np.median(coarse)), 1),
            "processor_ms": round(1000 * processor / count, 1),
            "exact": exact / count,
        }


def pages(hub: Hub, count: int) -> dict[str, float]:
    """Further pages of 100 of everything, by relevance: the clock."""
    answer = hub.get("/search", q="a dog on a beach", limit=100, min_relevance="all")
    clock = []
    for _ in range(count):
        begun = time.perf_counter()
        answer = hub.get("/search", cursor=answer["next"], limit=100)
        clock.append(1000 * (time.perf_counter() - begun))
    return {"first_ms": round(clock[0], 1), "p50_ms": round(float(np.median(clock[1:])), 1)}


def backup(data: Path, target: Path) -> dict[str, float]:
    """``crispd backup`` beside the running service."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "crispd", "backup", str(target)],
        env=environment_of(data), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    took = round(time.perf_counter() - begun, 1)
    size = target.stat().st_size / 1e9
    target.unlink()
    return {"seconds": took, "gigabytes": round(size, 1)}


def recall(size: int, dim: int, queries: int) -> dict[str, dict[str, float]]:
    """Of the nearest by float32, how many are found; ms of the processor a query."""
    data, asked = vectors(size, dim, 0.02, None, 1), vectors(queries, dim, 0.01, None, 2)
    right = []
    for query in asked:
        scores = data @ query
        right.append(np.argpartition(-scores, _SHORTLIST)[:_SHORTLIST])
    index = VectorIndex(dim)
    labels = np.arange(size)
    index.add(labels, data)

    def measured() -> dict[str, float]:
        hits, took = 0, []
        for query, wanted in zip(asked, right, strict=True):
            begun = time.thread_time()
            found = index.search(query, _SHORTLIST).labels
            took.append(1000 * (time.thread_time() - begun))
            hits += len(np.intersect1d(found, wanted))
        return {
            "recall": round(hits / (queries * _SHORTLIST), 4),
            "processor_p50_ms": round(float(np.median(took)), 1),
        }

    found = {"everything compared": measured()}
    begun = time.thread_time()
    graph = Graph(data[:: max(size // 20_000, 1)])
    for start in range(0, size, 10_000):
        graph.add(labels[start : start + 10_000], data[start : start + 10_000])
    index.adopt_graph(graph)
    found["with the graph"] = measured()
    found["with the graph"]["built_processor_s"] = round(time.thread_time() - begun, 1)
    return found


def measure(data: Path, scratch: Path, seconds: float, count: int) -> dict[str, Any]:
    """The service, step by step; what is known is kept after each."""
    found: dict[str, Any] = {"load_average": os.getloadavg()[0]}

    def note(name: str, value: object) -> None:
        found[name] = value
        say(f"{name}: {value}")
        keep("million", found)

    shutil.rmtree(data / "index", ignore_errors=True)
    hub = Hub(data, scratch / "first.log")
    try:
        note("ready_without_index", {"clock_s": hub.ready_s, "processor_s": hub.ready_processor_s})
        note("memory_after_start", memory_mb(hub.pid))
        begun, processor = time.perf_counter(), processor_seconds(hub.pid)
        asker = Asker(hub, 2)
        asker.measure(3)
        note("search_while_building", asker.measure(count))
        note("filters", {each: asker.measure(3, each) for each in _FILTERS})
        note("pages", pages(hub, 5))
        note("by_date", asker.measure(2, sort="newest", min_relevance="all"))
        note("memory_after_searches", memory_mb(hub.pid))
        note("backup", backup(data, scratch / "copy.sqlite3"))
        hub.get("/duplicates", limit=5)
        note("memory_with_duplicates_begun", memory_mb(hub.pid))
        while hub.has_graph is None and time.perf_counter() - begun < seconds:
            time.sleep(1)
        note("graph", hub.has_graph)
        note("until_graph", {
            "clock_s": round(time.perf_counter() - begun, 1),
            "processor_s": round(processor_seconds(hub.pid) - processor, 1),
        })  # fmt: skip
        note("search", asker.measure(count))
        note("memory_after_load", memory_mb(hub.pid))
    finally:
        hub.stop()
    if (data / "index" / "index.json").exists():
        hub = Hub(data, scratch / "second.log")
        note("ready", {"clock_s": hub.ready_s, "processor_s": hub.ready_processor_s})
        hub.stop()
    return found


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=3600, help="that the graph may take")
    parser.add_argument("--keep", type=Path, help="a folder for the library, to be used again")
    parser.add_argument("--recall-of", type=int, help="vectors; all of them by default")
    given = parser.parse_args()
    found: dict[str, Any] = {"size": given.size}
    with tempfile.TemporaryDirectory(dir=given.keep and given.keep.parent) as scratch:
        data = given.keep or Path(scratch) / "library"
        make_library(data, given.size)
        found |= measure(data, Path(scratch), given.seconds, given.queries)
    say("recall")
    found["recall"] = recall(given.recall_of or given.size, 464, 50)
    keep("million", found)
    table(["what", "figures"], [[name, value] for name, value in found.items()])
    draw(found)


def draw(found: dict[str, Any]) -> None:
    """Memory step by step."""
    from matplotlib.figure import Figure

    steps = [name for name in found if name.startswith("memory_")]
    own = [found[name]["anonymous"] for name in steps]
    files = [found[name]["files"] for name in steps]
    figure = Figure(figsize=(7, 3))
    axes = figure.subplots()
    names = [step.removeprefix("memory_").replace("_", " ") for step in steps]
    axes.barh(names, own, label="its own")
    axes.barh(names, files, left=own, label="mapped files")
    axes.set(xlabel="MB")
    axes.legend()
    figure.tight_layout()
    figure.savefig(Path(__file__).parent / "results" / "million.svg")


if __name__ == "__main__":
    main()
