"""What a manager hears, and what a process takes from it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crispd.errors import ConfigError
from crispd.systemd.notify import Notifier
from crispd.systemd.sockets import inherited_sockets


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(5)
        yield sock


def told(manager: socket.socket) -> str:
    return manager.recv(4096).decode()


def test_each_state_is_a_datagram(manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "30000000"}
    notifier = Notifier.from_environment(environment)
    assert notifier
    assert notifier.watchdog_seconds == 30
    notifier.ready()
    notifier.alive()
    notifier.status("Indexing:\n3 photos")
    notifier.status("Indexing:\n3 photos")
    notifier.stopping()
    assert [told(manager) for _ in range(4)] == [
        "READY=1", "WATCHDOG=1", "STATUS=Indexing: 3 photos", "STOPPING=1\nSTATUS=Stopping",
    ]  # fmt: skip


def test_an_abstract_socket() -> None:
    name = f"crispd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + name)
        sock.settimeout(5)
        Notifier.from_environment({"NOTIFY_SOCKET": "@" + name}).ready()
        assert told(sock) == "READY=1"


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "relative"])
def test_nobody_listens(address: str | None) -> None:
    environment = {} if address is None else {"NOTIFY_SOCKET": address}
    notifier = Notifier.from_environment(environment)
    assert not notifier
    notifier.ready()


def test_a_manager_that_is_gone_is_no_error(tmp_path: Path) -> None:
    Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 2.0),
    ],
)
def test_the_watchdog(manager: socket.socket, given: dict[str, str], seconds: float | None) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), **given}
    notifier = Notifier.from_environment(environment)
    assert notifier.watchdog_seconds == seconds
    notifier.alive()
    notifier.ready()
    assert told(manager) == ("READY=1" if seconds is None else "WATCHDOG=1")


def test_sockets_of_another_process_are_left_alone() -> None:
    environment = {"LISTEN_PID": str(os.getpid() + 1), "LISTEN_FDS": "1"}
    assert inherited_sockets(environment) == []
    assert environment == {}
    assert inherited_sockets({}) == []
    assert inherited_sockets({"LISTEN_PID": "x", "LISTEN_FDS": "-1"}) == []


def _in_a_process(number: int) -> subprocess.CompletedProcess[str]:
    """What a fresh process makes of descriptor ``number`` as its third."""
    code = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
from crispd.systemd.sockets import inherited_sockets
found = inherited_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})
print(*[(sock.getsockname()[1], sock.get_inheritable(), sock.proto) for sock in found])
"""
    return subprocess.run(
        [sys.executable, "-c", code, str(number)],
        pass_fds=[number], text=True, capture_output=True, check=False,
    )  # fmt: skip


def test_a_listening_socket_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        done = _in_a_process(sock.fileno())
        assert done.stdout == f"{(sock.getsockname()[1], False, socket.IPPROTO_TCP)}\n", done.stderr


@pytest.mark.parametrize("kind", ["unix", "not listening", "file"])
def test_other_descriptors_are_refused(kind: str, tmp_path: Path) -> None:
    if kind == "file":
        with (tmp_path / "file").open("w") as file:
            done = _in_a_process(file.fileno())
    else:
        family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            done = _in_a_process(sock.fileno())
    assert done.returncode != 0
    assert ConfigError.__name__ in done.stderr
    assert "ListenStream" in done.stderr
