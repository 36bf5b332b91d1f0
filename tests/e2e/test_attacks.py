"""A real house on a real port, attacked; it answers a normal client all the while.

Tokens, scopes, cookies, forged names and origins, slow and malformed connections: tests/security.
Links that lead out: test_links.py. Whatever OpenAPI allows: test_contract.py.
"""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers

from crispd.auth.access_control import AccessControl, make_device
from crispd.auth.access_policy import AccessPolicy
from crispd.auth.request_origin import RequestOrigin
from crispd.auth.tokens import Signer, new_token
from crispd.errors import Unauthorized
from tests.e2e.indexed import IndexedAlbum
from tests.e2e.server import Server
from tests.images.attacks import BOMBS

WAYS = [
    "../../etc/passwd", "/etc/passwd", "..%2f..%2fetc%2fpasswd", "file:///etc/passwd", "\0",
    "....//....//etc/passwd", "\\\\host\\share", "signing-key", "'; DROP TABLE photos; --",
    "%00", "\r\nSet-Cookie: a=b", "../data/local-token", "~root", "$(id)", "A" * 3000,
]  # fmt: skip
PARAMETERS = [
    "q", "folder", "cursor", "like", "type", "camera", "keyword", "near", "has", "after", "before",
    "orientation", "sort", "min_relevance", "limit", "rating",
]  # fmt: skip


class House:
    """A server over the sample album that asks for tokens, and who may ask it."""

    def __init__(self, folder: Path, album: IndexedAlbum) -> None:
        photos = folder / "photos"
        album.copy(photos, folder / "data")
        self.server = Server(folder / "data", photos, auth="required", memory_limit_mb="700")
        self.secret = (self.server.data / "local-token").read_text().strip()
        self.headers = {"Authorization": f"Bearer {self.secret}"}
        self.server.http.headers.update(self.headers)
        self.server.settle()

    @property
    def http(self) -> httpx.Client:
        return self.server.http

    def is_well(self) -> None:
        """A normal client gets its answer, and nothing has gone wrong inside."""
        assert self.http.get("/search", params={"q": "two dogs"}).json()["results"]
        assert "Traceback" not in "".join(self.server.lines)

    def leaks(self, answer: httpx.Response) -> bool:
        shown = answer.text + str(answer.headers)
        return "root:x:" in shown or self.secret in shown or "set-cookie" in answer.headers


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, indexed_album: IndexedAlbum) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("attacked"), indexed_album)
    yield found
    found.server.stop()
    found.http.close()


@pytest.mark.parametrize("name", PARAMETERS)
def test_paths_in_parameters_lead_nowhere(house: House, name: str) -> None:
    for way in WAYS:
        answer = house.http.get("/search", params={"q": "dog", name: way})
        assert answer.status_code in {200, 400, 404, 410}, (name, way, answer.text)
        assert not house.leaks(answer)
        if name == "folder":
            assert answer.status_code != 200 or not answer.json()["results"]
    house.is_well()


def test_paths_in_bodies_lead_nowhere(house: House) -> None:
    for way in WAYS:
        for path, body in (
            ("/folders/confirm", {"path": way}),
            ("/search", {"q": "dog", "folder": way}),
            ("/search", {"like": way}),
        ):
            answer = house.http.post(path, json=body)
            assert answer.status_code in {200, 400, 404}, (path, way, answer.text)
            assert not house.leaks(answer)
    house.is_well()


def raw(house: House, data: bytes) -> bytes:
    """What is answered to these bytes."""
    port = int(str(house.http.base_url).rstrip("/").rpartition(":")[2])
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(data)
        sock.settimeout(2)
        try:
            while part := sock.recv(65536):
                answer += part
        except TimeoutError:
            pass
    return answer


SMUGGLED = b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(SMUGGLED),
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: +5\r\n",
        b"X: a\rContent-Length: 5\r\n",
        b"X: a\x00b\r\n",
        b" Folded: yes\r\n",
    ],
)
def test_smuggling_gets_nobody_a_second_answer(house: House, head: bytes) -> None:
    """What stands behind a head that nobody showed a token in is not answered as another's."""
    answer = raw(
        house, b"POST /search HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n0\r\n\r\n" + SMUGGLED
    )
    statuses = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert all(status in {b"400", b"401", b"421"} for status in statuses), answer
    house.is_well()


def test_nothing_writes_a_line_of_the_log(house: House) -> None:
    before = len(house.server.lines)
    forged = "2026-01-01T00:00:00 INFO crispd.access: GET /forged 200"
    for path in (f"/photos/a%0d%0a{forged}", f"/a%0a{forged}", f"/%1b[2J{forged}"):
        raw(house, f"GET {path.replace(' ', '%20')} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    for name in ("User-Agent", "X-Forwarded-For", "Referer", "X-Api-Key"):
        house.http.get("/healthz", headers={name: f"a\t{forged}"})
    house.http.post("/devices", json={"name": f"a\n{forged}", "scopes": ["search"]})
    house.is_well()
    for line in house.server.lines[before:]:
        assert not line.startswith(forged), line
        assert "\x1b" not in line


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_that_are_sent(house: House, name: str) -> None:
    data = BOMBS[name]()
    files = {"image": (name, data)}
    answer = house.http.post("/search", files=files, timeout=60)
    assert answer.status_code in {200, 400, 413, 415, 422}, answer.text
    status: dict[str, Any] = house.server.status()
    assert status["memory_mb"] < 700
    house.is_well()


def send_for(sock: socket.socket, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sock.sendall(b"\xff" * 65536)


@pytest.mark.slow
def test_an_upload_without_an_end(house: House) -> None:
    """It is refused at once, held nowhere, and left after ten seconds where it goes on."""
    head = (
        b"POST /search HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n"
        + f"Authorization: Bearer {house.secret}\r\n".encode()
        + b"Content-Length: 99999999999\r\n\r\n--x\r\n"
        + b'Content-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    )
    port = int(str(house.http.base_url).rstrip("/").rpartition(":")[2])
    before = house.server.status()["memory_mb"]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.sendall(head)
        with pytest.raises(ConnectionError):
            send_for(sock, 30)
    assert house.server.status()["memory_mb"] < before + 60
    house.is_well()


def test_the_time_of_a_check_tells_nothing_of_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that is all right but for its end takes as long as one that is all wrong."""
    door = AccessControl(AccessPolicy(required=True), lambda: None, Signer(b"k" * 32))  # type: ignore[arg-type, return-value]
    tokens = [new_token() for _ in range(20)]
    devices = [make_device(f"device {n}", ("search",), token) for n, token in enumerate(tokens)]
    monkeypatch.setattr(door, "_devices", {device.id: device for device in devices})
    monkeypatch.setattr(door.throttle, "check", lambda address: None)
    monkeypatch.setattr(door.throttle, "failed", lambda address: None)
    near, far = tokens[0][:-1] + "!", "crispd_" + "z" * (len(tokens[0]) - 8) + "!"
    times: dict[str, list[int]] = {near: [], far: []}
    for _ in range(3000):
        for token in (near, far):
            times[token].append(_time_of(door, token))
    medians = [statistics.median(found) for found in times.values()]
    assert max(medians) / min(medians) < 1.15, medians


def _time_of(door: AccessControl, token: str) -> int:
    client = RequestOrigin("10.0.0.1", "hub", "http", local=False)
    begun = time.perf_counter_ns()
    with pytest.raises(Unauthorized):
        door.caller(Headers({"x-api-key": token}), client, None)
    return time.perf_counter_ns() - begun
