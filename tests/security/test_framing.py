"""Heads that a proxy may read another way than crispd does end their connection."""

from __future__ import annotations

import contextlib
import socket

import pytest

from crispd.server.message_framing import framing_error, limit_error
from tests.security.server import Guarded

SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
HEAD = b"POST /pair HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
OLD = HEAD.replace(b"HTTP/1.1", b"HTTP/1.0")
CHUNKED = b"Transfer-Encoding: chunked\r\n"
# Name: head without its empty line, and body.
AMBIGUOUS = {
    "length and chunked": (HEAD + b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n"),
    "chunked and length": (HEAD + CHUNKED + b"content-length: 5\r\n", b"0\r\n\r\n"),
    "the same length twice": (HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
    "the same length in a list": (HEAD + b"Content-Length: 2, 2\r\n", b"{}"),
    "two lengths": (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
    "a signed length": (HEAD + b"Content-Length: +2\r\n", b"{}"),
    "chunked twice": (HEAD + CHUNKED + CHUNKED, b"0\r\n\r\n"),
    "chunked and identity": (HEAD + b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    "chunked in HTTP/1.0": (OLD + CHUNKED, b"0\r\n\r\n"),
    "a bare line feed": (HEAD.replace(b"localhost\r\n", b"localhost\n"), b""),
    "bare line feeds": (HEAD.replace(b"\r\n", b"\n"), b""),
    "a bare carriage return": (HEAD + b"X: a\rContent-Length: 2\r\n", b"{}"),
    "a folded line": (HEAD + b"X: a\r\n b\r\n", b""),
    "a folded length": (HEAD + b"Content-Length:\r\n 2\r\n", b"{}"),
    "a space before the colon": (HEAD + b"Content-Length : 2\r\n", b"{}"),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_they_end_the_connection(server: Guarded, name: str) -> None:
    head, body = AMBIGUOUS[name]
    end = b"\n" if b"\r" not in head else b"\r\n"
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(head + end + body + SMUGGLED)
        # the other end closes: nothing that stands behind is answered
        with contextlib.suppress(ConnectionResetError):
            while part := sock.recv(65536):
                answer += part
    assert answer.startswith(b"HTTP/1.1 400"), answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"application/problem+json" in answer
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_is_wrong_is_told(name: str) -> None:
    head, _ = AMBIGUOUS[name]
    if name in {"chunked and identity", "a space before the colon"}:
        return  # h11 refuses these by itself
    assert framing_error(head + b"\r\n")


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Content-Length: 2\r\n",
        HEAD + CHUNKED,
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Content-Length: 5\r\nContent-Length-X: 6\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\n",
        b"GET /?q=%0a HTTP/1.1\r\nHost: a\r\nAccept: a,\tb\r\n",
    ],
)
def test_others_are_read(head: bytes) -> None:
    assert framing_error(head + b"\r\n") is None
    assert limit_error(head + b"\r\n") is None


def test_heads_have_an_end() -> None:
    line = b"a: b\r\n"
    assert limit_error(b"GET / HTTP/1.1\r\n" + line * 100)
    assert limit_error(b"GET / HTTP/1.1\r\n" + line * 90) is None
    assert limit_error(b"GET /" + b"q" * 200_000 + b" HTTP/1.1\r\n" + line) is None
    assert limit_error(b"GET / HTTP/1.1\r\na: " + b"b" * 70_000)


def test_two_requests_on_one_connection_are_answered(server: Guarded) -> None:
    body = b'{"code": "1234-5678"}'
    first = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(first + SMUGGLED)
        answer = b""
        while answer.count(b"HTTP/1.1 ") < 2:
            part = sock.recv(65536)
            assert part, answer
            answer += part
    assert b"HTTP/1.1 401" in answer
    assert b"HTTP/1.1 200" in answer
