"""Sockets inherited from systemd: sd_listen_fds(3)."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from crispd.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

FIRST = 3  # SD_LISTEN_FDS_START
_NAMES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def inherited_sockets(environment: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """The listening TCP sockets that the manager hands over; empty where it hands over none.

    What the environment says of them is taken out of it: processes that crispd starts have none.
    Raises ConfigError where one of them is no listening TCP socket.
    """
    pid, count, _ = (environment.pop(name, "") for name in _NAMES)
    if not (pid.isdecimal() and count.isdecimal() and int(pid) == os.getpid()):
        return []
    return [_listening(number) for number in range(FIRST, FIRST + int(count))]


def _listening(number: int) -> socket.socket:
    try:
        # Family and protocol are read off it. asyncio turns Nagle's algorithm off by the protocol.
        sock = socket.socket(fileno=number)
        sock.set_inheritable(False)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise ConfigError(_wrong(number)) from error
    if sock.family not in {socket.AF_INET, socket.AF_INET6} or not listens:
        sock.close()
        raise ConfigError(_wrong(number))
    return sock


def _wrong(number: int) -> str:
    return (
        f"File descriptor {number}, which was handed over to crispd, is no listening TCP socket. "
        "The .socket unit needs ListenStream= with a port, and Accept=no."
    )
