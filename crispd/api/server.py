"""The server process: a socket, uvicorn on it, and what the terminal shows."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from crispd import __version__
from crispd.api.app import create_app
from crispd.api.reporter import Reporter
from crispd.errors import ConfigError

if TYPE_CHECKING:
    from crispd.api.facade import House
    from crispd.config import Settings

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5


def serve(house: House, settings: Settings) -> int:
    """Serve until told to stop; the exit code."""
    sock = _listen(settings.host, settings.port)
    port = sock.getsockname()[1]
    exit_codes = [0]

    def on_death(reason: str, exit_code: int) -> None:
        exit_codes.append(exit_code)
        log.error("crispd ends: %s", reason)
        server.should_exit = True

    app = create_app(house, __version__, on_death)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
    )
    server = uvicorn.Server(config)
    finished = threading.Event()
    reporter = Reporter(house, settings.host, port, str(settings.data_dir), finished)
    reporter.start()
    # uvicorn raises the signal that stopped it once more when it is done; a stop that was asked
    # for is no failure, so nothing happens then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        server.run(sockets=[sock])
    finally:
        finished.set()
        sock.close()
    return exit_codes[-1]


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError that says what to do when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise ConfigError(
            f"crispd cannot listen on {host}:{port}: {error.strerror}. Is another crispd running? "
            "Stop it, or choose another port with CRISPD_PORT."
        ) from error
    return sock
