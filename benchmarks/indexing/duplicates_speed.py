"""Finding duplicates among 60,000 photos: ``python -m benchmarks.indexing.duplicates_speed``.

A real SQLite file, metadata index and matrix; random photos in bursts of five, so that each
has four neighbours whose tokens are read and compared. Prints how long it takes to compare all of
them once, for the first half and the second (what grows with their square shows there), what a
restart costs, and answers with and without ``group=duplicates``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.common.report import keep, percentiles, say, table
from benchmarks.common.synthetic import fill
from crispd.duplicates import persistence
from crispd.duplicates.comparison import DuplicateFinder
from crispd.duplicates.union_find import UnionFind
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.search.engine import SearchEngine
from crispd.search.results.collapse import DuplicateGroups
from crispd.store.database import Database
from crispd.types import Group, Query
from crispd.vectors.checkpoint import DUPLICATES_FILE
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise

BURST = 5


class _Agreed:
    """Photos that are made up have no pixels; ``benchmarks.finding.duplicates`` measures those."""

    def agree(self, one: int, other: int) -> bool | None:
        return one != other


def measure(folder: Path, pack: Pack, size: int, questions: int) -> dict[str, float]:
    """Seconds and milliseconds by what they are of."""
    database = Database.open(folder / "crispd.sqlite3")
    reader = database.read().for_pack(pack.id)
    say(f"filling a library of {size}")
    fill(database, pack, size, burst=BURST)
    index = VectorIndex(pack.dim, folder=folder)
    say("filling the index")
    synchronise(index, reader, pack.id)
    engine = SearchEngine(
        pack.text_encoder, index, reader, pack.reranker, pack.calibration,
        reader.listings(pack.id), pictures=pack.pictures, relevance=pack.relevance,
    )  # fmt: skip
    groups = UnionFind()
    finder = DuplicateFinder(index, reader, engine.metadata_index, pack.unpack, groups, _Agreed())
    found: dict[str, float] = {}
    for name, until in (("first half", size // 2), ("second half", size)):
        say(f"comparing, {name}")
        started = time.perf_counter()
        while finder.progress()[0] < until and finder.step():
            pass
        found[f"{name}, s"] = round(time.perf_counter() - started, 1)
    started = time.perf_counter()
    persistence.save(groups, folder, "benchmark")
    found["kept, ms"] = round((time.perf_counter() - started) * 1000, 1)
    found["file, kB"] = round((folder / DUPLICATES_FILE).stat().st_size / 1000)
    started = time.perf_counter()
    again = UnionFind()
    assert persistence.load(again, folder, "benchmark")
    alike = DuplicateGroups(
        again.roots,
        *DuplicateFinder(index, reader, engine.metadata_index, None, again, _Agreed()).progress(),
    )
    found["a restart, ms"] = round((time.perf_counter() - started) * 1000, 1)
    started = time.perf_counter()
    found["groups"] = len(
        DuplicateFinder(
            index, reader, engine.metadata_index, pack.unpack, again, _Agreed()
        ).groups()
    )
    found["all groups, ms"] = round((time.perf_counter() - started) * 1000, 1)
    ways: tuple[Group | None, ...] = (None, "duplicates")
    for group in ways:
        took = []
        for number in range(questions):
            words = f"a dog on beach number {number} {group}"
            answer = engine.search(Query(words, words=words, group=group), alike)
            took.append(answer.timings_ms["total"] - answer.timings_ms["text"])
        found[f"answers, group={group}, p95 ms"] = percentiles(took)["p95"]
    database.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=60_000)
    parser.add_argument("--questions", type=int, default=100)
    options = parser.parse_args()
    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=2)
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(Path(scratch), pack, options.size, options.questions)
    table(["of", str(options.size)], [[name, value] for name, value in found.items()])
    keep("duplicates_speed", {"size": options.size, **found})


if __name__ == "__main__":
    main()
