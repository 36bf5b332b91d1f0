"""Originals for many at once: ``python -m benchmarks.robustness.originals``.

Clients of a real service at loopback, each on a connection of its own, fetch originals one after
another; one more searches meanwhile. Printed as JSON: how long an original and a search took
(milliseconds: median, 99th percentile, longest), megabytes a second in all, and the service's time
on the processor. The clients share
the processor with the service.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from tests.e2e.server import ALBUM, Server

SEARCH_PAUSE_SECONDS = 0.2


def photos_of(folder: Path, megabytes: float) -> None:
    """The sample album, each photo as large as a phone's: what follows a JPEG is no part of it."""
    folder.mkdir()
    for number, path in enumerate(sorted(ALBUM.glob("*.jpg"))):
        data = path.read_bytes()
        rest = max(int(megabytes * 1e6) - len(data), 0)
        filling = np.random.default_rng(number).bytes(rest)
        (folder / path.name).write_bytes(data + filling)


async def get(host: str, port: int, path: str) -> tuple[int, int]:
    """Status and bytes of one GET on a connection of its own."""
    reader, writer = await asyncio.open_connection(host, port, limit=2**20)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    first, count = await reader.read(2**20), 0
    count = len(first)
    while part := await reader.read(2**20):
        count += len(part)
    writer.close()
    return int(first[9:12]), count


async def measure(base: str, paths: list[str], clients: int, each: int) -> dict[str, Any]:
    """Every client fetches ``each`` originals."""
    host, port = urlsplit(base).hostname or "", urlsplit(base).port or 0
    times: list[float] = []
    searches: list[float] = []
    total, wrong = 0, 0

    async def client(number: int) -> None:
        nonlocal total, wrong
        for turn in range(each):
            began = time.perf_counter()
            status, count = await get(host, port, paths[(number + turn) % len(paths)])
            times.append((time.perf_counter() - began) * 1000)
            total, wrong = total + count, wrong + (status != 200)

    async def search() -> None:
        number = 0
        while True:
            number += 1
            began = time.perf_counter()
            await get(host, port, f"/search?q=dog+{number}&rerank=false")
            searches.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(SEARCH_PAUSE_SECONDS)

    began = time.perf_counter()
    beside = asyncio.create_task(search())
    await asyncio.gather(*(client(number) for number in range(clients)))
    seconds = time.perf_counter() - began
    beside.cancel()
    return {
        "clients": clients, "originals": len(times), "not_200": wrong, "seconds": round(seconds, 1),
        "mb_per_second": round(total / 1e6 / seconds, 1),
        "original_ms": spread(times), "search_ms": spread(searches),
    }  # fmt: skip


def cpu_seconds(pid: int) -> float:
    """Of all threads of a process; does not depend on what else the machine does."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(times: list[float]) -> dict[str, float]:
    """Median, 99th percentile, longest."""
    if not times:
        return {}
    median, high = np.percentile(times, [50, 99])
    return {"p50": round(median, 1), "p99": round(high, 1), "max": round(max(times), 1)}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 8, 64])
    parser.add_argument("--each", type=int, default=4, help="originals a client")
    parser.add_argument("--megabytes", type=float, default=6)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        photos_of(Path(name) / "photos", given.megabytes)
        server = Server(Path(name) / "data", Path(name) / "photos")
        try:
            server.settle(120)
            hits = server.get("/search", q="photo", limit=200, min_relevance="all")["results"]
            paths = [hit["original"] for hit in hits]
            for clients in given.clients:
                base = str(server.http.base_url)
                before = cpu_seconds(server.pid)
                found = asyncio.run(measure(base, paths, clients, given.each))
                found["service_cpu_s"] = round(cpu_seconds(server.pid) - before, 2)
                print(json.dumps({"load": os.getloadavg()[0], **found}), flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
