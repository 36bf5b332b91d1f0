"""Searches while indexing runs at full speed, beside idle: ``python -m
benchmarks.indexing.search_while_indexing``.

A real service with a library of small photos, one client that asks something new and then thinks
for a moment, as people do. Phases take turns: nothing else to do, and a folder of new photos that
is being indexed. The ratio of their p95 says the same on a machine that has other work.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.common.report import keep, percentiles, say, table
from benchmarks.searching.service_speed import Client
from tests.e2e.server import ALBUM, Server

SIZE = (640, 480)


def made(folder: Path, first: int, count: int) -> None:
    """Small JPEGs, each a content of its own by bytes behind the end of the picture."""
    folder.mkdir(parents=True)
    pictures = []
    for path in sorted(ALBUM.glob("*.jpg")):
        scratch = folder / "scratch"
        with Image.open(path) as image:
            image.convert("RGB").resize(SIZE).save(scratch, "JPEG", quality=88)
        pictures.append(scratch.read_bytes())
        scratch.unlink()
    for number in range(first, first + count):
        data = pictures[number % len(pictures)] + number.to_bytes(8, "big")
        (folder / f"{number:06}.jpg").write_bytes(data)


def ask(server: Server, count: int, pause: float) -> list[float]:
    """Milliseconds of each answer, over a connection of their own whose first is not counted."""
    client, times = Client(server, int.from_bytes(os.urandom(4), "big")), []
    client.search()
    for _ in range(count):
        begun = time.perf_counter()
        client.search()
        times.append((time.perf_counter() - begun) * 1000)
        time.sleep(pause)
    return times


def encoded(server: Server) -> int:
    """Photos that the service has encoded since its start."""
    return int(server.status()["encoded"])


def one_round(server: Server, queries: int, pause: float, arrive: Path) -> dict[str, Any]:
    """Idle, then while ``arrive`` is indexed, which comes into the library by a rename."""
    server.settle(600)
    idle = ask(server, queries, pause)
    begun = encoded(server)
    arrive.rename(server.folders[0] / arrive.name)
    while encoded(server) < begun + 16:
        time.sleep(0.02)
    first, started = encoded(server), time.perf_counter()
    busy = []
    while len(busy) < queries and server.status()["pending"] > 16:
        busy += ask(server, 10, pause)
    rate = (encoded(server) - first) / (time.perf_counter() - started)
    before, meanwhile = percentiles(idle), percentiles(busy)
    return {
        "idle": before, "indexing": meanwhile, "asked": len(busy),
        "photos_a_second": round(rate, 1), "ratio": round(meanwhile["p95"] / before["p95"], 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000, help="in the library at first")
    parser.add_argument("--arrive", type=int, default=1500, help="photos that come each round")
    parser.add_argument("--queries", type=int, default=150, help="of each phase")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two searches")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    rounds = []
    with tempfile.TemporaryDirectory() as scratch:
        photos = Path(scratch) / "photos"
        made(photos, 0, given.photos)
        server = Server(Path(scratch) / "data", photos, fresh=True, thumbnails_ahead="false")
        try:
            server.settle(1200)
            ask(server, 30, 0)
            for number in range(given.rounds):
                arrive = Path(scratch) / f"more{number}"
                made(arrive, given.photos + number * given.arrive, given.arrive)
                rounds.append(one_round(server, given.queries, given.pause, arrive))
                say(f"round {number + 1}: {rounds[-1]}")
        finally:
            server.stop()

    def median(phase: str, which: str) -> float:
        return round(float(np.median([each[phase][which] for each in rounds])), 1)

    rate = round(float(np.median([each["photos_a_second"] for each in rounds])), 1)
    ratio = round(float(np.median([each["ratio"] for each in rounds])), 2)
    table(
        ["medians of rounds", "p50, ms", "p95, ms"],
        [
            ["idle", median("idle", "p50"), median("idle", "p95")],
            [f"while {rate} photos a second are indexed", median("indexing", "p50"),
             median("indexing", "p95")],
            ["times", "", ratio],
        ],
    )  # fmt: skip
    keep("search_while_indexing", {"load_average": os.getloadavg()[0], "rounds": rounds})


if __name__ == "__main__":
    main()
