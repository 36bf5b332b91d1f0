"""Many requests for a long time while photos come in: ``python -m benchmarks.robustness.soak``.

32 clients with connections of their own ask a real service at loopback for searches, thumbnails,
metadata and its state, 200,000 times, while copies of the sample album go on arriving and old ones
go: what grows is then not the library. Asked: no error, memory that grows by less than 5 % after
the warm-up, and no descriptor that is left open.
Prints the figures as JSON; exit code 1 where one of them is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from tests.e2e.server import ALBUM, Server

WARM = 0.2  # of the requests
COPIES = 300  # that are there at a time, beside the album; reached long before the warm-up ends
GROWTH, DESCRIPTORS = 0.05, 8  # descriptors: photos being read, connections of the database
WORDS = ("dog", "beach", "two dogs", "snow", "child", "old coins", "car", "red", "temple", "night")
PLACES = ("in the grass", "at home", "by the sea", "in winter", "on a table", "far away", "2021")


@dataclass(slots=True)
class Seen:
    """What the clients met; ``times`` in milliseconds."""

    done: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    search_times: list[float] = field(default_factory=list)


def main() -> int:
    """Run, print, judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=32)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        photos = Path(name) / "photos"
        photos.mkdir()
        for path in sorted(ALBUM.glob("*.jpg")):
            (photos / path.name).write_bytes(path.read_bytes())
        # as on a small hub: caches are full soon, and what grows then is no cache
        server = Server(Path(name) / "data", photos, memory_limit_mb="512")
        try:
            figures = soak(server, photos, given.requests, given.clients)
        finally:
            server.stop()
            server.http.close()
    print(json.dumps(figures, indent=1))
    return 0 if figures["met"] else 1


def soak(server: Server, photos: Path, requests: int, clients: int) -> dict[str, Any]:
    """The figures of one run."""
    server.settle(300)
    hits = server.get("/search", q="photo", limit=200, min_relevance="all")["results"]
    before, over = encoded_by(server), threading.Event()
    feeding = threading.Thread(target=feed, args=(photos, over))
    begun, seen, marks = time.monotonic(), Seen(), list[dict[str, float]]()
    feeding.start()
    try:
        asyncio.run(ask_all(server, [hit["id"] for hit in hits], requests, clients, seen, marks))
    finally:
        over.set()
        feeding.join()
    seconds, status = time.monotonic() - begun, server.status()
    warm, end = marks[0], marks[-1]
    growth = end["memory_mb"] / warm["memory_mb"] - 1
    more = end["descriptors"] - warm["descriptors"]
    return {
        "requests": seen.done,
        "clients": clients,
        "seconds": round(seconds),
        "statuses": dict(seen.statuses),
        "errors": len(seen.errors),
        "first_errors": seen.errors[:3],
        "photos_indexed_meanwhile": encoded_by(server) - before,
        "photos_at_the_end": status["photos"],
        "p50_ms": percentile(seen.times, 50),
        "p99_ms": percentile(seen.times, 99),
        "search_p50_ms": percentile(seen.search_times, 50),
        "search_p99_ms": percentile(seen.search_times, 99),
        "worst_ms": percentile(seen.times, 100),
        "after_warm_up": warm,
        "at_the_end": end,
        "memory_growth_percent": round(100 * growth, 1),
        "met": not seen.errors and growth < GROWTH and more <= DESCRIPTORS,
    }


def encoded_by(server: Server) -> int:
    """Photos that it encoded since it started."""
    lines = server.http.get("/metrics").text.splitlines()
    return int(float(next(x for x in lines if x.startswith("crispd_encoded_total ")).split()[1]))


def percentile(times: list[float], share: float) -> float:
    return round(float(np.percentile(times, share)), 1)


def feed(photos: Path, over: threading.Event) -> None:
    """New contents, one after the other: what comes after a JPEG's end is no part of it."""
    album, number, there = sorted(ALBUM.glob("*.jpg")), 0, deque[Path]()
    while not over.wait(0.5):
        path = album[number % len(album)]
        there.append(photos / f"{number}_{path.name}")
        there[-1].write_bytes(path.read_bytes() + str(number).encode())
        if len(there) > COPIES:
            there.popleft().unlink()
        number += 1


async def ask_all(
    server: Server,
    ids: list[str],
    requests: int,
    clients: int,
    seen: Seen,
    marks: list[dict[str, float]],
) -> None:
    """Every client until enough was asked. ``marks``: of warm-up, now and then, and end."""
    port = int(str(server.http.base_url).rstrip("/").rpartition(":")[2])
    tasks = [
        asyncio.create_task(Client(port, ids, random.Random(number)).run(requests, seen))
        for number in range(clients)
    ]
    try:
        while seen.done < requests and not any(task.done() for task in tasks):
            await asyncio.sleep(1)
            if seen.done >= WARM * requests:
                marks.append(state_of(server.pid, seen))
                print(json.dumps(marks[-1]), file=sys.stderr, flush=True)
                await asyncio.sleep(9)
    finally:
        await asyncio.gather(*tasks)
    marks.append(state_of(server.pid, seen))


def state_of(pid: int, seen: Seen) -> dict[str, float]:
    """Resident memory that is the process's own, and open descriptors."""
    lines = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if ":" in line
    )
    return {
        "requests": seen.done,
        "memory_mb": round(int(lines["VmRSS"].split()[0]) / 1024, 1),
        "descriptors": len(list(Path(f"/proc/{pid}/fd").iterdir())),
    }


class Client:
    """One connection that is kept; HTTP by hand, so that what asks costs little."""

    def __init__(self, port: int, ids: list[str], chance: random.Random) -> None:
        self._port, self._ids, self._chance = port, ids, chance

    async def run(self, requests: int, seen: Seen) -> None:
        """Until all clients together have asked so often."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while seen.done < requests:
                seen.done += 1
                path = self._path()
                begun = time.perf_counter()
                writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                status = await read_answer(reader)
                spent = (time.perf_counter() - begun) * 1000
                seen.times.append(spent)
                if path.startswith("/search"):
                    seen.search_times.append(spent)
                seen.statuses[status] += 1
                if status != 200:
                    seen.errors.append(f"{status} {path}")
        except (OSError, EOFError, ValueError) as error:
            seen.errors.append(repr(error))
        finally:
            writer.close()

    def _path(self) -> str:
        pick, photo = self._chance.random(), self._chance.choice(self._ids)
        if pick < 0.25:
            words = f"{self._chance.choice(WORDS)} {self._chance.choice(PLACES)}"
            return f"/search?limit=20&min_relevance=all&q={quote(words)}"
        if pick < 0.65:
            return f"/photos/{photo}/thumbnail?size=320"
        if pick < 0.85:
            return f"/photos/{photo}"
        return "/status" if pick < 0.9 else "/healthz"


async def read_answer(reader: asyncio.StreamReader) -> int:
    """The status; the body is read and thrown away."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


if __name__ == "__main__":
    sys.exit(main())
