"""Notifications to systemd: sd_notify(3), a datagram to a socket that systemd names."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from crispd.types import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESS, _WATCHDOG, _WATCHDOG_PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
# One line of `systemctl status`.
_LONGEST_STATUS = 200
# A manager that does not read holds up neither the event loop nor the stop.
_PATIENCE_SECONDS = 0.2


class Notifier:
    """Sends the state of the process; does nothing without a socket.

    Never raises: a manager that went away is no reason to end. May be called from any thread.
    """

    def __init__(self, address: str | None, watchdog_seconds: float | None = None) -> None:
        self._address = address
        self.watchdog_seconds = watchdog_seconds
        self._told = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Notifier:
        """As systemd says in the environment of what it starts."""
        address = environment.get(_ADDRESS)
        if address is None or address[:1] not in {"/", "@"}:
            return cls(None)
        return cls(address, _watchdog_seconds(environment))

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return self._address is not None

    def ready(self) -> None:
        """Started: what waits for this service may go on, and the watchdog counts."""
        self._send("READY=1")

    def alive(self) -> None:
        """All is well. Has to come more often than every ``watchdog_seconds``."""
        if self.watchdog_seconds is not None:
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The stop has begun."""
        self._send("STOPPING=1\nSTATUS=Stopping")

    def status(self, text: str) -> None:
        """One line for people, shown by ``systemctl status``. The same line is sent once."""
        line = printable(" ".join(text.split()))[:_LONGEST_STATUS]
        if line != self._told:
            self._told = line
            self._send(f"STATUS={line}")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        # @ stands for the zero byte of an abstract socket, which has no place in an environment
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(_PATIENCE_SECONDS)
            sock.connect(name)
            sock.send(message.encode("utf-8", "replace"))


def _watchdog_seconds(environment: Mapping[str, str]) -> float | None:
    """None without a watchdog, or with one for another process: sd_watchdog_enabled(3)."""
    try:
        microseconds = int(environment.get(_WATCHDOG, "0"))
        watched = int(environment.get(_WATCHDOG_PID, os.getpid()))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 and watched == os.getpid() else None
