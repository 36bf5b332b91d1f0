"""How much memory there is, and what each part of the service may have of it.

Megabytes are 2**20 bytes. Figures without a source were measured with the pack ``mini``.
"""

from __future__ import annotations

import ctypes
import resource
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MB = 2**20
_SHARE = 0.5  # of the memory present, where the settings name no limit
_MOST_MB = 2048
_BASE_MB = 260  # Python, libraries, models, and one photo at a time
_FLOATS_MB = 90  # more where the words' model computes in float32
_BATCH_MB = 9  # more for every photo of a batch
_A_VECTOR_BYTES = 1500  # in the graph and beside it
_LEAST_MB = 64  # for pictures: one of 5 megapixels, or of 12 that is a JPEG
_A_THREAD_MB = 48
_DATABASE_SHARE, _DATABASE_MOST_MB = 0.1, 128
_FILES_SHARE = 0.25
_BATCHES_SHARE = 0.15
# RGB is 4 bytes a pixel in Pillow; a turned or converted copy and the decoder's buffer come to it.
A_PIXEL_BYTES = 12
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of glibc's mallopt


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """``limit_mb`` is the whole. ``all_pixels`` and ``all_bytes`` are what pictures and files in
    hand may be together; ``max_pixels`` and ``max_bytes`` what one may be.

    ``enough`` is false where the limit is below what the service needs at all.
    """

    limit_mb: int
    decode_threads: int
    batch_size: int
    all_pixels: int
    all_bytes: int
    max_pixels: int
    max_bytes: int
    database_mb: float
    enough: bool

    def __str__(self) -> str:
        return (
            f"{self.limit_mb} MB: {self.decode_threads} decoders, batches of {self.batch_size}, "
            f"pictures up to {self.max_pixels / 1e6:.0f} megapixels and {self.max_bytes // MB} MB"
        )


def plan(
    limit_mb: int, *, vectors: int, decode_threads: int, batch_size: int, max_pixels: int,
    max_bytes: int, floats: bool = False,
) -> MemoryPlan:  # fmt: skip
    """What fits ``limit_mb``; the other values are the most that is wanted of each.

    ``floats``: every model is to compute in float32.
    """
    fixed = _BASE_MB + _FLOATS_MB * floats + vectors * _A_VECTOR_BYTES / MB
    left = limit_mb - fixed
    batch = max(1, min(batch_size, int(left * _BATCHES_SHARE / _BATCH_MB)))
    left -= batch * _BATCH_MB
    enough = left >= _LEAST_MB
    left = max(left, _LEAST_MB)
    database = min(left * _DATABASE_SHARE, _DATABASE_MOST_MB)
    threads = max(1, min(decode_threads, int((left - database) / _A_THREAD_MB)))
    files = int((left - database) * _FILES_SHARE * MB)
    pixels = int((left - database) * (1 - _FILES_SHARE) * MB / A_PIXEL_BYTES)
    return MemoryPlan(
        limit_mb,
        threads,
        batch,
        pixels,
        files,
        min(max_pixels, pixels),
        min(max_bytes, files),
        database,
        enough,
    )


def default_limit_mb() -> int:
    """Half of the memory of this machine or of this container, at most 2 GB."""
    return int(min(present_mb() * _SHARE, _MOST_MB))


def present_mb(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> float:
    """Memory that this process can have: of the machine, or of its control group if less."""
    found = [_total_mb(proc / "meminfo"), *_group_limits(proc / "self" / "cgroup", groups)]
    known = [value for value in found if value is not None]
    return min(known, default=float(_MOST_MB))


def _total_mb(meminfo: Path) -> float | None:
    try:
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemTotal:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _group_limits(table: Path, groups: Path) -> Iterator[float | None]:
    """Of every group above this process, of either version of control groups."""
    try:
        lines = table.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        number, _, rest = line.partition(":")
        kinds, _, path = rest.partition(":")
        if number == "0" and not kinds:
            base, name = groups, "memory.max"
        elif "memory" in kinds.split(","):
            base, name = groups / "memory", "memory.limit_in_bytes"
        else:
            continue
        folder = base / path.strip("/")
        # in a container the path is often that of the host, and its own limit lies at the top
        for each in (folder, *folder.parents):
            if each == base or base in each.parents:
                yield _limit_mb(each / name)


def _limit_mb(path: Path) -> float | None:
    try:
        return int(path.read_text()) / MB
    except (OSError, ValueError):  # no such group, or "max"
        return None


class Room:
    """Bytes or pixels that all decoders share: who needs more than is left waits. Thread-safe."""

    def __init__(self, whole: int) -> None:
        self._whole = whole
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[Callable[[int], None]]:
        """Held while one picture is in hand; what it gives takes a share, back at the end.

        A second call within a turn does not wait: two turns that wait for each other never end.
        """
        held = 0

        def take(count: int) -> None:
            nonlocal held
            wanted = min(count, self._whole)
            with self._changed:
                if not held:
                    self._changed.wait_for(lambda: self._taken + wanted <= self._whole)
                self._taken += wanted
                held += wanted

        try:
            yield take
        finally:
            with self._changed:
                self._taken -= held
                self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Files first, then pictures: in this order no two wait for each other."""

    files: Room
    pictures: Room


def rooms(found: MemoryPlan) -> Rooms:
    """Those of a plan."""
    return Rooms(Room(found.all_bytes), Room(found.all_pixels))


def tame_allocator() -> None:
    """Let glibc give large blocks back when they are freed; elsewhere nothing happens.

    Its threshold for that grows with every large block, and pictures are nothing else.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_MMAP_THRESHOLD, MB)
    mallopt(_ARENA_MAX, 4)


def used_mb(status: Path = Path("/proc/self/statm")) -> float | None:
    """Resident memory of this process; None where it cannot be told."""
    try:
        return int(status.read_text().split()[1]) * resource.getpagesize() / MB
    except (OSError, ValueError, IndexError):
        return None
