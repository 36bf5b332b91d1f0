"""How long a check of a token takes, seen through a socket: it tells nothing of a token.

Requests of all kinds go out in turns over one kept connection, in an order that dice make anew for
each round, so that what else the machine does meets all kinds alike. Each kind's low quantile is
compared, where the noise of a busy machine is least (Crosby, Wallach and Riedi 2009, "box test"),
and the same kind twice says how far two equal things come out apart here.
"""

from __future__ import annotations

import random
import socket
import statistics
import time
from collections.abc import Iterator

import pytest

from tests.security.conftest import Start
from tests.security.server import flipped

pytestmark = pytest.mark.slow

_ROUNDS, _PIECES = 4000, 40
_QUANTILE = 0.1
# What two equal kinds may differ by at the least, in parts of the whole time.
_LEAST = 0.01


class Attacker:
    """One connection; every request comes from another address, so that none has to wait.

    crispd believes it as a proxy: the best place from which to measure.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._sock = self._connect()
        self._asked = 0

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def seconds(self, token: str) -> float:
        """Of one request with a token that is not known."""
        self._asked += 1
        high, low = divmod(self._asked, 250)
        request = (
            f"GET /status HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {token}\r\n"
            f"X-Forwarded-For: 10.{high // 250}.{high % 250}.{low}\r\n\r\n"
        ).encode()
        begun = time.perf_counter()
        self._sock.sendall(request)
        answer = self._sock.recv(65536)
        took = time.perf_counter() - begun
        assert answer.startswith(b"HTTP/1.1 401"), answer
        while len(answer.partition(b"\r\n\r\n")[2]) < _length(answer):
            answer += self._sock.recv(65536)
        return took

    def close(self) -> None:
        self._sock.close()


def _length(answer: bytes) -> int:
    for line in answer.partition(b"\r\n\r\n")[0].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@pytest.fixture
def attacked(start: Start) -> Iterator[tuple[Attacker, str]]:
    """A server with twenty devices, who measures it, and one device's token."""
    server = start(trusted_proxies="127.0.0.1")
    tokens = [server.device(f"device {n}", "search")["token"] for n in range(20)]
    attacker = Attacker(server.port)
    yield attacker, tokens[7]
    attacker.close()


def measure(attacker: Attacker, kinds: dict[str, str]) -> dict[str, list[float]]:
    """Times of each kind, round by round."""
    dice = random.Random(5)
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(_ROUNDS + 100):
        for name in dice.sample(sorted(kinds), len(kinds)):
            took = attacker.seconds(kinds[name])
            if number >= 100:  # the first ones warm up
                times[name].append(took)
    return times


def low(times: list[float]) -> float:
    return sorted(times)[int(len(times) * _QUANTILE)]


def apart(one: list[float], other: list[float]) -> tuple[float, float]:
    """How much longer ``one`` takes in parts of ``other``: of pieces in turn the median, and its
    standard error from how far the pieces are apart (1.2533 for a median)."""
    size = len(one) // _PIECES
    pieces = [
        low(one[at : at + size]) / low(other[at : at + size]) - 1
        for at in range(0, size * _PIECES, size)
    ]
    return statistics.median(pieces), 1.2533 * statistics.stdev(pieces) / _PIECES**0.5


def test_the_time_of_a_check_tells_nothing_through_a_socket(
    attacked: tuple[Attacker, str], capsys: pytest.CaptureFixture[str]
) -> None:
    attacker, token = attacked
    first, last = len("crispd_"), len(token) - 1
    kinds = {
        "wrong at the first": flipped(token, first),
        "the same again": flipped(token, first),
        "wrong in the middle": flipped(token, (first + last) // 2),
        "wrong at the last": flipped(token, last),
        "another altogether": "crispd_" + "z" * (len(token) - first),
        # can be told apart, so the measuring can tell things apart
        "16 kB": "crispd_" + "z" * 16384,
    }
    times = measure(attacker, kinds)
    found = {name: apart(times[name], times["wrong at the first"]) for name in kinds}
    with capsys.disabled():
        print(f"\n{_ROUNDS} rounds, low decile {low(times['wrong at the first']) * 1e6:.0f} us")
        for name, (by, error) in found.items():
            print(f"  {name:22} {by * 100:+.2f} % (standard error {error * 100:.2f})")
    by, error = found.pop("16 kB")
    assert by > 4 * error, "what takes longer cannot be told: the measuring is worth nothing"
    for name, (by, error) in found.items():
        assert abs(by) < max(4 * error, _LEAST), (name, found)
