"""What fits a limit, and what there is."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd import memory_plan
from crispd.memory_budgets import MemoryBudget, MemoryBudgets, MemoryReservation, NeedsWholeBudget
from crispd.memory_plan import MB, MemoryPlan, plan_memory

MAX_PIXELS, MAX_BYTES = 100_000_000, 512 * MB


def planned(limit_mb: int, vectors: int = 1000, threads: int = 4) -> MemoryPlan:
    return plan_memory(
        limit_mb, vectors=vectors, decode_threads=threads, batch_size=8, max_pixels=MAX_PIXELS,
        max_bytes=MAX_BYTES,
    )  # fmt: skip


def test_a_large_machine_gets_what_the_settings_say() -> None:
    found = planned(2048)
    assert (found.decode_threads, found.batch_size, found.enough) == (4, 8, True)
    assert found.picture_bytes > 90_000_000 * 12
    assert found.max_bytes > 350 * MB
    assert found.max_pixels == MAX_PIXELS
    assert planned(4096).max_bytes == MAX_BYTES


def test_a_small_machine_gets_less_of_everything() -> None:
    found = planned(512)
    # a HEIC of 50 megapixels and its file, alone (benchmarks.indexing.decode_memory)
    assert found.picture_bytes + found.file_bytes > 8160 * 6120 * 4.75 + 2 * 12 * MB
    # JPEGs of 24 megapixels side by side, progressive as they may be
    assert found.picture_bytes > 2 * 24_500_000 * 3.1
    assert found.batch_size < 8
    assert planned(330).decode_threads < 4
    assert found.enough
    assert planned(256).enough is False
    assert planned(512, vectors=200_000).picture_bytes < found.picture_bytes


def test_models_in_float_take_room_from_pictures() -> None:
    plain, floats = (
        plan_memory(512, vectors=0, decode_threads=2, batch_size=8, max_pixels=MAX_PIXELS,
             max_bytes=MAX_BYTES, floats=floats)
        for floats in (False, True)
    )  # fmt: skip
    assert floats.picture_bytes < plain.picture_bytes - 40 * MB


def test_heavier_models_take_their_room_from_pictures_and_from_text() -> None:
    plain, heavy = (
        plan_memory(1024, vectors=0, decode_threads=2, batch_size=8, max_pixels=MAX_PIXELS,
             max_bytes=MAX_BYTES, text=True, models_mb=models)
        for models in (0, 400)
    )  # fmt: skip
    assert heavy.picture_bytes + heavy.file_bytes < plain.picture_bytes
    assert (plain.reads_text, heavy.reads_text) == (True, False)
    assert not plan_memory(512, vectors=0, decode_threads=2, batch_size=8, max_pixels=MAX_PIXELS,
                           max_bytes=MAX_BYTES, models_mb=400).enough  # fmt: skip


@given(st.integers(64, 8192), st.integers(0, 10**6), st.integers(1, 64))
def test_no_more_is_given_than_there_is(limit: int, vectors: int, threads: int) -> None:
    found = planned(limit, vectors, threads)
    assert 1 <= found.decode_threads <= threads
    assert 1 <= found.batch_size <= 8
    assert found.max_pixels == MAX_PIXELS
    assert 0 < found.max_bytes <= found.picture_bytes + found.file_bytes
    if found.enough:
        photos = (found.picture_bytes + found.file_bytes) / MB
        assert photos + found.database_mb <= limit - 200  # what the models and Python take


@pytest.mark.parametrize(
    ("present", "limit"), [(1024.0, 512), (3.5 * 1024, 1792), (64 * 1024.0, 2048), (None, 2048)]
)
def test_half_of_the_memory_is_planned(
    monkeypatch: pytest.MonkeyPatch, present: float | None, limit: int
) -> None:
    monkeypatch.setattr(memory_plan, "present_mb", lambda: present)
    assert memory_plan.default_limit_mb() == limit


def test_large_pictures_take_turns() -> None:
    room, most, held, lock = MemoryBudget(100), [0], [0], threading.Lock()

    def decode(size: int) -> None:
        with room.turn() as take:
            take(size)
            with lock:
                held[0] += min(size, 100)
                most[0] = max(most[0], held[0])
            time.sleep(0.01)
            with lock:
                held[0] -= min(size, 100)

    sizes = [60, 60, 30, 30, 500, 10, 90, 40]
    threads = [threading.Thread(target=decode, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert 60 <= most[0] <= 100


def test_who_came_first_is_served_first() -> None:
    room, order = MemoryBudget(100), list[str]()
    begun = threading.Event()

    def decode(name: str, size: int, seconds: float) -> None:
        with room.turn() as take:
            take(size)
            order.append(name)
            begun.set()
            time.sleep(seconds)

    threads = [threading.Thread(target=decode, args=("first", 60, 0.2))]
    threads[0].start()
    assert begun.wait(5)
    for name, size in (("all", 100), ("small", 10)):
        threads.append(threading.Thread(target=decode, args=(name, size, 0)))
        threads[-1].start()
        time.sleep(0.05)
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert order == ["first", "all", "small"]


def test_a_picture_that_needs_all_has_it_alone() -> None:
    shared, lock = MemoryBudgets(MemoryBudget(40), MemoryBudget(60)), threading.Lock()
    inside, most, tries = [0], list[int](), list[int]()

    def decode(file_bytes: int, picture_bytes: int) -> None:
        def work(place: MemoryReservation) -> None:
            tries.append(picture_bytes)
            assert place.most == 100 - file_bytes
            place.take(picture_bytes)
            with lock:
                inside[0] += 1
                most.append(inside[0] if picture_bytes > 60 else 1)
            time.sleep(0.01)
            with lock:
                inside[0] -= 1

        shared.admit(file_bytes, work)

    sizes = [(10, 20), (10, 85), (20, 10), (5, 95), (10, 30), (50, 40), (10, 61)]
    threads = [threading.Thread(target=decode, args=size) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    assert most == [1] * len(sizes)
    assert tries.count(85) == tries.count(95) == tries.count(61) == 2
    assert tries.count(40) == 1  # its file alone says it
    with pytest.raises(NeedsWholeBudget):  # nobody but this room may raise it beside others
        shared._beside_others(1, 99, lambda place: place.take(61))


@pytest.mark.parametrize("limit_mb", [512, 740, 2048])
def test_text_in_photos_takes_room_where_there_is_enough(limit_mb: int) -> None:
    plain, text = (
        plan_memory(limit_mb, vectors=0, decode_threads=2, batch_size=8, max_pixels=MAX_PIXELS,
                    max_bytes=MAX_BYTES, text=text)
        for text in (False, True)
    )  # fmt: skip
    assert not plain.reads_text
    assert text.reads_text == (limit_mb >= memory_plan.least_for_text_mb(0))
    room, left = (plan.picture_bytes + plan.file_bytes for plan in (plain, text))
    assert left < room if text.reads_text else left == room
    assert text.enough
