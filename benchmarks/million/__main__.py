"""A million photos on one hub: ``python -m benchmarks.million --data DATA --work FOLDER``.

A real service over a database of its own kind (``benchmarks.common.multiply``), with vectors around
those of real photos (``benchmarks.million.neighbourhoods``; ``DATA`` holds ``flickr8k`` and
``everyday``): how long until it answers, with its index and without, after a kill and after an
upgrade; searches, filters and pages while the graph is built, and with it; duplicates, a backup,
memory after each step; and how many of the nearest vectors the coarse stage finds. On the clock and
on the processor.

Each step's figures are kept in ``FOLDER/steps.json``: a run that was cut goes on with the step
that it was at; ``--again STEP`` measures one anew. Takes 12 GB of disk, 24 with the backup.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.multiply import make_library
from benchmarks.common.report import keep, say, table
from benchmarks.million.hub import Hub, measure
from benchmarks.million.neighbourhoods import Neighbourhoods, fitted, real_photos
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from tests.e2e.server import environment_of

_FILTERS = ("type:heic", "2013", "camera:canon", "near:48.9,2.4,200", "rating:5")
_SHORTLIST = 52
_GRAPH_SAYS = "a graph over"
_LINES = 50  # of the log are told where something else was expected


@dataclass(frozen=True, slots=True)
class Run:
    """What the steps share. ``texts``: sentences and labels of people, shuffled."""

    size: int
    work: Path
    data: Path
    count: int
    every: int
    seconds: float
    texts: list[str]

    @property
    def library(self) -> Path:
        """The data folder."""
        return self.work / "library"

    def hub(self, name: str, **settings: str) -> Hub:
        """A service over it."""
        return Hub(self.library, self.work / f"{name}.log", **settings)

    def asked(self, seed: int, more: str = "", **given: object) -> list[dict[str, object]]:
        """Questions that no step with another seed asks."""
        chosen = self.texts[seed * self.count :][: self.count]
        return [{"q": f"{text} {more}".strip(), **given} for text in chosen]

    def pack(self) -> Pack:
        """The default one, on one thread."""
        return load_pack(find_pack("mini"), index_threads=1, search_threads=1)

    def neighbourhoods(self) -> tuple[Neighbourhoods, dict[str, Any]]:
        """Made anew in each process: seconds but for the first time."""
        pack = self.pack()
        assert pack.manifest.tokens is not None
        real, tokens = real_photos(self.data, pack, self.work / "encoded", self.every)
        return fitted(real, tokens, pack.manifest.tokens.regions, self.size)


def library(run: Run) -> dict[str, Any]:
    """The database, made."""
    made, told = run.neighbourhoods()
    begun = time.perf_counter()
    make_library(run.library, run.size, made)
    size = (run.library / "crispd.sqlite3").stat().st_size
    return {
        **told,
        "made_s": round(time.perf_counter() - begun),
        "gigabytes": round(size / 1e9, 1),
    }


def to_be_built(run: Run) -> dict[str, Any]:
    """A start whose index has to be made, and a kill as soon as it is saved."""
    shutil.rmtree(run.library / "index", ignore_errors=True)
    with run.hub("to_be_built") as hub:
        found: dict[str, Any] = {"ready": hub.ready, "memory": hub.memory()}
        begun = time.perf_counter()
        while not (run.library / "index" / "index.json").exists():
            time.sleep(0.2)
        found["saved_after_ready_s"] = round(time.perf_counter() - begun, 1)
        hub.kill()
    with run.hub("after_kill") as hub:
        found["ready_after_a_kill"] = hub.ready
        found["index_after_a_kill"] = (hub.said("index: ") or "").rpartition("index: ")[2]
    return found


def while_building(run: Run) -> dict[str, Any]:
    """Searches, filters, pages while everything is compared, and a graph is built behind them."""
    shutil.rmtree(run.library / "graph", ignore_errors=True)
    with run.hub("while_building") as hub:
        found: dict[str, Any] = {"ready": hub.ready, "memory_after_start": hub.memory()}
        measure(hub, run.asked(0)[:3])
        found["search"] = measure(hub, run.asked(1))
        found["filters"] = {each: measure(hub, run.asked(2, each)[:5]) for each in _FILTERS}
        found["pages"] = pages(hub, 5)
        found["by_date"] = measure(hub, run.asked(3, sort="newest", min_relevance="all")[:3])
        found["like"] = measure(hub, like(hub, 10))
        found["graph_was_there"] = hub.said(_GRAPH_SAYS) is not None
        found["memory"] = hub.memory()
    return found


def without_graph(run: Run) -> dict[str, Any]:
    """Searches while nothing else is done: no graph is begun within the memory that is allowed."""
    with run.hub("without_graph", memory_limit_mb="1024") as hub:
        measure(hub, run.asked(4)[:5])
        return {
            "search": measure(hub, run.asked(5)),
            "like": measure(hub, like(hub, 20)),
            "memory": hub.memory(),
            "duplicates": duplicates(hub, 30),
            "memory_with_duplicates": hub.memory(),
        }


def graph(run: Run) -> dict[str, Any]:
    """The graph, built, with searches behind it and with it."""
    with run.hub("graph") as hub:
        begun = time.perf_counter()
        found: dict[str, Any] = {"told": hub.wait_for(_GRAPH_SAYS, run.seconds)}
        found["until_graph_s"] = round(time.perf_counter() - begun)
        found["processor_s"] = round(hub.processor_s())
        if found["told"] is None:
            raise SystemExit(f"no graph within {run.seconds} s: give more --seconds")
        found["search"] = measure(hub, run.asked(6))
        found["like"] = measure(hub, like(hub, 20))
        found["memory"] = hub.memory()
        found["duplicates"] = duplicates(hub, 60)
        found["memory_with_duplicates"] = hub.memory()
    return found


def with_index(run: Run) -> dict[str, Any]:
    """A start with all that the last one has saved."""
    with run.hub("with_index") as hub:
        return {"ready": hub.ready, "memory": hub.memory()}


def copied(run: Run) -> dict[str, Any]:
    """``crispd backup`` beside the running service, and searches meanwhile."""
    target = run.work / "copy.sqlite3"
    target.unlink(missing_ok=True)
    with run.hub("backup") as hub:
        measure(hub, run.asked(7)[:3])
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "crispd", "backup", str(target)],
            env=environment_of(run.library), stdout=subprocess.DEVNULL,
        )  # fmt: skip
        searches = measure(hub, run.asked(8)[:10])
        if process.wait():
            raise SystemExit("the backup failed")
        took = time.perf_counter() - begun
    size = target.stat().st_size / 1e9
    target.unlink()
    return {"seconds": round(took, 1), "gigabytes": round(size, 1), "search": searches}


def words(run: Run) -> dict[str, Any]:
    """A start after an upgrade that indexes words in another way, and a stop half-way."""
    database = run.library / "crispd.sqlite3"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE meta SET value = '1:' WHERE key = 'words_version'")
    with run.hub("words") as hub:
        found: dict[str, Any] = {"ready": hub.ready, "pending": hub.get("/status")["words_pending"]}
        begun, processor = time.perf_counter(), hub.processor_s()
        while hub.get("/status")["words_pending"] == found["pending"]:
            time.sleep(1)
        done = found["pending"] - hub.get("/status")["words_pending"]
        found["photos_a_second"] = round(done / (time.perf_counter() - begun))
        found["processor_ms_a_photo"] = round(1000 * (hub.processor_s() - processor) / done, 2)
        found["search"] = measure(hub, run.asked(9)[:10])
        before = hub.get("/status")["words_pending"]
    with run.hub("words_after_stop") as hub:
        after = hub.get("/status")["words_pending"]
        found["pending_before_and_after_a_stop"] = [before, after]
        found["ready_after_a_stop"] = hub.ready
    with closing(sqlite3.connect(database)) as connection, connection:  # not all the rest
        connection.execute("DELETE FROM meta WHERE key = 'words_filling'")
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'words_version'", [_version(connection)]
        )
    return found


def _version(connection: sqlite3.Connection) -> str:
    from crispd.places.resolver import GazetteerResolver
    from crispd.store.words.documents import WORDS_VERSION

    return f"{WORDS_VERSION}:{GazetteerResolver().edition}"


def recall(run: Run) -> dict[str, Any]:
    """Of the nearest by float32, how many are found without a graph and with one.

    Texts and pictures are asked for by the vectors that a search has of them.
    """
    from benchmarks.million.recall import measured

    return measured(run.library, run.pack(), run.texts[: 2 * run.count], _SHORTLIST)


STEPS: tuple[Callable[[Run], dict[str, Any]], ...] = (
    library, to_be_built, without_graph, while_building, with_index, copied, words, graph, recall,
)  # fmt: skip


def pages(hub: Hub, count: int) -> dict[str, float]:
    """Further pages of 100 of everything, by relevance: the clock."""
    answer = hub.get("/search", q="a dog on a beach", limit=100, min_relevance="all")
    clock = []
    for _ in range(count):
        begun = time.perf_counter()
        answer = hub.get("/search", cursor=answer["next"], limit=100)
        clock.append(1000 * (time.perf_counter() - begun))
    return {"first_ms": round(clock[0], 1), "p50_ms": round(float(np.median(clock[1:])), 1)}


def like(hub: Hub, count: int) -> list[dict[str, object]]:
    """Questions for photos that are like one."""
    answer = hub.get("/search", q="a house by the water", limit=count, min_relevance="all")
    return [{"like": each["id"]} for each in answer["results"]]


def duplicates(hub: Hub, seconds: float) -> dict[str, Any]:
    """How fast photos are compared, beside nothing else."""
    first = hub.get("/duplicates", limit=5)
    processor, begun = hub.processor_s(), time.perf_counter()
    time.sleep(seconds)
    last = hub.get("/duplicates", limit=5)
    took, processor = time.perf_counter() - begun, hub.processor_s() - processor
    done = last["checked"] - first["checked"]
    return {
        "photos_a_second": round(done / took, 1),
        "processor_ms_a_photo": round(1000 * processor / max(done, 1), 1),
        "groups": len(last["groups"]),
    }


def texts_of(data: Path, needed: int) -> list[str]:
    """Sentences and labels of people, half and half, each once."""
    lists = []
    for name in ("flickr8k", "everyday"):
        lines = (data / name / "captions.jsonl").read_text(encoding="utf-8").splitlines()
        found = sorted({text for line in lines for text in json.loads(line)["captions"]})
        np.random.default_rng(0).shuffle(found)
        lists.append(found)
    sentences, labels = lists
    labels = (labels * (needed // len(labels) + 1))[: needed // 2]
    mixed = [*sentences[: needed - len(labels)], *labels]
    np.random.default_rng(1).shuffle(mixed)
    return mixed


def main() -> None:
    """Measure what is not measured yet, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="the library and the steps so far")
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=3, help="of the real photos one in so many")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=7200, help="that the graph may take")
    parser.add_argument("--again", nargs="+", default=[], choices=[step.__name__ for step in STEPS])
    parser.add_argument("--until", choices=[step.__name__ for step in STEPS])
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    texts = texts_of(given.data, 12 * given.queries)
    run = Run(given.size, given.work, given.data, given.queries, given.every, given.seconds, texts)
    kept = given.work / "steps.json"
    found: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {"size": given.size}
    for step in STEPS:
        name = step.__name__
        if name not in found or name in given.again:
            say(name)
            found[name] = {**step(run), "load_average": round(os.getloadavg()[0], 1)}
            kept.write_text(json.dumps(found, indent=2) + "\n")
            say(f"{name}: {found[name]}")
        if name == given.until:
            break
    keep("million", found)
    table(["step", "what", "figures"], rows(found))
    draw(found)


def rows(found: dict[str, Any]) -> list[list[Any]]:
    """Of the table."""
    return [
        [step, what, values]
        for step, figures in found.items()
        if isinstance(figures, dict)
        for what, values in figures.items()
    ]


def draw(found: dict[str, Any]) -> None:
    """Memory step by step, and searches."""
    from matplotlib.figure import Figure

    memory = [(f"{step}, {what}".replace("_", " "), values) for step, what, values in rows(found)
              if what.startswith("memory")]  # fmt: skip
    asked = [(f"{step}, {what}".replace("_", " "), values) for step, what, values in rows(found)
             if isinstance(values, dict) and "p50_ms" in values and "p95_ms" in values]  # fmt: skip
    figure = Figure(figsize=(8, 6))
    upper, lower = figure.subplots(2)
    names = [name for name, _ in memory]
    own = [values["anonymous"] for _, values in memory]
    upper.barh(names, own, label="its own")
    upper.barh(names, [values["files"] for _, values in memory], left=own, label="mapped files")
    upper.set(xlabel="MB")
    upper.legend()
    names = [name for name, _ in asked]
    lower.barh(names, [values["p50_ms"] for _, values in asked], label="p50")
    lower.scatter([values["p10_ms"] for _, values in asked], names, color="black", label="p10")
    lower.set(xlabel="ms of the clock an answer", xscale="log")
    lower.legend()
    figure.tight_layout()
    figure.savefig(Path(__file__).parent.parent / "results" / "million.svg")


if __name__ == "__main__":
    main()
