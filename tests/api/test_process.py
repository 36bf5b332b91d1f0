"""The real server on a real port: what only shows there."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.api.checks import problem
from tests.api.fake_service import CONTENT, ID
from tests.processes import client

Start = Callable[..., "Process"]


class Process:
    """A server, what it has said so far, and where it listens."""

    def __init__(self, folder: Path, mode: str, *more: str, size: int = len(CONTENT)) -> None:
        path = folder / "original.jpg"
        path.write_bytes(CONTENT)
        os.truncate(path, size)
        self._out = (folder / "out").open("wb")
        self._run = client.start(
            "tests.api.serve_fake", path, mode, *more, environment=os.environ, out=self._out
        )
        self._path = folder / "out"

    @property
    def said(self) -> str:
        return self._path.read_text()

    def until(self, pattern: str) -> re.Match[str]:
        end = time.monotonic() + 15
        while not (found := re.search(pattern, self.said)):
            assert time.monotonic() < end, self.said
            assert self._run.poll() is None, self.said
            time.sleep(0.02)
        return found

    @property
    def reads_the_original(self) -> bool:
        """Whether its file is open."""
        found = Path(f"/proc/{self._run.pid}/fd").iterdir()
        return any(str(self._path.parent / "original.jpg") in str(fd.resolve()) for fd in found)

    @property
    def address(self) -> str:
        return self.until(r"listening at (http://\S+)")[1]

    def end(self, number: int | None = signal.SIGTERM) -> int:
        if number is not None:
            self._run.send_signal(number)
        code = self._run.wait(15)
        self._out.close()
        return code

    def clear(self) -> None:
        if self._run.poll() is None:
            self._run.kill()
            self._run.wait()
        self._out.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Process] = []

    def run(mode: str = "well", *more: str, size: int = len(CONTENT)) -> Process:
        folder = tmp_path / str(len(running))
        folder.mkdir()
        running.append(Process(folder, mode, *more, size=size))
        return running[-1]

    yield run
    for process in running:
        process.clear()


def ask(http: httpx.Client, words: str) -> tuple[int, str]:
    """httpx itself refuses addresses this long."""
    connection = HTTPConnection(http.base_url.host, http.base_url.port, timeout=10)
    with closing(connection):
        connection.request("GET", f"/search?q={quote(words)}")
        answer = connection.getresponse()
        body = json.load(answer)
    return answer.status, body.get("query", body.get("detail"))


def test_a_day(start: Start) -> None:
    server = start()
    with httpx.Client(base_url=server.address) as http:
        original = f"/photos/{ID}/original"
        part = http.get(original, headers={"range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, CONTENT[10:20])
        problem(http.get(original, headers={"range": "bytes=999999-"}), 416)
        head = http.head(original)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(CONTENT))
        etag = {"if-none-match": head.headers["etag"]}
        assert http.get(original, headers=etag).status_code == 304
        problem(http.get("/photos/..%2f..%2fetc%2fpasswd/original"), 404)
        assert "server" not in http.get("/status").headers
        # the longest question there can be, in the longest letters
        words = "\U0001f415" * 10_000
        assert ask(http, words) == (200, words)
        status, detail = ask(http, words + "x")
        assert status == 400
        assert "10001" in detail
        example = server.until(r"curl '(http\S+)'")[1]
        assert len(http.get(example).json()["results"]) == 1
    server.until("All 3 photos are searchable")
    assert server.end() == 0
    assert "dog" not in server.said
    assert "Traceback" not in server.said


def test_answers_do_not_wait_for_a_client_to_acknowledge(start: Start) -> None:
    """With Nagle's algorithm on, the second packet of an answer waits 40 ms for a delayed ACK."""
    server = start()
    with httpx.Client(base_url=server.address) as http:
        http.get("/healthz")
        begun = time.monotonic()
        for _ in range(50):
            http.get("/healthz")
        assert time.monotonic() - begun < 50 * 0.035
    assert server.end() == 0


def test_it_ends_at_ctrl_c_as_well(start: Start) -> None:
    server = start()
    assert server.address
    assert server.end(signal.SIGINT) == 0
    assert "Traceback" not in server.said


def test_a_signal_in_the_first_moment_is_not_lost(start: Start) -> None:
    server = start()
    server.until("Started server process")
    assert server.end() == 0


def test_it_ends_when_it_cannot_start(start: Start) -> None:
    server = start("no-start")
    assert server.end(None) == 2
    assert "There is no folder /nowhere." in server.said
    assert "Traceback" not in server.said
    assert "listening at" not in server.said


def test_it_ends_when_a_thread_is_dead(start: Start) -> None:
    server = start("dies")
    assert server.end(None) == 1
    assert "thread writer is dead" in server.said


def test_a_taken_port(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = start("well", str(port))
        assert server.end(None) == 2
        assert f"127.0.0.1:{port}" in server.said
        assert "CRISPD_PORT" in server.said
        assert "Traceback" not in server.said


def test_progress_as_lines(start: Start) -> None:
    server = start("indexing")
    server.until(r"Indexing: 3 photos searchable, 4 to go at 9\.5 a second, about 1 min 15 s left")
    server.until(r"All 3 photos are searchable")
    assert server.end() == 0


def test_an_empty_house_says_so(start: Start) -> None:
    server = start("empty")
    server.until("No photos were found")
    assert server.end() == 0


HUGE = 4 * 2**30  # with holes


@contextmanager
def download(address: str) -> Iterator[socket.socket]:
    """Of an original; its beginning has come, nothing more is read."""
    port = int(address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET /photos/{ID}/original HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert sock.recv(12) == b"HTTP/1.1 200"
        yield sock


def test_it_stops_beside_a_download_that_stands_still(start: Start) -> None:
    server = start(size=HUGE)
    with download(server.address):
        begun = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - begun < 8
    assert "Traceback" not in server.said
    assert " ERROR " not in server.said


def test_nothing_is_read_for_a_client_that_has_gone(start: Start) -> None:
    server = start(size=HUGE)
    with download(server.address):
        assert server.reads_the_original
    end = time.monotonic() + 1
    while server.reads_the_original:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert server.end() == 0
    assert "Traceback" not in server.said
