"""The cache of thumbnails: its budget, what goes first, and accidents."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crispd.thumbnails.cache import ThumbnailCache
from crispd.thumbnails.cache_files import CacheFolders, DiskSpace
from tests.properties import examples

SIZES = (320, 480, 1280)
_MB = 2**20


def jpeg(length: int) -> bytes:
    return b"\xff\xd8" + bytes(length - 4) + b"\xff\xd9"


def hashes(count: int) -> list[str]:
    chance = random.Random(3)
    return [f"{chance.getrandbits(256):064x}" for _ in range(count)]


def on_disk(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*.jpg"))


def counted(folder: Path, budget_mb: int = 1) -> ThumbnailCache:
    """A cache that has seen all of its folders."""
    cache = ThumbnailCache(folder, SIZES, budget_mb)
    for _ in range(128):
        cache.put("ff" * 32, 320, jpeg(100))
    return cache


def test_the_next_larger_one(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, SIZES)
    cache.put("ab" * 32, 480, jpeg(480))
    assert cache.get("ab" * 32, 100) == jpeg(480)
    assert cache.get("ab" * 32, 481) is None
    assert cache.largest_below("ab" * 32, 1280) == (480, jpeg(480))
    assert cache.largest_below("ab" * 32, 480) is None


def test_the_budget_holds_and_the_smallest_stay(tmp_path: Path) -> None:
    cache = counted(tmp_path)
    names = hashes(100)
    for name in names:
        cache.put(name, 320, jpeg(4000))
        cache.put(name, 480, jpeg(8000))
        cache.put(name, 1280, jpeg(40_000))
    assert on_disk(tmp_path) <= _MB
    assert cache.used() == on_disk(tmp_path)
    assert all(cache.get(name, 320) for name in names)
    assert len(list(tmp_path.glob("320px/*/*.jpg"))) == 101
    assert len(list(tmp_path.glob("480px/*/*.jpg"))) >= 40
    assert list(tmp_path.glob("1280px/*/*.jpg"))  # what somebody just looked at has some room


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = counted(tmp_path)
    old, new = hashes(40)[:20], hashes(40)[20:]
    for name in old + new:
        cache.put(name, 1280, jpeg(20_000))
        os.utime(tmp_path / "1280px" / name[:2] / f"{name}.jpg", (10**9, 10**9))
    for name in new:
        assert cache.get(name, 1280)
    for name in hashes(60)[40:]:
        cache.put(name, 1280, jpeg(20_000))
    left = {name: cache.get(name, 1280) is not None for name in old + new}
    assert sum(left[name] for name in new) > sum(left[name] for name in old) + 5


def test_reading_is_noted_once_a_day(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, SIZES)
    cache.put("ab" * 32, 320, jpeg(100))
    path = next(tmp_path.rglob("*.jpg"))
    for age, noted in ((3600, False), (200_000, True)):
        then = time.time() - age
        os.utime(path, (then, then))
        cache.get("ab" * 32, 320)
        assert (path.stat().st_mtime > then + 1) is noted


def test_a_put_does_not_walk_everything(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, SIZES)
    with mock.patch.object(CacheFolders, "files", autospec=True, return_value=iter(())) as listed:
        cache.put("ab" * 32, 320, jpeg(100))
        cache.put("ab" * 32, 320, jpeg(100))
        assert listed.call_count <= 4 * len(SIZES)
    full = counted(tmp_path)
    with mock.patch.object(CacheFolders, "files", autospec=True, return_value=iter(())) as listed:
        full.put("ab" * 32, 320, jpeg(100))
        assert listed.call_count == 0


@pytest.mark.parametrize("half", [b"", b"\xff\xd8\xff", bytes(4096), jpeg(5000)[:-1]])
def test_half_a_file_is_none(tmp_path: Path, half: bytes) -> None:
    cache = ThumbnailCache(tmp_path, SIZES)
    cache.put("ab" * 32, 320, jpeg(5000))
    path = next(tmp_path.rglob("*.jpg"))
    path.write_bytes(half)
    assert cache.get("ab" * 32, 320) is None
    assert not path.exists()


def test_what_a_kill_leaves_is_swept(tmp_path: Path) -> None:
    folder = tmp_path / "320px" / "ab"
    folder.mkdir(parents=True)
    (folder / f"{'ab' * 32}.jpg.1-0123abcd.part").write_bytes(bytes(100))
    cache = counted(tmp_path)
    assert list(tmp_path.rglob("*.part")) == []
    assert cache.used() == on_disk(tmp_path)


def test_what_was_kept_before_there_were_sizes(tmp_path: Path) -> None:
    (tmp_path / "64").mkdir()
    (tmp_path / "64" / f"{'64' * 32}.jpg").write_bytes(jpeg(77))
    assert ThumbnailCache(tmp_path, SIZES).get("64" * 32, 320) == jpeg(77)


def test_sizes_nobody_asks_for_any_more_go_first(tmp_path: Path) -> None:
    old = ThumbnailCache(tmp_path, (200, 480))
    for name in hashes(30):
        old.put(name, 200, jpeg(16_000))
    cache = counted(tmp_path)
    for name in hashes(120)[30:]:
        cache.put(name, 320, jpeg(8000))
    assert all(cache.get(name, 320) for name in hashes(120)[30:])
    assert len(list(tmp_path.glob("200px/*/*.jpg"))) < 30
    assert on_disk(tmp_path) <= _MB


def test_a_disk_that_others_fill(tmp_path: Path) -> None:
    cache = counted(tmp_path, 100)
    for name in hashes(40):
        cache.put(name, 320, jpeg(4000))
        cache.put(name, 480, jpeg(4000))
    with mock.patch.object(CacheFolders, "disk", return_value=DiskSpace(32 * 2**30, 100 * _MB)):
        cache.put("ab" * 32, 480, jpeg(4000))
        cache.put("ab" * 32, 320, jpeg(4000))
    assert cache.get("ab" * 32, 480) is None
    assert list(tmp_path.glob("480px/*/*.jpg")) == []
    assert len(list(tmp_path.glob("320px/*/*.jpg"))) == 42


def test_a_budget_of_the_disk(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path, SIZES)
    with mock.patch.object(CacheFolders, "disk", return_value=DiskSpace(30 * 2**30, 2**30)):
        assert cache.budget == 3 * 2**30
    with mock.patch.object(CacheFolders, "disk", return_value=DiskSpace(2**40, 2**30)):
        assert cache.budget == 20 * 2**30
    assert ThumbnailCache(tmp_path, SIZES, 5).budget == 5 * _MB


def test_files_deleted_by_hand(tmp_path: Path) -> None:
    cache = counted(tmp_path)
    for name in hashes(50):
        cache.put(name, 1280, jpeg(16_000))
    for path in tmp_path.glob("1280px/*/*.jpg"):
        path.unlink()
    for name in hashes(100):
        cache.put(name, 1280, jpeg(16_000))
    assert on_disk(tmp_path) <= _MB
    assert len(list(tmp_path.glob("1280px/*/*.jpg"))) > 20


def test_many_at_once(tmp_path: Path) -> None:
    cache = counted(tmp_path)

    def work(number: int) -> None:
        for name in hashes(60):
            cache.put(name, SIZES[number % 3], jpeg(16_000))
            cache.get(name, 320)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(tmp_path.rglob("*.part")) == []
    cache.put("ab" * 32, 320, jpeg(100))
    assert on_disk(tmp_path) <= _MB * 1.05


@settings(max_examples=examples(40))
@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from(SIZES), st.integers(4, 60_000))),
)
def test_any_order_of_puts(
    tmp_path_factory: pytest.TempPathFactory, puts: list[tuple[int, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache, names = counted(folder), hashes(31)
    for number, size, length in puts:
        cache.put(names[number], size, jpeg(length))
        assert cache.get(names[number], size) is not None  # what was just put is not what goes
    assert cache.used() == on_disk(folder)
    assert on_disk(folder) <= _MB
