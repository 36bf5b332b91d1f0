"""A wall clock that jumps by years, as that of a board without a battery does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server import Server
from tests.e2e.test_kills import repeats, settled
from tests.e2e.tiny import make, picture
from tests.packs import small

YEAR = 365.25 * 86400
JUMPS = (20 * YEAR, -time.time() + 3600, 0.0, -YEAR, 60 * YEAR, 0.0)  # the second is 1970
Start = Callable[..., Server]


class Clock:
    """Ahead by so many seconds, for the process under test only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ahead = 0.0
        self.jump(0.0)

    def jump(self, seconds: float) -> None:
        part = self.path.with_suffix(".part")
        part.write_text(f"{seconds:+.0f}")
        part.replace(self.path)
        self.ahead = seconds

    def year(self) -> int:
        return datetime.fromtimestamp(time.time() + self.ahead).year  # noqa: DTZ006


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture(params=["patched", "libfaketime"])
def start(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, serve: Callable[..., Server]
) -> Start:
    """The same by a library that replaces the calls of libc, where there is one."""
    small.write_pack(tmp_path / "pack")
    library = os.environ.get("CRISPD_TEST_FAKETIME")
    if request.param == "libfaketime" and not library:
        pytest.skip("CRISPD_TEST_FAKETIME names no libfaketime.so.1")

    def begin(**settings: str) -> Server:
        how: dict[str, Any] = {"clock": clock.path}
        if request.param == "libfaketime":
            how = {
                "environment": {
                    "LD_PRELOAD": library,
                    "FAKETIME_TIMESTAMP_FILE": str(clock.path),
                    "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    "NO_FAKE_STAT": "1",
                }
            }
        return serve(
            tmp_path / "photos",
            counted=tmp_path / "counted",
            pack=str(tmp_path / "pack"),
            **{"settle_seconds": "0.2", "rescan_minutes": "0.02"} | settings,
            **how,
        )

    return begin


def look(server: Server) -> None:
    """Searches answer and what is measured in seconds stays sane."""
    status = server.status()
    assert status["state"] in {"ready", "indexing"}
    assert 0 <= status["uptime_seconds"] < 600
    assert 0 <= status["images_per_second"] < 10_000
    assert status["eta_seconds"] is None or 0 <= status["eta_seconds"] < 3600
    [folder] = server.get("/folders")["folders"]
    assert 0 <= folder["lag_seconds"] < 30
    assert folder["online"]
    timings = server.get("/search", q="a red car", min_relevance="all")["timings_ms"]
    assert all(0 <= took < 20_000 for took in timings.values())
    assert server.get("/healthz")["ok"]


def test_jumps_while_indexing(tmp_path: Path, start: Start, clock: Clock) -> None:
    photos, data = tmp_path / "photos", tmp_path / "data"
    make(photos / "first", 0, 100)
    server = start()
    for number, seconds in enumerate(JUMPS):
        clock.jump(seconds)
        folder = photos / f"album {number}"
        make(folder, 1000 * (number + 1), 15)
        for path in folder.iterdir():  # written by that clock
            os.utime(path, (time.time() + seconds,) * 2)
        for _ in range(5):
            look(server)
            time.sleep(0.05)
    settled(server, photos, data)
    assert server.status()["photos"] == 190
    assert server.status()["encoded"] == 190
    assert repeats(tmp_path / "counted") == 0
    assert server.stop() == 0
    server = start()  # years later, nothing is done again
    settled(server, photos, data)
    assert server.status()["encoded"] == 0


def test_jumps_while_waiting(tmp_path: Path, start: Start, clock: Clock) -> None:
    photos, data = tmp_path / "photos", tmp_path / "data"
    make(photos, 0, 3)
    server = start()
    settled(server, photos, data)
    for number, seconds in enumerate(JUMPS[:3]):
        slow = photos / f"slow {number}.bmp"
        slow.write_bytes(picture(200 + number)[:400])
        clock.jump(seconds)  # while it is debounced
        make(photos / f"new {number}", 100 + number, 1)
        with slow.open("ab") as file:
            time.sleep(0.1)
            file.write(picture(200 + number)[400:])
        name = f"new {number}/{100 + number:05}.bmp"
        server.until(lambda _, wanted={name, slow.name}: wanted <= server.paths(), 15)  # type: ignore[misc]
        # walks go on, and the clock that crispd sees is the one that was set
        server.until(
            lambda _: str(server.get("/folders")["folders"][0]["last_scan"]).startswith(
                str(clock.year())
            ),
            15,
        )
        look(server)
    settled(server, photos, data)
    assert server.status()["photos"] == 3 + 2 * 3
    assert repeats(tmp_path / "counted") == 0


def test_a_start_in_1970_believes_names(tmp_path: Path, start: Start, clock: Clock) -> None:
    """A board without a battery clock is in 1970 until the network tells it better."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "IMG_20210703_101200.bmp").write_bytes(picture(1))
    clock.jump(JUMPS[1])
    server = start()
    server.until(lambda status: status["photos"] == 1, 20)
    [hit] = server.get("/search", q="red", min_relevance="all")["results"]
    assert (hit["taken_at"], hit["taken_from"]) == ("2021-07-03T10:12:00", "filename")


def test_quiet_hours_follow_the_clock(tmp_path: Path, start: Start, clock: Clock) -> None:
    make(tmp_path / "photos", 0, 3)
    begins, ends = (time.strftime("%H:%M", time.localtime(time.time() + s)) for s in (7200, 14400))
    server = start(quiet_hours=f"{begins}-{ends}")
    server.until(lambda status: status["photos"] == 3, 20)
    clock.jump(3 * 3600)
    make(tmp_path / "photos", 10, 1)
    server.until(lambda status: status["state"] == "paused", 20)
    clock.jump(-YEAR)
    server.until(lambda status: status["photos"] == 4, 20)
