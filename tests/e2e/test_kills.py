"""kill -9 at moments nobody chose, while photos come, change, move and go."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from crispd.store.database import Database
from crispd.vectors import checkpoint
from crispd.vectors.checkpoint import IndexIdentity
from tests.e2e.server import Server
from tests.e2e.tiny import Churn, differences, in_database, make
from tests.packs import small

Serve = Callable[..., Server]
PHOTOS, BATCH = 200, 8


def settled(server: Server, photos: Path, data: Path) -> None:
    """Everything on the disk is found, nothing else; the index holds just that."""
    end = time.monotonic() + 60
    while True:
        status = server.settle()
        different = differences(photos, data)
        if not different and status["index_vectors"] == in_database(data)[1]:
            assert status["failed"] == 0
            return
        assert time.monotonic() < end, f"{different}\n{status}\n{''.join(server.lines)}"
        time.sleep(0.2)


@pytest.mark.parametrize(
    "kills", [5, pytest.param(50, marks=pytest.mark.slow)], ids=["five", "fifty"]
)
def test_nothing_is_lost_doubled_or_stale(tmp_path: Path, serve: Serve, kills: int) -> None:
    photos, data, counted = tmp_path / "photos", tmp_path / "data", tmp_path / "counted"
    small.write_pack(tmp_path / "pack")
    make(photos / "first", 0, PHOTOS)
    churn, chance = Churn(photos, kills, 1_000_000), random.Random(kills)
    settings = {"pack": str(tmp_path / "pack"), "settle_seconds": "0.1"}
    server = serve(photos, counted=counted, **settings)
    settled(server, photos, data)
    twice = repeats(counted)
    for number in range(kills):
        ends = 1 + number % 2  # some once more while it catches up
        for _ in range(ends):
            end_in_the_middle(server, churn, chance)
            in_database(data)  # whole, whatever it holds
            server = serve(photos, counted=counted, **settings)
        settled(server, photos, data)
        now = repeats(counted)
        assert now - twice <= ends * BATCH  # each end costs the batch that was in hand
        twice = now
    assert server.stop() == 0
    index_is_equal(data)


def end_in_the_middle(server: Server, churn: Churn, chance: random.Random) -> None:
    """kill -9 within a second and a half, while somebody is busy in the folder."""
    done = threading.Event()
    busy = threading.Thread(target=be_busy, args=(churn, done))
    busy.start()
    time.sleep(chance.uniform(0, 1.5))
    server.kill()
    done.set()
    busy.join()


def be_busy(churn: Churn, done: threading.Event) -> None:
    while not done.wait(0.01):
        churn.step()


def repeats(counted: Path) -> int:
    """Pictures encoded although they had been."""
    lines = Counter(counted.read_text().split()) if counted.exists() else Counter()
    return sum(lines.values()) - len(lines)


def index_is_equal(data: Path) -> None:
    """The saved index holds the vectors of the database and no others."""
    database = Database.open(data / "crispd.sqlite3")
    identity = IndexIdentity(database.id, "small@1", small.DIM)
    index = checkpoint.load(data / "index", identity)
    labels = database.read().live_labels("small@1")
    assert index.labels().tolist() == labels.tolist()
    for some, vectors in database.read().vectors("small@1", labels):
        for label, vector in zip(some.tolist()[:200], vectors, strict=False):
            found = index.search(vector, 3)
            assert label in found.labels or found.scores[0] >= 0.9999
    database.close()
