"""What somebody without a token can order: little, whatever is sent."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Iterator

import pytest

from crispd.types import SCOPES
from tests.api.checks import problem
from tests.security.conftest import Start
from tests.security.server import Guarded, bearer

MANY = b'{"code":"1","' + b'":0,"'.join(b"%x" % n for n in range(90_000)) + b'":0}'
SOME = b'{"code":"1","' + b'":0,"'.join(b"%x" % n for n in range(900)) + b'":0}'
JSON = {"Content-Type": "application/json"}
LONGEST_ANSWER = 2000
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n\xff\xd8picture'
)


@pytest.mark.parametrize("path", ["/pair", "/session"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (MANY, 413),
        (SOME, 400),
        (b'{"code":[' + b'"x",' * 200_000 + b'"x"]}', 413),
        (b'{"code":[' + b'"x",' * 1_500 + b'"x"]}', 400),
        (b'{"code":' + b"[" * 4000 + b"]" * 4000 + b"}", 400),
        (b'{"code":"' + b"1" * 7000 + b'"}', 400),
        (b'{"code":' + b"1" * 5000 + b"}", 400),
        (b'{"' + b"a" * 7000 + b'":1}', 400),
        (b'{"code":"\xff"}', 400),
    ],
    ids=["many fields", "some fields", "many values", "some values", "deep", "long", "digits",
         "long name", "no UTF-8"],
)  # fmt: skip
def test_answers_to_strangers_are_short(
    start_once: Start, path: str, body: bytes, status: int
) -> None:
    server = strangers_server(start_once)
    said = {"X-Forwarded-For": f"10.0.{hash(body) % 250}.{len(path)}"}  # nobody waits for another
    answer = server.http.post(path, content=body, headers=JSON | said)
    problem(answer, status)
    assert len(answer.content) < LONGEST_ANSWER


KNOWN: dict[Start, Guarded] = {}


def strangers_server(start: Start) -> Guarded:
    """One that takes a proxy's word for who asks, so that each case is an address of its own."""
    if start not in KNOWN:
        KNOWN[start] = start(trusted_proxies="127.0.0.1")
    return KNOWN[start]


def test_a_body_that_is_announced_too_long_is_not_waited_for(server: Guarded) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as sock:
        sock.sendall(
            b"POST /pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 900000\r\n\r\n"
        )
        assert sock.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/pair", {"code": "1", "unknown": 1}),
        ("/pair", {}),
        ("/session", {"token": ["a"]}),
        ("/session", {"code": "1", "token": "2"}),
    ],
)
def test_wrong_requests_of_strangers_have_to_wait(
    start: Start, path: str, body: dict[str, object]
) -> None:
    server = start()
    token = server.device("phone", "search")["token"]
    statuses = [server.http.post(path, json=body).status_code for _ in range(7)]
    assert statuses[:5] == [400] * 5
    assert set(statuses[5:]) == {429}
    refused = server.http.post("/pair", json={"code": "1234-5678"})
    problem(refused, 429, "Wait")
    assert refused.headers["retry-after"]
    # who has a token waits for nobody
    assert server.http.post("/session", json={"token": token}).status_code == 200
    assert server.http.get("/search?q=a", headers=bearer(token)).status_code == 200


def test_long_lists_of_who_may_ask_are_refused_in_few_words(server: Guarded) -> None:
    for body in (
        {"name": "a", "scopes": ["search"] * (len(SCOPES) + 1)},
        {"name": "a", "scopes": ["search"] * 900},
        {"name": "a", "scopes": ["x" * 50] * 900},
        {"name": "a", "scopes": ["search"] * 20_000},
        {"name": "a", "scopes": [[["search"] * 3] * 3]},
    ):
        answer = server.admin("POST", "/devices", json=body)
        problem(answer, 400)
        assert len(answer.content) < LONGEST_ANSWER
    long = server.admin("POST", "/devices", json={"name": "a", "scopes": ["x"] * 200_000})
    problem(long, 413)


def test_of_many_mistakes_the_first_are_named(server: Guarded) -> None:
    body = {f"unknown{n}": 1 for n in range(40)}
    answer = server.admin("POST", "/search", json=body)
    problem(answer, 400, "unknown0", "And 35 more.")
    assert len(answer.content) < LONGEST_ANSWER * 2
    everything = {f"{n}": ["y" * 10_000] for n in range(20)}
    assert len(server.admin("POST", "/search", json=everything).content) < LONGEST_ANSWER * 2


def test_a_name_is_given_once(server: Guarded) -> None:
    for path, text in (
        ("/search", '{"q": "dog", "q": "cat"}'),
        ("/devices", '{"name": "a", "name": "b"}'),
        ("/search", '{"q": {"a": 1, "a": 1}}'),
        ("/folders/confirm", '{"path": "/a", "path": "/b"}'),
    ):
        headers = JSON | bearer(server.local)
        answer = server.http.post(path, content=text, headers=headers)
        problem(answer, 400, "more than once")


def test_many_parameters_and_many_lines_are_refused(server: Guarded) -> None:
    problem(server.http.get("/healthz?" + "a&" * 5000), 400, "parameters")
    lines = b"".join(b"a: b\r\n" for _ in range(200))
    for head in (lines, b"a: " + b"b" * 70_000 + b"\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n")
            answer = sock.recv(4096)
            assert answer.startswith(b"HTTP/1.1 400"), answer
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 400


@contextlib.contextmanager
def slow_uploads(
    server: Guarded, count: int, sent: int, announced: int = 20 * 2**20
) -> Iterator[list[socket.socket]]:
    """Pictures that have begun and do not end."""
    sockets = []
    head = (
        b"POST /search HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        + server.local.encode()
        + b"\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        + b"Content-Length: %d\r\n\r\n" % announced
    )
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        sock.sendall(head + FORM + b"\0" * sent)
        sockets.append(sock)
    try:
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


def test_slow_uploads_take_nobodys_place(server: Guarded) -> None:
    picture = {"image": ("a.jpg", b"\xff\xd8picture")}
    with slow_uploads(server, 8, sent=100):
        time.sleep(0.5)
        for _ in range(3):
            assert server.admin("POST", "/search", files=picture).status_code == 200


def test_of_uploads_that_do_not_fit_the_oldest_goes(start: Start) -> None:
    server = start(max_upload_mb="1")
    picture = {"image": ("a.jpg", b"\xff\xd8" + b"\0" * 900_000)}
    with slow_uploads(server, 5, sent=1_000_000, announced=1_100_000) as sockets:
        time.sleep(1)
        assert server.admin("POST", "/search", files=picture).status_code == 200
        told, *_ = select.select(sockets, [], [], 5)
        assert [sock.recv(12) for sock in told] == [b"HTTP/1.1 503"]
