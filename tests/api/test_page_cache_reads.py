"""Reading a file that is sent: in the loop from memory, in a thread from the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crispd.http import page_cache_reads
from crispd.http.page_cache_reads import PageCacheFile

CONTENT = bytes(range(256)) * 5000


async def whole(path: Path, start: int, piece: int, change: Callable[[Any], None]) -> bytes:
    with path.open("rb") as file:
        cached = PageCacheFile(file, asyncio.Semaphore(4), start)
        change(cached)
        parts = []
        while part := await cached.read(piece):
            assert len(part) == piece or start + sum(map(len, parts)) + len(part) == len(CONTENT)
            parts.append(part)
        return b"".join(parts)


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a hop to a thread")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.jpg"
    found.write_bytes(CONTENT)
    return found


@pytest.mark.parametrize(("start", "piece"), [(0, 65536), (7, 1000), (len(CONTENT) - 1, 10)])
def test_what_is_in_memory_needs_no_thread(
    path: Path, monkeypatch: pytest.MonkeyPatch, start: int, piece: int
) -> None:
    monkeypatch.setattr(page_cache_reads.anyio.to_thread, "run_sync", refuse)
    assert asyncio.run(whole(path, start, piece, lambda _: None)) == CONTENT[start:]


def without_nowait(cached: Any) -> None:
    cached._nowait = None


def nothing_in_memory(cached: Any) -> None:
    cached._at_once = lambda count: (b"", False)


def half_in_memory(cached: Any) -> None:
    at_once = cached._at_once
    cached._at_once = lambda count: (at_once(max(count // 2, 1))[0], False)


@pytest.mark.parametrize("change", [without_nowait, nothing_in_memory, half_in_memory])
def test_the_disk_is_read_in_threads(path: Path, change: Callable[[Any], None]) -> None:
    for start in (0, 12_345):
        assert asyncio.run(whole(path, start, 100_000, change)) == CONTENT[start:]


def test_others_have_their_turn(path: Path) -> None:
    """A client that takes everything at once does not get the whole file in one turn."""
    turns = 0

    async def run() -> None:
        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(count())
        await whole(path, 0, 65536, lambda _: None)
        other.cancel()

    asyncio.run(run())
    assert turns >= len(CONTENT) // 65536
