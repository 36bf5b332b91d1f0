"""Photos that are lent out of a queue, and workers of all kinds."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pytest

from crispd.errors import Forbidden, NotFound, QueryError
from crispd.ingest.indexing_throttle import IndexingThrottle
from crispd.ingest.lending.decoded_queue import DecodedQueue
from crispd.ingest.lending.leases import LEASE_SECONDS, SILENT_SECONDS, Lending, VectorCheck
from crispd.ingest.lending.lend_stage import LendStage
from crispd.ingest.stages.jobs import Change, DecodedJob
from crispd.packs.fine.token_storage import pack_tokens
from crispd.packs.manifest import TokensPart
from crispd.types import EncodedPhoto, Lease, Pixels

PIXELS = np.random.default_rng(1).integers(0, 256, (6, 4, 4, 3), dtype=np.uint8)
PART = TokensPart(regions=2, dim=4, storage="int8")


class Encoder:
    """A photo's first eight bytes, as a unit vector and as tokens."""

    def encode(self, pixels: Pixels) -> list[EncodedPhoto]:
        rows = pixels.reshape(len(pixels), -1)[:, :8].astype(np.float32) - 128
        return [
            EncodedPhoto(row / np.linalg.norm(row), pack_tokens(row.reshape(2, 4), PART))
            for row in rows
        ]


CHECK = VectorCheck(Encoder(), PART)


class Clock:
    """Time that stands still, but for who waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


Give = Callable[[Lending, Lease], None]


def lent(work: Give) -> tuple[Lending, Sequence[EncodedPhoto] | None]:
    """What comes of a batch with one worker, whose job ends with ``work``."""
    clock = Clock()
    lending, stop = Lending(clock), threading.Event()
    lending.want("clip@1")

    def worker() -> None:
        lease = lending.take("desk", "clip@1", 1e9)[1]
        assert lease is not None
        work(lending, lease)
        clock.now += LEASE_SECONDS

    thread = threading.Thread(target=worker)
    thread.start()
    while not lending.wait_for_worker("clip@1", stop):
        pass
    result = lending.encoded("clip@1", PIXELS, lambda: True)
    thread.join()
    return lending, None if result is None else lending.checked(result, PIXELS, CHECK)


def honest(lending: Lending, lease: Lease) -> None:
    lending.keep("desk", lease.id)
    lending.give("desk", lease.id, Encoder().encode(lease.pixels))


def test_vectors_come_back() -> None:
    lending, made = lent(honest)
    assert made is not None
    own = Encoder().encode(PIXELS)
    assert all((one.embedding == two.embedding).all() for one, two in zip(made, own, strict=True))
    assert lending._workers["desk"].photos == len(PIXELS)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda photo: EncodedPhoto(-photo.embedding, photo.tokens),
        lambda photo: EncodedPhoto(photo.embedding * np.nan, photo.tokens),
        lambda photo: EncodedPhoto(photo.embedding * 1e20, photo.tokens),
        lambda photo: EncodedPhoto(photo.embedding[:4], photo.tokens),
        lambda photo: EncodedPhoto(photo.embedding, b""),
        lambda photo: EncodedPhoto(photo.embedding, bytes(len(photo.tokens))),
        lambda photo: EncodedPhoto(photo.embedding, b"\xff" * len(photo.tokens)),
        lambda photo: EncodedPhoto(np.eye(8, dtype=np.float32)[0], photo.tokens),
    ],
)
def test_who_lies_is_asked_no_more(spoil: Callable[[EncodedPhoto], EncodedPhoto]) -> None:
    def lie(lending: Lending, lease: Lease) -> None:
        lending.give("desk", lease.id, [spoil(one) for one in Encoder().encode(lease.pixels)])

    lending, made = lent(lie)
    assert made is None
    assert lending.workers() == {}
    with pytest.raises(Forbidden, match="not those that the hub makes"):
        lending.take("desk", "clip@1", 0)


def test_tokens_that_another_processor_rounds_otherwise_are_the_same() -> None:
    def rounded(lending: Lending, lease: Lease) -> None:
        made = []
        for one in Encoder().encode(lease.pixels):
            tokens = bytearray(one.tokens or b"")
            tokens[0] ^= 1
            made.append(EncodedPhoto(one.embedding, bytes(tokens)))
        lending.give("desk", lease.id, made)

    assert lent(rounded)[1] is not None


def test_who_vanishes_comes_too_late_and_is_left_alone_for_a_while() -> None:
    taken: list[Lease] = []
    lending, made = lent(lambda _, lease: taken.append(lease))
    assert made is None
    with pytest.raises(NotFound, match="did the work itself"):
        honest(lending, taken[0])
    desk = lending._workers["desk"]
    desk.waiting_for.append("clip@1")
    assert not lending._is_awaited("clip@1")


def test_who_sent_signs_of_life_is_missed_within_seconds() -> None:
    clock = Clock()
    lending = Lending(clock)
    taken = threading.Event()

    def worker() -> None:
        lease = lending.take("desk", "clip@1", 1e9)[1]
        assert lease is not None
        lending.keep("desk", lease.id)
        clock.now += SILENT_SECONDS
        taken.set()

    thread = threading.Thread(target=worker)
    thread.start()
    while not lending.wait_for_worker("clip@1", threading.Event()):
        pass
    assert lending.encoded("clip@1", PIXELS, lambda: True) is None
    thread.join()
    assert SILENT_SECONDS <= 10


def test_nobody_waits_for_a_worker_that_is_not_there() -> None:
    lending, stop = Lending(), threading.Event()
    assert not lending.wait_for_worker("clip@1", stop)
    assert lending.encoded("clip@1", PIXELS, lambda: True) is None
    assert lending.encoded("clip@1", PIXELS, lambda: False) is None
    assert lending.take("desk", "another@1", 0) == (None, None)


def test_a_worker_is_told_of_another_pack_and_keeps_one_that_is_wanted() -> None:
    lending = Lending()
    lending.want("clip@1")
    lending.want("mini@5")
    assert lending.take("desk", "", 60) == ("clip@1", None)
    assert lending.take("desk", "mini@5", 0) == ("mini@5", None)
    lending.want_no_more("mini@5")
    assert lending.take("desk", "mini@5", 60) == ("clip@1", None)


def test_the_wrong_number_is_refused() -> None:
    refused: list[str] = []

    def too_few(lending: Lending, lease: Lease) -> None:
        with pytest.raises(QueryError, match="6 vectors are expected") as error:
            lending.give("desk", lease.id, Encoder().encode(lease.pixels)[:2])
        refused.append(str(error.value))
        honest(lending, lease)

    assert lent(too_few)[1] is not None
    assert refused


# --- the queue ------------------------------------------------------------------------------------


def decoded(number: int) -> DecodedJob:
    """As much of one as the stage looks at."""

    class Item:
        def __init__(self) -> None:
            self.photo, self.number = self, number
            self.pixels = PIXELS[number % 6]

    return cast("DecodedJob", Item())


def numbers(items: Sequence[Any]) -> list[int]:
    return [item.number for item in items]


def filled(count: int) -> DecodedQueue:
    waiting = DecodedQueue(lambda: 100)
    for number in range(count):
        waiting.put(decoded(number))
    return waiting


def test_what_is_lent_lies_behind_and_keeps_its_turn() -> None:
    waiting = filled(10)
    assert waiting.wait_for_surplus(4, 0)
    assert not waiting.wait_for_surplus(10, 0)
    lent = waiting.lend(4, own=4)
    assert numbers([photo.item for photo in lent]) == [6, 7, 8, 9]
    assert waiting.take(lent[0])  # the worker was quick with one
    assert numbers([waiting.get(0) for _ in range(8)]) == [0, 1, 2, 3, 4, 5, 7, 8]
    assert not waiting.take(lent[1]), "the own encoder was first"
    assert waiting.is_wanted(lent)
    assert waiting.get(0) is lent[3].item
    assert not waiting.is_wanted(lent)
    with pytest.raises(queue.Empty):
        waiting.get(0)


def test_what_is_given_back_may_be_lent_again() -> None:
    waiting = filled(6)
    lent = waiting.lend(16, own=2)
    assert len(lent) == 4
    assert waiting.lend(16, own=2) == []
    waiting.give_back(lent)
    assert waiting.lend(16, own=2) == lent


def stage(lending: Lending, waiting: DecodedQueue, committed: list[Any]) -> LendStage:
    def commit(change: Change) -> None:
        committed.append(cast("Any", change).decoded)

    return LendStage(
        lending, "clip@1", CHECK, own=4, decoded=waiting, courtesy=IndexingThrottle(), commit=commit
    )


@pytest.mark.parametrize("answers", [True, False])
def test_each_photo_is_encoded_once_whoever_is_first(answers: bool) -> None:
    """``answers``: the worker does; else it vanishes with all it has."""
    lending, waiting, stop = Lending(), filled(40), threading.Event()
    by_worker: list[Any] = []
    by_hub: list[Any] = []
    lend = threading.Thread(target=stage(lending, waiting, by_worker).run, args=(stop,))
    taken = threading.Event()

    def work() -> None:
        while not stop.is_set():
            lease = lending.take("desk", "clip@1", 0.1)[1]
            if lease is not None:
                taken.set()
                if not answers:
                    return
                lending.give("desk", lease.id, Encoder().encode(lease.pixels))

    worker = threading.Thread(target=work)
    lend.start()
    worker.start()
    assert taken.wait(20)
    while len(by_hub) + len(by_worker) < 40:  # the hub's own encoder
        try:
            by_hub.append(waiting.get(0.05))
        except queue.Empty:
            continue
    stop.set()
    waiting.wake()
    lend.join()
    worker.join()
    assert sorted(numbers(by_hub + by_worker)) == list(range(40))
    assert numbers(by_hub) == sorted(numbers(by_hub)), "in order"
    assert answers or not by_worker
