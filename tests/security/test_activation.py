"""Sockets that systemd hands over: the widest of them decides who needs a token."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api.fake_service import CONTENT
from tests.processes import client


@contextmanager
def activated(folder: Path, *hosts: str, **settings: str) -> Iterator[list[str]]:
    """A server on sockets of these hosts; the addresses to ask it at from this machine."""
    path = folder / "original.jpg"
    path.write_bytes(CONTENT)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        **{f"CRISPD_{name.upper()}": value for name, value in settings.items()},
    }
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server((host, 0))) for host in hosts]
        log = stack.enter_context((folder / "log").open("wb"))
        run = client.start(
            "tests.api.serve_fake", path, "well", environment=environment, out=log, sockets=sockets
        )
        try:
            found = [f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in sockets]
            _wait_for(found[0], run, folder / "log")
            yield found
        finally:
            run.send_signal(signal.SIGTERM)
            assert run.wait(20) == 0, (folder / "log").read_text()


def _wait_for(address: str, run: client.Process, log: Path) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, log.read_text()
        assert run.poll() is None, log.read_text()
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("hosts", "auth", "status"),
    [
        (["127.0.0.1"], "auto", 200),
        (["0.0.0.0"], "auto", 401),
        (["127.0.0.1", "0.0.0.0"], "auto", 401),
        (["0.0.0.0", "127.0.0.1"], "auto", 401),
        (["127.0.0.1"], "required", 401),
    ],
)
def test_one_open_socket_closes_all(
    tmp_path: Path, hosts: list[str], auth: str, status: int
) -> None:
    """Whatever ``host`` in the settings says: the sockets are what counts."""
    with activated(tmp_path, *hosts, auth=auth, host="127.0.0.1") as addresses:
        for address in addresses:
            assert httpx.get(f"{address}/search?q=a").status_code == status
            assert httpx.get(f"{address}/healthz").status_code == 200
