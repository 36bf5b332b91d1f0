"""When indexing waits."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.ingest import pause_policy
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.pause_policy import PausePolicy, QuietHours

MINUTES = st.integers(0, 24 * 60 - 1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute)  # noqa: DTZ001 - local time is what is meant


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("22:00-07:00", [(22, 0), (3, 0), (6, 59)], [(7, 0), (12, 0), (21, 59)]),
        ("09:30-17:00", [(9, 30), (16, 59)], [(9, 29), (17, 0), (0, 0)]),
        ("08:00-08:00", [(8, 0), (7, 59), (0, 0)], []),
    ],
)
def test_quiet_hours(
    text: str, inside: list[tuple[int, int]], outside: list[tuple[int, int]]
) -> None:
    for moment, quiet in [(m, True) for m in inside] + [(m, False) for m in outside]:
        found = PausePolicy(QuietHours.parse(text), now=lambda moment=moment: at(*moment)).why()
        assert ((found or "").find("quiet hours") >= 0) == quiet, moment


@given(MINUTES, MINUTES, MINUTES)
def test_hours_and_the_rest_of_the_day_are_the_whole_day(a: int, b: int, minute: int) -> None:
    if a != b:
        assert QuietHours(a, b).contains(minute) != QuietHours(b, a).contains(minute)


def test_no_quiet_hours() -> None:
    assert QuietHours.parse(" ") is None
    assert PausePolicy().why() is None


def test_heat_has_to_fall_below_the_limit_by_some_degrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause_policy, "_LOOK_SECONDS", 0.0)
    degrees: list[float | None] = [70.0, 80.0, 79.0, 77.5, 76.9, 79.9, None]
    found = PausePolicy(None, 80.0, temperature=lambda: degrees.pop(0))
    waits = [found.why() is not None for _ in range(7)]
    assert waits == [False, True, True, True, False, False, False]


def test_leave_is_given_by_hand_and_by_stopping() -> None:
    courtesy, stop = IndexingThrottle(), threading.Event()
    courtesy.pauses.by_hand = True
    waiting = threading.Thread(target=courtesy.wait_until_allowed, args=(stop,))
    waiting.start()
    waiting.join(0.4)
    assert waiting.is_alive()
    courtesy.pauses.by_hand = False
    waiting.join(2)
    assert not waiting.is_alive()
    courtesy.pauses.by_hand = True
    stop.set()
    courtesy.wait_until_allowed(stop)


def test_a_share_of_the_cpu_is_rested_for() -> None:
    stop, slow, fast = threading.Event(), IndexingThrottle(cpu_share=0.25), IndexingThrottle()

    def took(courtesy: IndexingThrottle) -> float:
        started = time.monotonic()
        with courtesy.working(stop):
            time.sleep(0.05)
        return time.monotonic() - started

    assert took(slow) >= 0.2
    assert took(fast) < 0.15
