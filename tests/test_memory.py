"""What fits a limit, and what there is."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.memory import A_PIXEL_BYTES, MB, MemoryPlan, Room, plan, present_mb

MAX_PIXELS, MAX_BYTES = 100_000_000, 512 * MB


def planned(limit_mb: int, vectors: int = 1000, threads: int = 4) -> MemoryPlan:
    return plan(
        limit_mb, vectors=vectors, decode_threads=threads, batch_size=8, max_pixels=MAX_PIXELS,
        max_bytes=MAX_BYTES,
    )  # fmt: skip


def test_a_large_machine_gets_what_the_settings_say() -> None:
    found = planned(2048)
    assert (found.decode_threads, found.batch_size, found.enough) == (4, 8, True)
    assert found.max_pixels > 90_000_000
    assert found.max_bytes > 350 * MB
    assert planned(4096).max_pixels == MAX_PIXELS
    assert planned(4096).max_bytes == MAX_BYTES


def test_a_small_machine_gets_less_of_everything() -> None:
    found = planned(512)
    assert found.max_pixels > 4032 * 3024  # what telephones make
    assert found.batch_size < 8
    assert planned(330).decode_threads < 4
    assert found.enough
    assert planned(256).enough is False
    assert planned(512, vectors=200_000).max_pixels < found.max_pixels


def test_models_in_float_take_room_from_pictures() -> None:
    plain, floats = (
        plan(512, vectors=0, decode_threads=2, batch_size=8, max_pixels=MAX_PIXELS,
             max_bytes=MAX_BYTES, floats=floats)
        for floats in (False, True)
    )  # fmt: skip
    assert floats.all_pixels * A_PIXEL_BYTES < plain.all_pixels * A_PIXEL_BYTES - 40 * MB


@given(st.integers(64, 8192), st.integers(0, 10**6), st.integers(1, 64))
def test_no_more_is_given_than_there_is(limit: int, vectors: int, threads: int) -> None:
    found = planned(limit, vectors, threads)
    assert 1 <= found.decode_threads <= threads
    assert 1 <= found.batch_size <= 8
    assert 0 < found.max_pixels <= found.all_pixels
    assert 0 < found.max_bytes <= found.all_bytes
    if found.enough:
        pictures = found.all_pixels * A_PIXEL_BYTES / MB
        assert pictures + found.all_bytes / MB + found.database_mb <= limit


def machine(tmp_path: Path, groups: str, **limits: str) -> float:
    """Present memory of a machine of 4 GB with these groups and limits."""
    proc, tree = tmp_path / "proc", tmp_path / "groups"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal:  4194304 kB\nMemFree: 1 kB\n")
    (proc / "self" / "cgroup").write_text(groups)
    for path, text in limits.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    return present_mb(proc, tree)


def test_memory_of_the_machine(tmp_path: Path) -> None:
    assert machine(tmp_path, "") == 4096


@pytest.mark.parametrize(
    ("groups", "limits"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": str(512 * MB)}),
        ("0::/on/the/host\n", {"memory.max": str(512 * MB)}),
        ("4:cpu:/x\n5:memory:/x\n", {"memory/x/memory.limit_in_bytes": str(512 * MB)}),
        ("5:memory:/x\n", {"memory/memory.limit_in_bytes": str(512 * MB)}),
    ],
)
def test_memory_of_a_container(tmp_path: Path, groups: str, limits: dict[str, str]) -> None:
    assert machine(tmp_path, groups, **limits) == 512


def test_no_limit_is_a_very_large_number(tmp_path: Path) -> None:
    limits = {"memory/x/memory.limit_in_bytes": "9223372036854771712"}
    assert machine(tmp_path, "5:memory:/x\n", **limits) == 4096


def test_large_pictures_take_turns() -> None:
    room, most, held, lock = Room(100), [0], [0], threading.Lock()

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
