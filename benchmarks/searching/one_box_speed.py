"""What words cost an answer: ``python -m benchmarks.searching.one_box_speed [--size N]``.

A library of random vectors whose photos have names, folders, cameras, keywords, people and places
as ``benchmarks.searching.word_index`` makes them up. Each question, of five kinds, goes through the
engine that serves without and with the word index in turns, each time as a new text; whole answers,
their text included, without HTTP. The ratio of the two is what counts; ``--cpu`` counts time on the
processor, for machines that do other things, too.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.common.report import keep, percentiles, table
from benchmarks.common.synthetic import open_library
from benchmarks.searching.query_speed import WORDS
from benchmarks.searching.word_index import photo, vocabulary
from crispd.packs.locate import find_pack
from crispd.packs.pack import Pack, load_pack
from crispd.query.request import SearchRequest, make_query
from crispd.search.engine import SearchEngine
from crispd.store.database import Database
from crispd.types import PhotoMetadata
from crispd.vectors.index import VectorIndex

_WARM = 10


class Questions:
    """Texts of each kind, none twice."""

    def __init__(self, words: list[str], size: int) -> None:
        self._rng = random.Random(1)
        self._words = words
        self._size = size

    def _seen(self, count: int) -> str:
        return " ".join(self._rng.choices(WORDS, k=count))

    def kinds(self) -> dict[str, Callable[[], str]]:
        """A maker of texts by kind."""
        rng, words = self._rng, self._words
        return {
            "nothing in files": lambda: self._seen(8),
            "a file name": lambda: f"{rng.randrange(self._size):06}",
            "a rare keyword": lambda: f"{rng.choice(words[500:])} {self._seen(6)}",
            "a frequent keyword": lambda: f"{rng.choice(words[:5])} {self._seen(6)}",
            "a person, a third of all": lambda: f"Berg {self._seen(7)}",
            "a camera, a third of all": lambda: f"pixel 8 {self._seen(6)}",
            "five words of files": lambda: " ".join([*rng.sample(words[:200], 4), self._seen(3)]),
        }


def engines(database: Database, index: VectorIndex, pack: Pack) -> dict[str, SearchEngine]:
    """Without and with words, over one index."""
    reader = database.read().for_pack(pack.id)
    engine = partial(
        SearchEngine, pack.text_encoder, index, reader, pack.reranker, pack.calibration,
        reader.listings(pack.id), pictures=pack.pictures, relevance=pack.relevance,
    )  # fmt: skip
    return {"vision": engine(), "fused": engine(words=reader.words(pack.id))}


def measure(
    by_name: dict[str, SearchEngine],
    ask: Callable[[], str],
    repeats: int,
    clock: Callable[[], float],
) -> dict[str, list[float]]:
    """Milliseconds of whole answers, by engine."""
    took: dict[str, list[float]] = {name: [] for name in by_name}
    for number in range(repeats + _WARM):
        for name, engine in sorted(by_name.items(), reverse=bool(number % 2)):
            query, start = make_query(SearchRequest(ask())), clock()
            engine.search(query)
            if number >= _WARM:
                took[name].append((clock() - start) * 1000)
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=60)
    parser.add_argument("--cpu", action="store_true", help="time on the processor, not the clock's")
    parser.add_argument("--keep", type=Path, help="a folder for the library, to be used again")
    options = parser.parse_args()
    clock = time.process_time if options.cpu else time.perf_counter
    words = vocabulary(random.Random(0), 4000)

    def describe(number: int, _: np.random.Generator) -> tuple[str, PhotoMetadata]:
        return photo(random.Random(number), words, number)

    pack = load_pack(find_pack("mini"), index_threads=1, search_threads=2)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        database, index = open_library(folder, pack, options.size, describe)
        by_name = engines(database, index, pack)
        kinds = Questions(words, options.size).kinds()
        took = {kind: measure(by_name, ask, options.repeats, clock) for kind, ask in kinds.items()}
        database.close()
    took["all"] = {
        name: [ms for each in took.values() for ms in each[name]] for name in ("vision", "fused")
    }
    found = {
        kind: {name: percentiles(ms) for name, ms in each.items()} for kind, each in took.items()
    }
    table(
        ["question", "vision p50 / p95 ms", "fused p50 / p95 ms", "p95, times"],
        [
            [kind, *(f"{ms['p50']} / {ms['p95']}" for ms in each.values()),
             round(each["fused"]["p95"] / each["vision"]["p95"], 2)]
            for kind, each in found.items()
        ],
    )  # fmt: skip
    keep("one_box_speed", {"size": options.size, "milliseconds": found})


if __name__ == "__main__":
    main()
