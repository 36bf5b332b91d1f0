"""Starting, dying and stopping with the application."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from crispd.errors import ConfigError
from crispd.server import watchdog_thread
from crispd.server.application import create_app
from crispd.types import HealthReport
from tests.api.checks import problem
from tests.api.conftest import HERE
from tests.api.fake_service import FakeService

Deaths = list[tuple[str, int]]


def until(condition: Callable[[], object], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def client(service: FakeService, deaths: Deaths) -> TestClient:
    app = create_app(service, "0", lambda *death: deaths.append(death))
    return TestClient(app, base_url=HERE, client=("127.0.0.1", 50000))


def test_it_answers_while_it_starts() -> None:
    service, deaths = FakeService(start_gate=threading.Event()), Deaths()
    assert service.start_gate is not None
    with client(service, deaths) as http:
        assert http.get("/healthz").status_code == 200
        for path in ("/readyz", "/search?q=a", "/status", "/folders"):
            answer = http.get(path)
            problem_of_starting = answer.json()
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert "starting" in problem_of_starting["detail"]
            assert answer.headers["retry-after"] == "1"
        assert http.get("/").status_code == 503
        service.start_gate.set()
        until(lambda: http.get("/readyz").status_code == 200)
        assert http.get("/search?q=a").status_code == 200
    assert service.stopped
    assert not deaths


@pytest.mark.parametrize(
    ("error", "word", "code"),
    [
        (ConfigError("There is no folder /nowhere."), "/nowhere", 2),
        (ZeroDivisionError("?"), "could not start", 1),
    ],
)
def test_a_start_that_fails(error: Exception, word: str, code: int) -> None:
    service, deaths = FakeService(start_error=error), Deaths()
    with client(service, deaths) as http:
        until(lambda: deaths)
        problem(http.get("/search?q=a"), 503)
    assert service.stopped
    [(said, exit_code)] = deaths
    assert word in said
    assert exit_code == code


def test_a_dead_thread_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_thread, "_LOOK_SECONDS", 0.01)
    service, deaths = FakeService(), Deaths()
    with client(service, deaths):
        until(lambda: service.started)
        service.healthy = HealthReport(False, ("thread writer is dead",))
        until(lambda: deaths)
    assert deaths == [("thread writer is dead", 1)]


def test_a_stop_waits_for_a_start() -> None:
    service, deaths = FakeService(start_gate=threading.Event()), Deaths()
    assert service.start_gate is not None
    timer = threading.Timer(0.2, service.start_gate.set)
    with client(service, deaths):
        timer.start()
    timer.join()
    assert service.started
    assert service.stopped
    assert not deaths


def test_a_stop_that_fails_is_told() -> None:
    service, deaths = FakeService(stop_error=OSError("disk")), Deaths()
    with client(service, deaths):
        until(lambda: service.started)
    assert deaths == [("it could not stop in order.", 1)]


def test_nothing_is_traced_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    app = create_app(FakeService(), "0", lambda *_: None)
    given = getattr(app, "_telemetry", {})  # FastAPI before it had any: nothing to switch off
    assert not any(given.values())


def test_searches_do_not_hold_up_the_rest() -> None:
    service, deaths = FakeService(search_gate=threading.Event()), Deaths()
    assert service.search_gate is not None
    with client(service, deaths) as http:
        until(lambda: service.started)
        threads = [threading.Thread(target=http.get, args=("/search?q=a",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        until(lambda: len(service.queries) == 4)
        assert http.get("/status").status_code == 200
        service.search_gate.set()
        for thread in threads:
            thread.join(5)
    assert len(service.queries) == 8


def test_the_loop_of_the_application_never_blocks() -> None:
    """A start that takes long leaves the loop free."""
    service = FakeService(start_gate=threading.Event())
    assert service.start_gate is not None
    app = create_app(service, "0", lambda *_: None)

    async def longest_pause() -> float:
        longest = 0.0
        async with app.router.lifespan_context(app):
            for _ in range(10):
                began = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - began)
            service.start_gate.set()  # type: ignore[union-attr]
        return longest

    assert asyncio.run(longest_pause()) < 1.0
