"""The thumbnail cache on disk, by size and content; within a limit, and made again when missing.

``thumbnails/480px/ab/abcd….jpg``. Nothing else is written down: how much there is, is counted in
passing, two folders at every ``put``, so that neither a start nor a ``put`` walks all of it, and a
kill leaves nothing that could be wrong.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import TYPE_CHECKING

from crispd.thumbnails.cache_files import FOLDERS, CacheFolders, blocks, mebibytes
from crispd.types import CacheStats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

_MB = 2**20
# Where no budget is given: a 32 GB card keeps 60,000 photos in the two smaller sizes.
_SHARE, _MOST_BYTES = 0.1, 20 * 2**30
# Room on the disk that only the smallest size may use: more than indexing waits for.
_SPARE_BYTES, _SPARE_SHARE = 256 * _MB, 0.1
# What a larger size keeps of the budget before smaller ones give way, too.
_LEAST_SHARE = 0.1
_DOWN_TO = 0.98
_AHEAD_SHARE = 0.8
_COUNTED_AT_ONCE = 2
_LOOKED_AT = 64  # folders, for a fiftieth of the budget
# A read is noted once a day: a card is worn by writing.
_A_DAY = 86400.0


def budget_of(disk_bytes: int) -> int:
    """Bytes that thumbnails may take where the settings do not say; 0: of an unknown disk."""
    return int(min(disk_bytes * _SHARE, _MOST_BYTES)) or _MOST_BYTES


class ThumbnailCache:
    """JPEGs by content and size. Thread-safe. Nothing raises; what cannot be stored is dropped."""

    def __init__(self, folder: Path, sizes: Sequence[int], budget_mb: int = 0) -> None:
        """``sizes``: long sides, rising; ``budget_mb`` 0: a share of the disk."""
        self.sizes = tuple(sizes)
        self._folders = CacheFolders(folder)
        self._folders.adopt(self.sizes[0])
        self._given = budget_mb * _MB
        self._lock = threading.Lock()
        self._evicting = threading.Lock()
        self._totals: dict[tuple[int, str], int] = {}
        self._counted: set[str] = set()
        self._turn = 0
        self._failing = False
        self._hits = self._misses = 0

    # --- pictures -----------------------------------------------------------------------------

    def get(self, content_hash: str, size: int) -> bytes | None:
        """The smallest that is kept for pictures of ``size`` pixels or more."""
        fitting = (kept for kept in self.sizes if kept >= size)
        return next(filter(None, (self._read(content_hash, kept) for kept in fitting)), None)

    def has(self, content_hash: str, size: int) -> bool:
        """Whether one of this very size lies there, whole or not."""
        return self._folders.path(size, content_hash).exists()

    def has_room(self) -> bool:
        """Whether one may be kept that nobody has asked for: a fifth is left to those who do."""
        return self.used() < self.budget * _AHEAD_SHARE and self._room_on_disk() > 0

    def largest_below(self, content_hash: str, size: int) -> tuple[int, bytes] | None:
        """What is there where nothing else is: its size, and the JPEG."""
        for kept in reversed([kept for kept in self.sizes if kept < size]):
            data = self._read(content_hash, kept)
            if data is not None:
                return kept, data
        return None

    def put(self, content_hash: str, size: int, jpeg: bytes) -> None:
        """Keep a JPEG. A reader never sees half of it; a full disk costs a log line, no photo."""
        self._count_some()
        self._make_room(size, len(jpeg))
        if size != self.sizes[0] and self._room_on_disk() < len(jpeg):
            return
        try:
            before = self._folders.write(size, content_hash, jpeg)
        except OSError as error:
            # once, not for every photo: the log may lie on the same full disk
            level = logging.DEBUG if self._failing else logging.WARNING
            self._failing = True
            log.log(level, "thumbnails cannot be kept: %s", error)
            return
        self._failing = False
        self._add(size, content_hash[:2], blocks(len(jpeg)) - before)

    def _read(self, content_hash: str, size: int) -> bytes | None:
        path = self._folders.path(size, content_hash)
        try:
            with path.open("rb") as file:
                data, used = file.read(), os.fstat(file.fileno()).st_mtime
        except OSError:
            return None
        if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
            # a power cut: the name was on the disk before the bytes were
            with contextlib.suppress(OSError):
                path.unlink()
            self._add(size, content_hash[:2], -blocks(len(data)))
            return None
        if abs(time.time() - used) > _A_DAY:
            with contextlib.suppress(OSError):
                os.utime(path)
        return data

    def note(self, *, hit: bool) -> None:
        """Whether a picture came from here, as whoever asked for it knows."""
        with self._lock:
            self._hits += hit
            self._misses += not hit

    @property
    def use(self) -> CacheStats:
        """How many pictures came from here, and how many from originals."""
        with self._lock:
            return CacheStats(self._hits, self._misses)

    # --- how much there is --------------------------------------------------------------------

    @property
    def budget(self) -> int:
        """Bytes that may be kept."""
        return self._given or budget_of(self._folders.disk().whole)

    def used(self) -> int:
        """Bytes on the disk, judged by the folders that were counted: contents spread evenly."""
        while len(self._counted) < 4 * _COUNTED_AT_ONCE:
            self._count_some()
        with self._lock:
            return int(sum(self._totals.values()) * len(FOLDERS) / len(self._counted))

    def __str__(self) -> str:
        return f"{mebibytes(self.used())} of {mebibytes(self.budget)} MB"

    def _count_some(self) -> None:
        for _ in range(_COUNTED_AT_ONCE):
            with self._lock:
                if len(self._counted) == len(FOLDERS):
                    return
                name = FOLDERS[len(self._counted)]
                self._counted.add(name)
                # under the lock, so that no put is counted twice or not at all
                for size in self._folders.sizes():
                    self._totals[size, name] = sum(
                        kept.bytes for kept in self._folders.files(size, name)
                    )

    def _add(self, size: int, name: str, count: int) -> None:
        with self._lock:
            if name in self._counted:
                self._totals[size, name] = max(self._totals.get((size, name), 0) + count, 0)

    def _room_on_disk(self) -> int:
        disk = self._folders.disk()
        return disk.free - int(min(_SPARE_BYTES, _SPARE_SHARE * disk.whole))

    # --- making room --------------------------------------------------------------------------

    def _make_room(self, size: int, wanted: int) -> None:
        """Evict until ``wanted`` bytes fit the budget and the disk; only once all is counted."""
        if len(self._counted) < len(FOLDERS) or not self._evicting.acquire(blocking=False):
            return
        try:
            with self._lock:
                used = sum(self._totals.values())
            if used + wanted > self.budget:
                self._evict(used + wanted - int(self.budget * _DOWN_TO), self.sizes[0])
            short = wanted - self._room_on_disk()
            if short > 0:  # never the smallest: a disk that others fill is no reason to go blind
                self._evict(short, self.sizes[0] + 1)
        finally:
            self._evicting.release()

    def _evict(self, wanted: int, least: int) -> None:
        """Delete ``wanted`` bytes of sizes from ``least`` on."""
        while wanted > 0:
            size = self._next_to_go(least)
            freed = self._evict_some(size, wanted) if size is not None else 0
            if not freed:
                return
            wanted -= freed

    def _next_to_go(self, least: int) -> int | None:
        """A size nobody asks for; the largest with more than its least share; the largest."""
        with self._lock:
            sums: dict[int, int] = {}
            for (size, _), count in self._totals.items():
                sums[size] = sums.get(size, 0) + count
        spared = self.budget * _LEAST_SHARE
        known = [size for size in reversed(self.sizes) if size >= least]
        order = [size for size in sums if size not in self.sizes and sums[size]]
        order += [size for size in known if size != self.sizes[0] and sums.get(size, 0) > spared]
        order += [size for size in known if sums.get(size)]
        return next(iter(order), None)

    def _evict_some(self, size: int, wanted: int) -> int:
        """The least recently used of some folders of a size, at most a quarter of what they hold.

        The next time it is the turn of others: near enough to the oldest of all.
        """
        with self._lock:
            full = [
                name for kept, name in self._totals if kept == size and self._totals[kept, name]
            ]
            self._turn = self._turn % len(full) if full else 0
            full = (full[self._turn :] + full[: self._turn])[:_LOOKED_AT]
            self._turn += len(full)
        found = sorted(kept for name in full for kept in self._folders.files(size, name))
        freed = 0
        for kept in found[: len(found) // 4 + 1]:
            if freed >= wanted:
                break
            with contextlib.suppress(OSError):
                kept.path.unlink()
                freed += kept.bytes
        self._recount(size, full)
        return freed

    def _recount(self, size: int, names: list[str]) -> None:
        """By what is there now: somebody may have deleted files by hand."""
        with self._lock:
            for name in names:
                self._totals[size, name] = sum(
                    kept.bytes for kept in self._folders.files(size, name)
                )
