"""A real service over 100,000 synthetic photos: ``python -m benchmarks.searching.service_speed``.

How long it takes until it answers, with its index and without, what memory it holds, a search by
stage with every text new, what of it is neither text, coarse nor fine, and answers a second of
eight clients. Time of the processor stands beside that of the clock: it says nearly the same on a
machine that has other work. ``--keep`` keeps the library; the clients share the processor with the
service.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np

from benchmarks.common.multiply import make_library
from benchmarks.common.report import keep, say, table
from benchmarks.searching.query_speed import WORDS
from tests.e2e.server import Server

_MODELS = ("text", "coarse", "fine")
_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Of all threads of a process since its start."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def processor_ms(pid: int) -> float:
    """The same to the nanosecond, of the threads that live."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e6


def memory_mb(pid: int) -> dict[str, float]:
    """Anonymous memory and mapped files that are resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return {
        name: round(int(values[key].split()[0]) / 1024, 1)
        for name, key in (("anonymous", "RssAnon"), ("files", "RssFile"))
    }


def started(data: Path, **settings: str) -> tuple[Server, dict[str, float]]:
    """A service that answers, and what that took."""
    begun = time.perf_counter()
    # thumbnails ahead would look at every photo
    server = Server(data, fresh=True, thumbnails_ahead="false", **settings)
    while server.http.get("/readyz").status_code != 200:
        time.sleep(0.02)
    took = time.perf_counter() - begun
    cpu = processor_seconds(server.pid)
    return server, {"seconds": round(took, 2), "processor": round(cpu, 2)}


class Client:
    """One connection that asks for texts nobody asked for before."""

    def __init__(self, server: Server, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._at = 0
        address = urlsplit(str(server.http.base_url))
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port)

    def search(self, words: int = 6) -> dict[str, Any]:
        """One answer."""
        self._at += 1
        text = " ".join(self._rng.choice(WORDS, words)) + f" {self._at}"
        self._connection.request("GET", f"/search?q={quote(text)}")
        return dict(json.loads(self._connection.getresponse().read()))


def one_client(server: Server, queries: int) -> dict[str, Any]:
    """Milliseconds of whole answers and, by the service, of each stage."""
    client = Client(server, 1)
    times: list[float] = []
    cpu: list[float] = []
    stages: list[dict[str, float]] = []
    for _ in range(30):
        client.search()
    for _ in range(queries):
        before, begun = processor_ms(server.pid), time.perf_counter()
        answer = client.search()
        times.append((time.perf_counter() - begun) * 1000)
        cpu.append(processor_ms(server.pid) - before)
        stages.append(answer["timings_ms"])
    models = [sum(stage[name] for name in _MODELS) for stage in stages]
    return {
        **_percentiles(times),
        "processor": _percentiles(cpu),
        "not_text_coarse_fine": _percentiles(np.subtract(times, models).tolist()),
        "stages": {name: _percentiles([s[name] for s in stages]) for name in stages[0]},
    }


def _percentiles(values: list[float]) -> dict[str, float]:
    found = np.percentile(values, [5, 25, 50, 95]).round(2).tolist()
    return dict(zip(("p5", "p25", "p50", "p95"), found, strict=True))


def many_clients(server: Server, clients: int, seconds: float) -> dict[str, float]:
    """Answers a second, and milliseconds of the processor that each takes."""
    counts = [0] * clients
    end = time.perf_counter() + seconds

    def ask(number: int) -> None:
        client = Client(server, 100 + number)
        while time.perf_counter() < end:
            client.search()
            counts[number] += 1

    cpu, begun = processor_seconds(server.pid), time.perf_counter()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    cpu = processor_seconds(server.pid) - cpu
    answers = sum(counts)
    return {
        "answers_a_second": round(answers / took, 1),
        "processor": round(1000 * cpu / answers, 2),
        "cores_used": round(cpu / took, 2),
    }


def starts(
    data: Path, count: int, *, indexed: bool, **settings: str
) -> tuple[Server, dict[str, Any]]:
    """The last of ``count`` starts, and the least of what each took: the first one of a checkout
    compiles all modules. ``indexed``: with the index that the one before saved.
    """
    every = []
    for number in range(count):
        if not indexed:
            shutil.rmtree(data / "index", ignore_errors=True)
        server, took = started(data, **settings)
        every.append(took)
        Client(server, 5).search()
        if number < count - 1:
            server.stop()
    return server, {name: min(took[name] for took in every) for name in every[0]}


def measure(
    data: Path, queries: int, seconds: float, count: int, **settings: str
) -> dict[str, Any]:
    """Every figure of one library."""
    server, without = starts(data, count, indexed=False, **settings)
    server.stop()  # saves what it made
    server, ready = starts(data, count, indexed=True, **settings)
    try:
        Client(server, 5).search()
        found = {
            "ready": ready,
            "ready_without_index": without,
            "after_start": memory_mb(server.pid),
        }
        found["search"] = one_client(server, queries)
        found["load"] = many_clients(server, 8, seconds)
        found["after_load"] = memory_mb(server.pid)
    finally:
        server.stop()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--starts", type=int, default=3, help="of which the least is told")
    parser.add_argument("--search-threads", default="0", help="as the setting")
    parser.add_argument("--keep", type=Path, help="a folder for the library, to be used again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = given.keep or Path(scratch)
        data.mkdir(parents=True, exist_ok=True)
        make_library(data, given.size)
        say("asking")
        found = measure(
            data, given.queries, given.seconds, given.starts, search_threads=given.search_threads
        )
    keep("service_speed", {"size": given.size, "load_average": os.getloadavg()[0], **found})
    search = found["search"]
    table(
        ["what", "clock", "processor"],
        [
            ["ready, s", found["ready"]["seconds"], found["ready"]["processor"]],
            ["ready without an index, s", *found["ready_without_index"].values()],
            *[[f"a search, {name}, ms", search[name], search["processor"][name]]
              for name in ("p5", "p25", "p50", "p95")],
            ["of it not text, coarse, fine, p50, ms", search["not_text_coarse_fine"]["p50"], ""],
            ["answers a second, 8 clients", *list(found["load"].values())[:2]],
            *[[f"{when}: {what}, MB", mb, ""] for when in ("after_start", "after_load")
              for what, mb in found[when].items()],
            *[[f"stage {name}, p25 / p50 ms", f"{ms['p25']} / {ms['p50']}", ""]
              for name, ms in search["stages"].items() if ms["p95"]],
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
