"""Ten thousand files at once, and a day of churn in a few moments."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.e2e.test_kills import settled
from tests.e2e.tiny import differences, make
from tests.packs import small
from tests.processes.client import Process, start

Serve = Callable[..., Server]


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    small.write_pack(tmp_path / "pack")
    return {"pack": str(tmp_path / "pack"), "settle_seconds": "0.1"}


def until_equal(server: Server, photos: Path, data: Path, seconds: float) -> float:
    """Seconds until the database says what the disk says."""
    started = time.monotonic()
    while True:
        status = server.status()
        if not (status["pending"] or status["scanning"]) and not differences(photos, data):
            return time.monotonic() - started
        assert time.monotonic() - started < seconds, f"{status}\n{differences(photos, data)}"
        time.sleep(0.3)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_moved_in_one_go(
    tmp_path: Path, serve: Serve, settings: dict[str, str], count: int
) -> None:
    photos, data = tmp_path / "photos", tmp_path / "data"
    make(photos / "all of them", 0, count)
    server = serve(photos, **settings)
    status = server.settle(300)
    assert status["photos"] == status["encoded"] == count

    (photos / "all of them").rename(photos / "elsewhere")  # the folder
    seconds = [until_equal(server, photos, data, 30)]
    (photos / "2021").mkdir()
    for path in (photos / "elsewhere").iterdir():  # every file, with more events than fit the queue
        path.rename(photos / "2021" / path.name)
    seconds.append(until_equal(server, photos, data, 30))
    assert server.status()["encoded"] == count
    assert server.status()["missing"] == 0
    server.stop()

    (photos / "2022" / "deep").mkdir(parents=True)
    (photos / "2021").rename(photos / "2022" / "deep" / "down")  # and while nobody looks
    server = serve(photos, **settings)
    seconds.append(until_equal(server, photos, data, 30))
    status = server.settle()
    assert (status["encoded"], status["photos"], status["missing"]) == (0, count, 0)
    assert status["index_vectors"] == count
    sys.stderr.write(f"{count} files moved in {[round(found, 1) for found in seconds]} s\n")


def resources(server: Server) -> dict[str, int]:
    """Threads, open files and memory in kB of the process."""
    folder = Path(f"/proc/{server.pid}")
    status = dict(
        line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
    )
    return {
        "threads": int(status["Threads"]),
        "files": len(list((folder / "fd").iterdir())),
        "memory": int(status["VmRSS"].split()[0]),
    }


def churn(photos: Path, number: int, round_: int, steps: int) -> Process:
    """Somebody at work in a process of their own."""
    first = 10_000_000 * (1 + number) + 100_000 * round_
    with (photos.parent / "churning").open("ab") as out:
        words = (photos, first, steps)
        return start(
            "tests.e2e.churning", *words, environment={"PATH": os.environ["PATH"]}, out=out
        )


@pytest.mark.parametrize(
    ("rounds", "steps"), [(3, 60), pytest.param(24, 400, marks=pytest.mark.slow)],
    ids=["an hour or so", "a day"],
)  # fmt: skip
def test_a_day_of_churn(
    tmp_path: Path, serve: Serve, settings: dict[str, str], rounds: int, steps: int
) -> None:
    """24 hours of a busy house, an hour a round: three processes change the folder at once."""
    photos, data = tmp_path / "photos", tmp_path / "data"
    make(photos / "first", 0, 200)
    looked = {"rescan_minutes": "0.05", "checkpoint_minutes": "0.05"}
    server = serve(photos, fresh=rounds > 10, **settings, **looked)
    server.settle()
    seen: list[dict[str, Any]] = []
    for number in range(rounds):
        people = [churn(photos, person, number, steps) for person in range(3)]
        while any(person.poll() is None for person in people):
            assert server.http.get("/search", params={"q": "a red car"}).status_code == 200
            time.sleep(0.05)
        assert [person.poll() for person in people] == [0, 0, 0]
        settled(server, photos, data)
        seen.append(resources(server))
    sys.stderr.write(f"{seen[0]} … {seen[-1]}\n")
    half = seen[len(seen) // 2]
    assert seen[-1]["threads"] <= half["threads"] + 2
    assert seen[-1]["files"] <= half["files"] + 5
    if rounds > 10:  # the first hours fill caches that have an end
        assert seen[-1]["memory"] < 1.1 * half["memory"] + 5_000
    assert server.get("/healthz")["ok"]
    assert server.stop() == 0
