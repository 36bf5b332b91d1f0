"""The watchdog's beat and the answers to probes, whatever the rest waits for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crispd.server import watchdog_thread
from crispd.server.application import create_app
from crispd.server.watchdog_thread import WatchdogThread
from tests.api.conftest import HERE
from tests.api.fake_service import FakeService


class Manager:
    """Counts what systemd would hear."""

    watchdog_seconds = 0.09

    def __init__(self) -> None:
        self.beats = 0
        self.told = 0

    def ready(self) -> None:
        self.told += 1

    def alive(self) -> None:
        self.beats += 1


def beats_meanwhile(call: Callable[[], object]) -> tuple[Manager, int]:
    """How many beats came while ``call`` had the loop for itself."""
    manager, service = Manager(), FakeService(started=True)

    async def run() -> int:
        loop = asyncio.get_running_loop()
        looks = WatchdogThread(service, loop, lambda *_: None, manager)  # type: ignore[arg-type]
        looks.start()
        await asyncio.sleep(0.1)
        before = manager.beats
        call()
        found = manager.beats - before
        looks.stop()
        return found

    return manager, asyncio.run(run())


def test_the_beat_goes_on_while_the_loop_is_busy() -> None:
    manager, beats = beats_meanwhile(lambda: time.sleep(1))
    assert beats >= 3
    assert manager.told == 1


def test_the_beat_ends_where_the_loop_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_thread, "_HANGING_SECONDS", 0.2)

    def hang() -> None:
        time.sleep(0.5)
        before = manager.beats
        time.sleep(0.5)
        assert manager.beats == before

    manager = Manager()
    service = FakeService(started=True)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        looks = WatchdogThread(service, loop, lambda *_: None, manager)  # type: ignore[arg-type]
        looks.start()
        await asyncio.sleep(0.05)
        hang()
        await asyncio.sleep(0.3)
        assert manager.beats > 0
        looks.stop()

    asyncio.run(run())


def test_probes_are_answered_while_every_thread_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, service = threading.Event(), FakeService()
    app = create_app(service, "0", lambda *_: None)

    def waits(*_: Any) -> Any:
        gate.wait(20)
        raise RuntimeError("late")

    with TestClient(
        app, base_url=HERE, client=("127.0.0.1", 1), raise_server_exceptions=False
    ) as http:
        while not service.started:
            time.sleep(0.001)
        monkeypatch.setattr(service, "status", waits)
        threads = [threading.Thread(target=http.get, args=("/status",)) for _ in range(45)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        answers: list[int] = []
        probe = threading.Thread(
            target=lambda: answers.extend(http.get(p).status_code for p in ("/healthz", "/readyz"))
        )
        probe.start()
        probe.join(5)
        gate.set()
        for thread in threads:
            thread.join()
        probe.join()
    assert answers == [200, 200]
    assert not probe.is_alive()
