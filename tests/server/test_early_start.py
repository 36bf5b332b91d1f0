"""A service opens its data before what serves it is imported."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from crispd.errors import ConfigError
from crispd.server.early_start import EarlyStart
from tests.api.fake_service import FakeService

HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_starts_beside_whoever_began_it() -> None:
    service = FakeService(start_gate=threading.Event())
    assert service.start_gate is not None
    with EarlyStart(service, HOST, 0) as early:
        socket.create_connection(early.sockets[0].getsockname()).close()  # it listens already
        service.start_gate.set()
        early.wait()
        assert service.started
    assert not service.stopped  # whoever serves does that
    assert early.sockets[0].fileno() == -1


def test_what_went_wrong_is_raised_to_whoever_waits() -> None:
    service = FakeService(start_error=ConfigError("There is no folder /nowhere."))
    with EarlyStart(service, HOST, 0) as early, pytest.raises(ConfigError, match="/nowhere"):
        early.wait()


def test_where_nothing_can_serve_what_was_opened_is_closed() -> None:
    service = FakeService()
    with pytest.raises(ConfigError, match="certificate"), EarlyStart(service, HOST, 0):
        raise ConfigError("There is no certificate.")
    assert service.started
    assert service.stopped


def test_nothing_is_opened_where_the_port_is_taken() -> None:
    service = FakeService()
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="CRISPD_PORT"), EarlyStart(service, HOST, port):
            pass
    assert not service.started


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_kept_until_somebody_can_stop(number: signal.Signals) -> None:
    stops: list[str] = []
    with EarlyStart(FakeService(), HOST, 0) as early:
        os.kill(os.getpid(), number)
        early.on_stop(lambda: stops.append("stop"))
        assert stops == ["stop"]
        os.kill(os.getpid(), number)
        assert stops == ["stop", "stop"]
        early.wait()


def test_it_imports_nothing_large() -> None:
    program = "import sys, crispd.server.early_start; print(sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    for large in ("fastapi", "uvicorn", "pydantic", "sqlalchemy", "numpy"):
        assert f"'{large}'" not in loaded.stdout
