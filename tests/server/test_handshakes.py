"""TLS handshakes that are not finished: how many, for how long, and what ends them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from crispd.server import connections
from crispd.server.tls import TlsCertificates, make_certificates

MOST = 8  # connections; two of one address


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsCertificates:
    made = make_certificates("auto", tmp_path_factory.mktemp("house"), "127.0.0.1", "", "")
    assert made is not None
    return made


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=connections.Loop) as runner:
        runner.run(asyncio.wait_for(main, 20))


@contextlib.asynccontextmanager
async def listening(tls: TlsCertificates, sock: socket.socket | None = None) -> AsyncIterator[Any]:
    """The server and its address."""
    sock = sock or socket.socket()
    sock.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=connections.limited_connections(MOST),
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    config.load()
    state = ServerState()

    def connection() -> asyncio.Protocol:
        return config.http_protocol_class(config=config, server_state=state, app_state={})  # type: ignore[call-arg]

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, sock=sock, ssl=tls.context, backlog=128)
    try:
        yield server, sock.getsockname()
    finally:
        server.close()
        for one in list(state.connections):
            one.transport.abort()
        await server.wait_closed()


async def silent(address: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*address)


async def ended(reader: asyncio.StreamReader) -> bool:
    """Whether the other end hangs up within two seconds, rather than say anything."""
    try:
        return await asyncio.wait_for(reader.read(1), 2) == b""
    except ConnectionError:
        return True


async def answer(tls: TlsCertificates, address: Any) -> bytes:
    trusted = ssl.create_default_context(cadata=tls.authority)
    reader, writer = await asyncio.open_connection(*address, ssl=trusted)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    line = await reader.readline()
    writer.close()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()
    return line


def test_who_shakes_hands_is_answered_while_others_are_silent(tls: TlsCertificates) -> None:
    async def main() -> None:
        async with listening(tls) as (_, address):
            _, writer = await silent(address)
            for _ in range(3):
                assert (await answer(tls, address)).startswith(b"HTTP/1.1 204")
            writer.close()

    run(main())


def test_the_oldest_makes_room(tls: TlsCertificates) -> None:
    async def main() -> None:
        async with listening(tls) as (_, address):
            open_ = [await silent(address) for _ in range(3)]
            assert await ended(open_[0][0])
            for reader, _ in open_[1:]:
                assert not reader.at_eof()
            for _, writer in open_:
                writer.close()

    run(main())


def test_silence_has_an_end(tls: TlsCertificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0.2)

    async def main() -> None:
        async with listening(tls) as (_, address):
            reader, writer = await silent(address)
            assert await ended(reader)
            writer.close()

    run(main())


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00"],
    ids=["HTTP", "wrong side"],
)
def test_what_is_no_tls_ends_it_without_a_word_in_the_log(
    tls: TlsCertificates, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    async def main() -> None:
        async with listening(tls) as (_, address):
            reader, writer = await silent(address)
            writer.write(sent)
            with contextlib.suppress(ConnectionError):
                assert len(await asyncio.wait_for(reader.read(), 2)) < 10  # an alert at most
            writer.close()
            assert (await answer(tls, address)).startswith(b"HTTP/1.1 204")

    with caplog.at_level(logging.INFO):
        run(main())
    assert [record.message for record in caplog.records] == []


class NoDescriptors(socket.socket):
    """A listening socket that has none left for whom it accepts, twice."""

    left = 2

    def accept(self) -> tuple[socket.socket, Any]:
        if self.left:
            self.left -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def test_without_descriptors_it_waits_for_one(
    tls: TlsCertificates, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "_SHORTAGE_SECONDS", 0.1)

    async def main() -> None:
        async with listening(tls, NoDescriptors()) as (_, address):
            assert (await answer(tls, address)).startswith(b"HTTP/1.1 204")

    run(main())
    assert caplog.text.count("Too many open files") == 2
    assert "Traceback" not in caplog.text


def test_closing_ends_what_is_open(tls: TlsCertificates) -> None:
    async def main() -> None:
        async with listening(tls) as (server, address):
            reader, writer = await silent(address)
            await answer(tls, address)
            server.close()
            server.close()
            await server.wait_closed()
            assert await ended(reader)
            writer.close()
            with pytest.raises(ConnectionError):
                await silent(address)

    run(main())


def test_closing_while_there_are_no_descriptors(
    tls: TlsCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_SHORTAGE_SECONDS", 0.1)

    async def main() -> None:
        async with listening(tls, NoDescriptors()) as (server, address):
            _, writer = await silent(address)
            await asyncio.sleep(0.05)
            server.close()
            await asyncio.sleep(0.2)
            writer.close()

    run(main())
