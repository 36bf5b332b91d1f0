"""The memory plan: how much memory there is, and the share of each part of the service.

Megabytes are 2**20 bytes. Figures without a source were measured with the pack ``mini``.
"""

from __future__ import annotations

import ctypes
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 2**20
_SHARE = 0.5  # of the memory present, where the settings name no limit
_MOST_MB = 2048
_BASE_MB = 230  # Python, libraries and models, with batches of one and small photos: 223
_FLOATS_MB = 90  # more where the words' model computes in float32
_BATCH_MB = 5  # more for every photo of a batch: 3 to 5
_A_VECTOR_BYTES = 1500  # in the graph and beside it
_LEAST_MB = 64  # for pictures: one of 5 megapixels in any format, or a JPEG of 24
_A_THREAD_MB = 48
_DATABASE_SHARE, _DATABASE_MOST_MB = 0.07, 128
_FILES_SHARE = 0.25
_BATCHES_SHARE = 0.05
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of glibc's mallopt


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """``limit_mb`` is the whole. ``picture_bytes`` and ``file_bytes`` are what pictures and files
    in hand may take together; a picture that needs more has both for itself. ``max_pixels`` and
    ``max_bytes`` are what one may be.

    ``enough`` is false where the limit is below what the service needs at all.
    """

    limit_mb: int
    decode_threads: int
    batch_size: int
    picture_bytes: int
    file_bytes: int
    max_pixels: int
    max_bytes: int
    database_mb: float
    enough: bool

    def __str__(self) -> str:
        return (
            f"{self.limit_mb} MB: {self.decode_threads} decoders, batches of {self.batch_size}, "
            f"{(self.picture_bytes + self.file_bytes) // MB} MB for photos in hand"
        )


def plan_memory(
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
    photos = int((left - database) * MB)
    files = int(photos * _FILES_SHARE)
    return MemoryPlan(
        limit_mb,
        threads,
        batch,
        photos - files,
        files,
        max_pixels,
        min(max_bytes, photos),
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


def trim() -> None:
    """Give back to the system what glibc keeps of freed small blocks; elsewhere nothing happens."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        return


def used_mb(status: Path = Path("/proc/self/statm")) -> float | None:
    """Resident memory of this process; None where it cannot be told."""
    try:
        return int(status.read_text().split()[1]) * resource.getpagesize() / MB
    except (OSError, ValueError, IndexError):
        return None
