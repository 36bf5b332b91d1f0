"""A real crispd as systemd runs it: what it tells, where it listens, how fast it stops."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import ALBUM, environment_of
from tests.processes import client

pytestmark = pytest.mark.small_pack


class Managed:
    """A crispd with a manager; ``heard`` is what it told."""

    def __init__(self, folder: Path, *folders: Path, **settings: str) -> None:
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(folder / "notify"))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.log = folder / "journal"
        environment = {
            **environment_of(folder / "data", log_level="info", **settings),
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": "3000000",
        }
        with self.log.open("wb") as log:
            journal = os.fstat(log.fileno())
            environment["JOURNAL_STREAM"] = f"{journal.st_dev}:{journal.st_ino}"
            self.process = client.start(
                "crispd", "serve", *folders, environment=environment, out=log,
                sockets=[self._listening],
            )  # fmt: skip
        self.port: int = self._listening.getsockname()[1]
        self.heard: list[str] = []
        # A manager reads at once: ten unread datagrams are all that the kernel keeps.
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while told := self._notify.recv(4096):
            self.heard.append(told.decode())

    def told(self, word: str) -> bool:
        """Whether it has said so."""
        return any(word in told for told in self.heard)

    def until(self, word: str, seconds: float = 180) -> None:
        end = time.monotonic() + seconds
        while not self.told(word):
            if time.monotonic() > end:
                pytest.fail(f"no {word} but {self.heard}\n{self.log.read_text()}")
            time.sleep(0.02)

    def stop(self) -> float:
        """Seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.log.read_text()
        return time.monotonic() - begun

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self._notify.getsockname())
        self._reader.join()
        self._notify.close()
        self._listening.close()


@pytest.fixture
def managed(tmp_path: Path, photos: Path, indexed: None, pack: dict[str, str]) -> Iterator[Managed]:
    running = Managed(tmp_path, photos, cpu_share="0.1", **pack)
    yield running
    running.close()


def test_it_tells_its_manager_how_it_stands(managed: Managed, photos: Path) -> None:
    managed.until("READY=1")
    with httpx.Client(base_url=f"http://127.0.0.1:{managed.port}") as http:
        assert http.get("/readyz").status_code == 200
    before = managed.heard.index("READY=1")
    assert "WATCHDOG=1" not in managed.heard[:before]
    managed.until("STATUS=All 23 photos are searchable")
    # there is always more to do, until that is worth a line, and little of it then
    more = enumerate(cycle(sorted(ALBUM.glob("*.jpg"))))
    with httpx.Client(base_url=f"http://127.0.0.1:{managed.port}") as http:
        while not managed.told("STATUS=Indexing"):
            pending = http.get("/status").json()["pending"]
            for number, path in islice(more, max(8 - pending, 0)):
                (photos / f"{number}_{path.name}").write_bytes(path.read_bytes() + b"%d" % number)
            time.sleep(0.1)
    managed.until(f"STATUS=All {len([*photos.glob('*.jpg')])} photos are searchable")
    for _ in range(3):
        managed.heard.clear()
        managed.until("WATCHDOG=1", seconds=10)
    assert managed.stop() < 10
    managed.until("STOPPING=1")
    lines = managed.log.read_text().splitlines()
    assert any(line.startswith("<6>crispd") for line in lines)
    assert not [line for line in lines if "Traceback" in line]
    assert not [line for line in lines if line[:1] == "<" and line[1] not in "34567"]


def test_a_watchdog_hears_nothing_when_the_loop_stands_still(managed: Managed) -> None:
    managed.until("WATCHDOG=1")
    managed.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    managed.heard.clear()
    time.sleep(3)
    assert not managed.heard
    managed.process.send_signal(signal.SIGCONT)
    managed.until("WATCHDOG=1")


@pytest.mark.usefixtures("indexed")
def test_it_stops_in_time_beside_a_slow_download_and_while_it_indexes(
    tmp_path: Path, photos: Path, pack: dict[str, str]
) -> None:
    big = photos / "astronaut.jpg"
    with big.open("ab") as file:  # what comes after the picture is no part of it
        file.write(os.urandom(30_000_000))
    managed = Managed(tmp_path, photos, **pack)
    try:
        managed.until("STATUS=All 23 photos are searchable")
        base = f"http://127.0.0.1:{managed.port}"
        with _begin_download(base, big.name, managed.port):
            for number in range(12):
                for path in sorted(ALBUM.glob("*.jpg")):
                    copy = photos / f"{number}_{path.name}"
                    copy.write_bytes(path.read_bytes() + bytes([number]) * 9)
            end = time.monotonic() + 30
            while httpx.get(f"{base}/status", timeout=20).json()["pending"] < 100:
                assert time.monotonic() < end
                time.sleep(0.1)
            assert managed.stop() < 10
        managed.until("STOPPING=1")
        assert "could not stop in order" not in managed.log.read_text()
    finally:
        managed.close()


def _begin_download(base: str, name: str, port: int) -> socket.socket:
    """A client that asked for an original and reads none of it."""
    results = httpx.get(
        f"{base}/search?q=astronaut&limit=200&min_relevance=all", timeout=20
    ).json()["results"]
    original = next(hit["original"] for hit in results if hit["filename"] == name)
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.sendall(f"GET {original} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert sock.recv(12).startswith(b"HTTP/1.1 200")
    return sock
