"""A service of its own process, and clients that measure it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks.searching.service_speed import memory_mb, processor_seconds
from tests.e2e.server import environment_of

_LONGEST_STOP_SECONDS = 120
_LOOK_SECONDS = 0.25  # a look takes some milliseconds of the processor


class Hub:
    """``crispd serve`` over a data folder. Made: it answers. Within ``with``: it is ended."""

    def __init__(self, data: Path, log: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        environment = environment_of(
            data, port=str(self._port), thumbnails_ahead="false", **settings
        )
        self._log = log
        begun = time.perf_counter()
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crispd", "serve"], env=environment, stdout=file, stderr=file
            )
        self.pid = self._process.pid
        while not self._answers():
            time.sleep(_LOOK_SECONDS)
        self.ready = {
            "clock_s": round(time.perf_counter() - begun, 1),
            "processor_s": round(processor_seconds(self.pid), 1),
        }

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.stop()

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

    def memory(self) -> dict[str, float]:
        """MB of its own, and of mapped files."""
        return memory_mb(self.pid)

    def processor_s(self) -> float:
        """Of all its threads since the start."""
        return processor_seconds(self.pid)

    def said(self, words: str) -> str | None:
        """The last line of the log that has these words."""
        lines = self._log.read_text(errors="replace").splitlines()
        return next((line for line in reversed(lines) if words in line), None)

    def wait_for(self, words: str, seconds: float) -> str | None:
        """The same once it is there; None after so long."""
        until = time.monotonic() + seconds
        while (line := self.said(words)) is None and time.monotonic() < until:
            time.sleep(1)
        return line

    def stop(self) -> None:
        """To its end."""
        self._process.terminate()
        self._process.wait(_LONGEST_STOP_SECONDS)

    def kill(self) -> None:
        """Without asking."""
        os.kill(self.pid, signal.SIGKILL)
        self._process.wait(_LONGEST_STOP_SECONDS)


def measure(hub: Hub, questions: list[dict[str, object]]) -> dict[str, Any]:
    """Of answers to ``questions``: p10, p50, p95 of the clock, p50 of each stage, and ms of the
    processor an answer, in which everything is that the service does meanwhile.
    """
    clock, stages, exact = [], [], 0
    processor = hub.processor_s()
    for question in questions:
        begun = time.perf_counter()
        answer = hub.get("/search", **question)
        clock.append(1000 * (time.perf_counter() - begun))
        stages.append(answer["timings_ms"])
        exact += answer["exact"]
    processor = hub.processor_s() - processor
    p10, p50, p95 = np.percentile(clock, [10, 50, 95])
    return {
        "p10_ms": round(float(p10), 1),
        "p50_ms": round(float(p50), 1),
        "p95_ms": round(float(p95), 1),
        "stages_p50_ms": {
            name: round(float(np.median([each.get(name, 0.0) for each in stages])), 1)
            for name in stages[0]
        },
        "processor_ms": round(1000 * processor / len(questions), 1),
        "exact": round(exact / len(questions), 2),
    }
