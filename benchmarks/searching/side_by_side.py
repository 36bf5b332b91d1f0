"""Two versions of crispd beside each other: ``python -m benchmarks.searching.side_by_side OTHER``.

OTHER is a checkout of another version with an environment in ``.venv``. A service of each runs over
its own copy of a library that ``benchmarks.searching.service_speed --keep`` left; every question is
put to both in turns, so that other work on the machine disturbs both alike. Then eight clients ask
one, and the other, some times. Of starts the least counts, of questions the median ratio.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import numpy as np

from benchmarks.common.report import keep, say, table
from benchmarks.searching.query_speed import WORDS
from benchmarks.searching.service_speed import processor_ms
from tests.e2e.server import environment_of

_HERE = Path(__file__).parents[2]
_CLIENTS = 8


@dataclass
class Version:
    """A service of a checkout over a library, at a port of its own."""

    tree: Path
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self, log: IO[bytes]) -> tuple[float, float]:
        """Until it is ready: seconds of the processor and of the clock."""
        settings = environment_of(self.data, port=str(self.port), thumbnails_ahead="false")
        program = [str(self.tree / ".venv" / "bin" / "python"), "-m", "crispd", "serve"]
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            program, cwd=self.tree, env={**settings, "PYTHONPATH": str(self.tree)},
            stdout=log, stderr=log,
        )  # fmt: skip
        while not self._is_ready():
            if self.process.poll() is not None:
                raise SystemExit(f"{self.tree} did not start: {Path(log.name).read_text()[-800:]}")
            time.sleep(0.02)
        return self.processor() / 1000, time.perf_counter() - begun

    def _is_ready(self) -> bool:
        try:
            return self.ask("/readyz")[0] == 200
        except OSError:
            return False

    def processor(self) -> float:
        """Milliseconds so far."""
        assert self.process is not None
        return processor_ms(self.process.pid)

    def connect(self) -> http.client.HTTPConnection:
        """A connection that stays open."""
        return http.client.HTTPConnection("127.0.0.1", self.port)

    def ask(self, path: str, connection: http.client.HTTPConnection | None = None) -> Any:
        """Status and body."""
        connection = connection or self.connect()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for long: opened once more
            connection.request("GET", path)
            answer = connection.getresponse()
        return answer.status, answer.read()

    def stop(self) -> None:
        """In order."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)


def question(rng: np.random.Generator) -> str:
    """A text nobody asked for before."""
    words = " ".join(rng.choice(WORDS, 6))
    return f"/search?q={quote(words)}%20{rng.integers(1_000_000)}"


def in_turns(versions: dict[str, Version], count: int) -> dict[str, dict[str, np.ndarray]]:
    """Milliseconds of ``count`` questions: on the clock, on the processor, and by stage."""
    rng = np.random.default_rng(3)
    connections = {name: version.connect() for name, version in versions.items()}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in versions}
    for number in range(count + 30):
        path = question(rng)
        for name in sorted(versions, reverse=bool(number % 2)):
            version = versions[name]
            cpu, begun = version.processor(), time.perf_counter()
            body = version.ask(path, connections[name])[1]
            took = 1000 * (time.perf_counter() - begun)
            times = {"clock": took, "processor": version.processor() - cpu}
            if number >= 30:  # the first ones fill caches
                found[name].append({**json.loads(body)["timings_ms"], **times})
    return {
        name: {key: np.array([one.get(key, 0.0) for one in times]) for key in times[0]}
        for name, times in found.items()
    }


def by_many(version: Version, seconds: float, seed: int) -> tuple[float, float]:
    """Answers a second to eight clients, and milliseconds of the processor for each."""
    counts = [0] * _CLIENTS
    begun, cpu = time.perf_counter(), version.processor()

    def client(number: int) -> None:
        rng, connection = np.random.default_rng(seed + number), version.connect()
        while time.perf_counter() < begun + seconds:
            version.ask(question(rng), connection)
            counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = sum(counts)
    return answers / (time.perf_counter() - begun), (version.processor() - cpu) / answers


def measure(versions: dict[str, Version], given: argparse.Namespace, log: IO[bytes]) -> Any:
    """Every figure."""
    starts: dict[str, list[tuple[float, float]]] = {name: [] for name in versions}
    for number in range(given.starts):
        for name, version in versions.items():
            starts[name].append(version.start(log))
            if number < given.starts - 1:
                version.stop()
    say("asking")
    times = in_turns(versions, given.queries)
    loads: dict[str, list[tuple[float, float]]] = {name: [] for name in versions}
    for number in range(given.rounds):
        for name, version in versions.items():
            loads[name].append(by_many(version, given.seconds, 1000 * number))
    quarters = {
        name: {key: float(np.percentile(values, 25).round(2)) for key, values in found.items()}
        for name, found in times.items()
    }
    ratios = {
        key: round(float(np.median(times["this"][key] / times["other"][key])), 3)
        for key in ("processor", "clock")
    }
    return {"starts": starts, "p25": quarters, "ratio": ratios, "loads": loads}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="a checkout of another version")
    parser.add_argument("--data", type=Path, required=True, help="a library of this version")
    parser.add_argument("--other-data", type=Path, required=True, help="a copy of it for the other")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=4, help="of eight clients, each round")
    given = parser.parse_args()
    versions = {
        "other": Version(given.other, given.other_data, 48801),
        "this": Version(_HERE, given.data, 48802),
    }
    with tempfile.NamedTemporaryFile() as log:
        try:
            found = measure(versions, given, log)
        finally:
            for version in versions.values():
                version.stop()
    keep("side_by_side", {"load_average": os.getloadavg()[0], **found})
    rows = [
        [f"ready, the least of {given.starts}, s of the processor / clock"]
        + [" / ".join(f"{min(each):.2f}" for each in zip(*found["starts"][name], strict=True))
           for name in versions],
        *[[f"a search, p25, ms: {key}", *(found["p25"][name].get(key, 0.0) for name in versions)]
          for key in ("processor", "clock", "text", "coarse", "fine", "words", "page")],
        ["median ratio, processor / clock", "", " / ".join(map(str, found["ratio"].values()))],
        ["eight clients, answers a second, rounds"]
        + [" ".join(f"{load[0]:.1f}" for load in found["loads"][name]) for name in versions],
        ["eight clients, ms of the processor an answer, rounds"]
        + [" ".join(f"{load[1]:.1f}" for load in found["loads"][name]) for name in versions],
    ]  # fmt: skip
    table(["what", "other", "this"], rows)


if __name__ == "__main__":
    main()
