"""Where the time of a search goes: ``python -m benchmarks.searching.search_profile --keep FOLDER``.

A service in this process over the library of ``benchmarks.searching.service_speed --keep FOLDER``,
questions that nobody asked before, and milliseconds of the processor in each kind of work: models,
products with all vectors, SQLite, JSON, and what is left for Python. Beside them, the same model
runs and products alone, nothing between them: what no other program around them can go below.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.searching.query_speed import WORDS
from crispd.api.routes import search as search_route
from crispd.api.search_parameters import SearchParameters
from crispd.config import load
from crispd.packs.sessions.runtime import OnnxSession
from crispd.service import Service
from crispd.store.reading.read_connections import CompiledQuery
from crispd.types import ResultPage
from crispd.vectors import matrix
from tests.e2e.server import environment_of

_FIRST = 40  # questions that fill caches


class WorkTimer:
    """Milliseconds of this thread by the kind of work, of functions that it is put around."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)

    def around(self, owner: Any, name: str, kind: Callable[..., str]) -> None:
        """Time ``owner.name``, as what ``kind`` says of its arguments."""
        inner = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.thread_time()
            try:
                return inner(*args, **kwargs)
            finally:
                self.spent[kind(*args)] += 1000 * (time.thread_time() - begun)

        setattr(owner, name, timed)


def opened(data: Path) -> Service:
    """A service that answers, and does nothing else; searches stay in the thread that asks."""
    settings = environment_of(data, thumbnails_ahead="false", search_threads="1")
    os.environ.update({k: v for k, v in settings.items() if k.startswith(("CRISPD_", "HF_"))})
    service = Service(load())
    service.start()
    while not service.readiness().ok:
        time.sleep(0.1)
    time.sleep(5)  # what a start leaves to do behind it
    return service


def asked(service: Service, rng: np.random.Generator) -> ResultPage:
    """One answer, and its JSON, as the thread of a search makes them."""
    text = f"{' '.join(rng.choice(WORDS, 6))} {rng.integers(1_000_000)}"
    request = SearchParameters.model_validate({"q": text}).to_request({})
    page = search_route.answered(service, request)
    search_route.as_json(page)
    return page


def model_of(session: OnnxSession, *_: object) -> str:
    """Which model runs."""
    return f"model: {session._path.name.partition('.')[0]}"


def profile(service: Service, count: int) -> dict[str, float]:
    """Milliseconds of the processor a search, by kind of work."""
    rng, timer = np.random.default_rng(1), WorkTimer()
    timer.around(OnnxSession, "run", model_of)
    timer.around(matrix, "_products", lambda *_: "products with vectors")
    timer.around(CompiledQuery, "all", lambda *_: "SQLite: photos, tokens")
    timer.around(search_route, "as_json", lambda *_: "JSON")
    for _ in range(_FIRST):
        asked(service, rng)
    timer.spent.clear()
    begun = time.thread_time()
    for _ in range(count):
        asked(service, rng)
    total = 1000 * (time.thread_time() - begun)
    timer.spent["all else, Python and numpy"] = total - sum(timer.spent.values())
    timer.spent["in all, without HTTP"] = total
    return {kind: round(spent / count, 2) for kind, spent in timer.spent.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, required=True, help="the library's folder")
    parser.add_argument("--queries", type=int, default=200)
    given = parser.parse_args()
    service = opened(given.keep)
    say("asking")
    found = profile(service, given.queries)
    service.stop()
    keep("search_profile", {"load_average": os.getloadavg()[0], **found})
    total = found["in all, without HTTP"]
    table(
        ["a search", "processor, ms", "share, %"],
        [[kind, spent, round(100 * spent / total)] for kind, spent in found.items()],
    )


if __name__ == "__main__":
    main()
