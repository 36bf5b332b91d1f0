"""Threads that help with products."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from crispd.vectors.block_storage import ROWS
from crispd.vectors.index import VectorIndex
from crispd.vectors.workers import Workers


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_each_part_is_done_once(threads: int) -> None:
    done: list[int] = []
    Workers(threads).each(done.append, list(range(100)))
    assert sorted(done) == list(range(100))


def test_parts_are_done_beside_each_other() -> None:
    meeting = threading.Barrier(2, timeout=20)
    Workers(2).each(lambda _: meeting.wait() and None, [1, 2])


def test_nobody_waits_for_helpers_that_are_busy() -> None:
    workers, begun, free = Workers(2), threading.Semaphore(0), threading.Event()

    def wait(_: int) -> None:
        begun.release()
        assert free.wait(20)

    busy = threading.Thread(target=workers.each, args=(wait, [1, 2]))
    busy.start()
    for _ in range(2):
        assert begun.acquire(timeout=20)
    done: list[int] = []
    workers.each(done.append, [1, 2, 3])
    assert done == [1, 2, 3]
    free.set()
    busy.join(20)


def test_what_a_helper_raises_is_raised() -> None:
    def fail(part: int) -> None:
        raise ValueError(part)

    with pytest.raises(ValueError, match=r"\d"):
        Workers(2).each(fail, [1, 2, 3])


def test_with_helpers_the_same_is_found() -> None:
    """Over several blocks, all of them or some, and from a score on."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((2 * ROWS + 100, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alone, helped = VectorIndex(16), VectorIndex(16, workers=Workers(2))
    for index in (alone, helped):
        index.add(np.arange(len(vectors)), vectors)
    for among in (None, np.arange(0, len(vectors), 3)):
        for floor in (None, 0.5):
            one, other = (each.search(vectors[7], 40, among, floor) for each in (alone, helped))
            assert one.labels.tolist() == other.labels.tolist()
            assert one.scores.tolist() == other.scores.tolist()
    assert np.allclose(one.scores, vectors[one.labels] @ vectors[7], atol=1e-4)
