"""Limits on connections: time for head and body, time to read the response, and their number.

uvicorn ends a connection that is idle between two requests; one that sends a byte now and then, or
reads none, it keeps for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from crispd.server.message_framing import StrictConnection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

_HEAD_SECONDS = 10.0
_LONGEST_HEAD = 64 * 1024  # where the server does not say
# A body has to bring so much in so long: a phone on bad Wi-Fi does.
_BODY_SECONDS, _BODY_BYTES = 15.0, 15_000
# An answer of which nothing could be sent for so long is given up: 48 kB, by asyncio's water marks.
_READ_SECONDS = 60.0
# Until the next look whether there are descriptors again.
_SHORTAGE_SECONDS = 1.0
_SHARE = 4


class Loop(asyncio.SelectorEventLoop):
    """asyncio's, with a server of our own for TLS."""

    async def create_server(self, factory: Any, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        """As uvicorn asks for it: with a socket."""
        context, sock = kwargs.get("ssl"), kwargs.get("sock")
        if context is None or sock is None:
            return await super().create_server(factory, *args, **kwargs)
        return TlsServer(self, factory, sock, context, kwargs.get("backlog", 100))


class TlsServer:
    """Accepts connections and shakes hands, with limits on what is no connection yet: asyncio would
    wait a minute for each handshake, and for any number of them.
    """

    def __init__(
        self, loop: Loop, factory: Callable[[], Connection], sock: socket.socket,
        context: ssl.SSLContext, backlog: int,
    ) -> None:  # fmt: skip
        self._loop, self._factory, self._context = loop, factory, context
        self._handshakes = HandshakeLimits()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sock = sock
        sock.setblocking(False)
        sock.listen(backlog)
        loop.add_reader(sock, self._accept)

    def close(self) -> None:
        """Take no more, and give up handshakes that are not finished."""
        if self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock)
            self._sock.close()
        for task in self._tasks:
            task.cancel()

    async def wait_closed(self) -> None:
        """Until nothing of a handshake is left."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self) -> None:
        """One a turn of the loop."""
        try:
            sock, _ = self._sock.accept()
        except (BlockingIOError, ConnectionAbortedError):  # gone again
            return
        except OSError as error:
            log.warning("no more connections can be taken: %s", error.strerror)
            self._loop.remove_reader(self._sock)
            self._loop.call_later(_SHORTAGE_SECONDS, self._go_on)
            return
        sock.setblocking(False)
        connection = self._factory()
        self._handshakes.begin(sock, connection)
        task = self._loop.create_task(self._shake_hands(sock, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _go_on(self) -> None:
        if self._sock.fileno() >= 0:
            self._loop.add_reader(self._sock, self._accept)

    async def _shake_hands(self, sock: socket.socket, connection: Connection) -> None:
        with contextlib.suppress(OSError):  # it was no TLS, took too long, or had to make room
            await self._loop.connect_accepted_socket(
                lambda: connection, sock, ssl=self._context, ssl_handshake_timeout=_HEAD_SECONDS
            )


_Handshake: TypeAlias = "tuple[str, socket.socket, Connection]"


class HandshakeLimits:
    """Who has connected and not finished a TLS handshake; of them the oldest makes room."""

    def __init__(self) -> None:
        self._open: list[_Handshake] = []

    def begin(self, sock: socket.socket, connection: Connection) -> None:
        """One more; together with finished ones within the limits of connections."""
        self._open = [one for one in self._open if _is_pending(*one)]
        address = _address_of(sock)
        self._open.append((address, sock, connection))
        most, made = connection.most, connection.made_by_address()
        self._keep(lambda one: one[0] == address, max(most // _SHARE, 1) - made[address])
        self._keep(lambda one: True, most - made.total())

    def _keep(self, which: Callable[[_Handshake], bool], room: int) -> None:
        """Of these no more than there is room for, and always the newest."""
        waiting = [one for one in self._open if which(one)]
        for one in waiting[: -max(room, 1)]:
            self._open.remove(one)
            with contextlib.suppress(OSError):
                one[1].shutdown(socket.SHUT_RDWR)  # what asyncio made of it sees the end


def _is_pending(address: str, sock: socket.socket, connection: Connection) -> bool:
    return sock.fileno() >= 0 and connection.transport is None


def _address_of(sock: socket.socket) -> str:
    try:
        return str(sock.getpeername()[0])
    except OSError:  # gone already
        return ""


class _Clock:
    """A timer that is started once until it is stopped."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        return self._timer is not None

    def start(self, seconds: float, call: Callable[..., None], *args: object) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, call, *args)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Connection(H11Protocol):
    """uvicorn's, with limits. ``most``: connections at once; of one address a quarter of them."""

    most = 512

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = self.config.h11_max_incomplete_event_size
        self._heads = StrictConnection(h11.SERVER, longest or _LONGEST_HEAD)
        self.conn = self._heads
        self._since = self.loop.time()
        self._received = 0
        self._seen = 0
        self._head, self._body, self._answer = (_Clock(self.loop) for _ in range(3))

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A place is found or made, or there is none."""
        super().connection_made(transport)
        self._since = self.loop.time()
        for others, most in (
            (self._of_this_address(), max(self.most // _SHARE, 1)),
            (self._all(), self.most),
        ):
            if len(others) > most:
                _dispensable(others, self).transport.abort()
        if not transport.is_closing():
            self._expect()

    def data_received(self, data: bytes) -> None:
        """Also tells whether enough comes."""
        self._received += len(data)
        super().data_received(data)
        self._expect()

    def send_400_response(self, msg: str) -> None:
        """What cannot be read is answered with a problem, too, and the connection ends."""
        detail = self._heads.fault or "This is no request of HTTP/1.1."
        told = {"type": "about:blank", "title": "Bad request", "status": 400, "detail": detail}
        body = json.dumps(told).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        events = (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )
        self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()

    def on_response_complete(self) -> None:
        """The next head may come."""
        self._since = self.loop.time()
        super().on_response_complete()
        self._expect()

    def pause_writing(self) -> None:
        """The other end reads too slowly."""
        super().pause_writing()
        self._answer.start(_READ_SECONDS, self._give_up, "reads no answer")

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._answer.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Over."""
        self._head.stop()
        self._body.stop()
        self._answer.stop()
        super().connection_lost(exc)

    def _expect(self) -> None:
        """Set the clock for what has to come next."""
        if self.transport.is_closing():
            return
        if not self.busy:
            self._body.stop()
            self._head.start(_HEAD_SECONDS, self._give_up, "sends no request")
            return
        self._head.stop()
        more = self.conn.their_state is h11.SEND_BODY
        if more and not self._body.runs:
            self._seen = self._received
            self._body.start(_BODY_SECONDS, self._look_at_body)
        elif not more:
            self._body.stop()

    def _look_at_body(self) -> None:
        self._body.stop()
        waits_for_us = self.flow.read_paused
        if not waits_for_us and self._received - self._seen < _BODY_BYTES:
            self._give_up("sends its body too slowly")
        else:
            self._expect()

    def _give_up(self, why: str) -> None:
        log.info("a connection of %s is ended: it %s", self.client[0] if self.client else "?", why)
        self.transport.abort()

    def made_by_address(self) -> Counter[str]:
        """How many there are of each address."""
        return Counter(one.client[0] if one.client else "" for one in self._all())

    def _all(self) -> list[Connection]:
        return [other for other in self.connections if isinstance(other, Connection)]

    def _of_this_address(self) -> list[Connection]:
        mine = self.client[0] if self.client else None
        return [one for one in self._all() if (one.client[0] if one.client else None) == mine]


def limited_connections(most: int) -> type[Connection]:
    """The protocol of a server that holds so many connections."""
    return type("LimitedConnection", (Connection,), {"most": most})


def _dispensable(others: Iterable[Connection], newest: Connection) -> Connection:
    """Who goes: the oldest that waits, else the oldest that is still sending its body.

    Nobody goes whose request is being answered; the newest does, where all of them are.
    """
    open_ = [one for one in others if one is not newest and not one.transport.is_closing()]
    for kind in (
        [one for one in open_ if not one.busy],
        [one for one in open_ if one.conn.their_state is h11.SEND_BODY],
    ):
        if kind:
            return min(kind, key=_since)
    return newest


def _since(connection: Connection) -> float:
    return connection._since
