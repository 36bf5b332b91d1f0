"""The server process: a socket, uvicorn on it, and what the terminal shows."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from crispd import __version__
from crispd.api.app import create_app
from crispd.api.reporter import Reporter
from crispd.errors import ConfigError
from crispd.systemd.notify import Notifier
from crispd.systemd.sockets import handed_over

if TYPE_CHECKING:
    from crispd.api.facade import House
    from crispd.config import Settings

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5
# 10,000 characters of a query are up to 120,000 bytes in an address.
_LONGEST_HEAD = 256 * 1024


def serve(house: House, settings: Settings) -> int:
    """Serve until told to stop; the exit code."""
    manager = Notifier.from_environment()
    sockets = handed_over() or [_listen(settings.host, settings.port)]
    host, port = _address(sockets[0], settings.host)
    exit_codes = [0]

    def on_death(reason: str, exit_code: int) -> None:
        exit_codes.append(exit_code)
        log.error("crispd ends: %s", reason)
        server.should_exit = True

    app = create_app(house, __version__, on_death, manager)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        http="h11",
        ws="none",
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
    )
    server = _Server(config, manager)
    data_dir = str(settings.data_dir)
    reporter = Reporter(house, host, port, data_dir, settings.folders, manager)
    reporter.start()

    def ask_to_stop(*_: object) -> None:
        server.should_exit = True

    # For the moments before uvicorn takes the signals over and after it gave them back: it raises
    # the one that stopped it once more, and a stop that was asked for is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    try:
        server.run(sockets=sockets)
    finally:
        reporter.stop()
        for sock in sockets:
            sock.close()
    return exit_codes[-1]


class _Server(uvicorn.Server):
    """Says that it stops when it begins to, before open answers are waited for."""

    def __init__(self, config: uvicorn.Config, manager: Notifier) -> None:
        super().__init__(config)
        self._manager = manager

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._manager.stopping()
        await super().shutdown(sockets)


def _address(sock: socket.socket, host: str) -> tuple[str, int]:
    """Host and port of a socket; a host that was given by name keeps it."""
    bound, port = sock.getsockname()[:2]
    try:
        known = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        known = set()
    return (host if bound in known else str(bound)), port


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError that says what to do when the port is taken."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # The protocol is named because asyncio turns Nagle's algorithm off only where it is: with
        # it on, an answer of two packets waits 40 ms for the client's delayed acknowledgement.
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise ConfigError(_cannot_listen(host, port, error)) from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise ConfigError(_cannot_listen(host, port, error)) from error
    return sock


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        todo = "Is another crispd running? Stop it, or choose another port with CRISPD_PORT."
    elif error.errno == errno.EACCES:
        todo = "Ports below 1024 belong to root: choose a higher one with CRISPD_PORT."
    else:
        todo = "CRISPD_HOST must be an address of this machine; 0.0.0.0 means all of them."
    return f"crispd cannot listen on {host}:{port}: {error.strerror}. {todo}"
