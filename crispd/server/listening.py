"""The sockets that crispd listens on: those of a service manager, or one of its own."""

from __future__ import annotations

import errno
import socket

from crispd.errors import ConfigError
from crispd.systemd.sockets import inherited_sockets


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Those that were handed over; else one at ``host`` and ``port``. Raises ConfigError."""
    return inherited_sockets() or [_listen(host, port)]


def address_of(sock: socket.socket, host: str) -> tuple[str, int]:
    """Host and port of a socket; a host that was given by name keeps it."""
    bound, port = sock.getsockname()[:2]
    try:
        known = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        known = set()
    return (host if bound in known else str(bound)), port


def bound_addresses(sockets: list[socket.socket]) -> list[str]:
    """The address that each is bound to, without its port."""
    return [str(sock.getsockname()[0]) for sock in sockets]


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
