"""What strangers can do to a service: ``python -m benchmarks.robustness.stall``.

A real service that asks for tokens, with a watchdog's socket, is sent the largest bodies that each
open call takes, over many connections of one address, for a fixed number of requests and seconds.
Measured: the longest gap between two beats of the watchdog, the slowest ``/healthz``, the longest
answer, and the peak of memory. Everything stays on loopback.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import socket
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.e2e.server import Server

WATCHDOG_SECONDS = 60


def many_keys(count: int = 90_000) -> bytes:
    """Unknown fields, as many as go into a megabyte."""
    return b'{"code":"1","' + b'":0,"'.join(b"%x" % n for n in range(count)) + b'":0}'


ATTACKS: dict[str, tuple[str, bytes]] = {
    "pair": ("/pair", many_keys()),
    "session": ("/session", many_keys()),
    "scopes": ("/session", b'{"code":[' + b'"x",' * 200_000 + b'"x"]}'),
    "nested": ("/pair", b'{"code":' + b"[" * 500_000 + b"]" * 500_000 + b"}"),
}


@dataclass(slots=True)
class Seen:
    """``beats``: when the watchdog heard of the service, in seconds of the monotonic clock."""

    beats: list[float] = field(default_factory=list)
    health_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    longest_answer: int = 0


class Manager:
    """The socket that systemd would listen at."""

    def __init__(self, folder: Path, seen: Seen) -> None:
        self.path = folder / "notify"
        self._seen = seen
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(str(self.path))
        self._sock.settimeout(0.2)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                message = self._sock.recv(4096)
            except TimeoutError:
                continue
            if b"WATCHDOG=1" in message:
                self._seen.beats.append(time.monotonic())

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join()
        self._sock.close()


def attack(
    folder: Path, path: str, body: bytes, connections: int, rounds: int, seconds: float
) -> dict[str, object]:
    """One attack on a service of its own; what was seen."""
    seen = Seen()
    manager = Manager(folder, seen)
    notified = {
        "NOTIFY_SOCKET": str(manager.path),
        "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000),
    }
    (folder / "photos").mkdir()
    server = Server(folder / "data", folder / "photos", environment=notified, auth="required")
    try:
        time.sleep(3)
        before = memory_mb(server.pid, "VmRSS")
        began = time.monotonic()
        threads = [
            threading.Thread(target=send, args=(server, path, body, rounds, began + seconds, seen))
            for _ in range(connections)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            ask_health(server, seen)
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        ended = time.monotonic()
        time.sleep(5)
        ask_health(server, seen)
        peak = memory_mb(server.pid, "VmHWM")
    finally:
        server.kill()
        manager.close()
    times = [began, *(beat for beat in seen.beats if beat > began)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return {
        "attack_s": round(ended - began, 1), "longest_gap_s": round(max(gaps), 1),
        "healthz_worst_ms": round(max(seen.health_ms)), "healthz_asked": len(seen.health_ms),
        "memory_before_mb": before, "memory_peak_mb": peak,
        "longest_answer": seen.longest_answer, "answers": dict(seen.statuses),
    }  # fmt: skip


def send(server: Server, path: str, body: bytes, rounds: int, until: float, seen: Seen) -> None:
    """One connection after another, each with one request."""
    address = urlsplit(str(server.http.base_url))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode()
    for _ in range(rounds):
        if time.monotonic() > until:
            return
        answer = 0
        first = b""
        try:
            with socket.create_connection((address.hostname, address.port), timeout=120) as sock:
                with contextlib.suppress(OSError):  # refused before all was sent
                    sock.sendall(head + body)
                while part := sock.recv(1 << 16):
                    first = first or part[:12]
                    answer += len(part)
        except OSError:
            pass
        seen.statuses[first[9:12].decode() or "none"] += 1
        seen.longest_answer = max(seen.longest_answer, answer)


def ask_health(server: Server, seen: Seen) -> None:
    """A probe of a container or a load balancer."""
    began = time.perf_counter()
    try:
        httpx.get(server.http.base_url.join("/healthz"), timeout=120)
    except httpx.HTTPError:
        seen.statuses["healthz failed"] += 1
    seen.health_ms.append((time.perf_counter() - began) * 1000)


def memory_mb(pid: int, name: str) -> int:
    """A line of ``/proc/PID/status``."""
    text = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in text.splitlines() if line.startswith(name))


def main() -> None:
    """Run each attack and print what was seen, as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("attacks", nargs="*", default=list(ATTACKS))
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2, help="requests a connection")
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()}))
    for name in given.attacks:
        with tempfile.TemporaryDirectory() as folder:
            found = attack(
                Path(folder), *ATTACKS[name], given.connections, given.rounds, given.seconds
            )
        print(json.dumps({"attack": name, **found}), flush=True)


if __name__ == "__main__":
    main()
