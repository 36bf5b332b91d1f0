"""Sockets that systemd hands over: the widest of them decides who needs a token."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api.fake_service import CONTENT

ROOT = Path(__file__).parents[2]
# What systemd does between fork and exec: descriptors from 3 on, in the order of the unit.
_LAUNCH = """
import fcntl, os, sys
numbers = [int(text) for text in sys.argv[1].split(",")]
kept = [fcntl.fcntl(number, fcntl.F_DUPFD, 100) for number in numbers]  # out of the way
for place, number in enumerate(kept):
    os.dup2(number, 3 + place)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(kept))
os.execv(sys.executable, [sys.executable, "-m", "tests.api.serve_fake", sys.argv[2], "well"])
"""


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
        numbers = [sock.fileno() for sock in sockets]
        log = stack.enter_context((folder / "log").open("w"))
        run = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, ",".join(map(str, numbers)), str(path)],
            pass_fds=numbers, cwd=ROOT, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            found = [f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in sockets]
            _wait_for(found[0], run, folder / "log")
            yield found
        finally:
            run.send_signal(signal.SIGTERM)
            assert run.wait(20) == 0, (folder / "log").read_text()


def _wait_for(address: str, run: subprocess.Popen[bytes], log: Path) -> None:
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
