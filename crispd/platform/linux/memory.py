"""Memory by /proc and control groups, and glibc's allocator. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import resource
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MB = 2**20
_MEMINFO = Path("/proc/meminfo")
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of glibc's mallopt


def present_mb(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> float | None:
    """Memory that this process can have: of the machine, or of its control group if less."""
    found = [
        _line_mb(proc / "meminfo", "MemTotal"),
        *_group_limits(proc / "self" / "cgroup", groups),
    ]
    return min((value for value in found if value is not None), default=None)


def available_mb(meminfo: Path = _MEMINFO) -> float | None:
    """What programs may still take; None where it cannot be told."""
    return _line_mb(meminfo, "MemAvailable")


def resident_mb(status: Path = Path("/proc/self/statm")) -> float | None:
    """Memory of this process; None where it cannot be told."""
    try:
        return int(status.read_text().split()[1]) * resource.getpagesize() / _MB
    except (OSError, ValueError, IndexError):
        return None


def held_mb(status: Path = Path("/proc/self/status")) -> tuple[float, float]:
    """Resident memory of this process: its own, and of mapped files."""
    lines = status.read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    return kilobytes["RssAnon"] / 1024, (kilobytes["RssFile"] + kilobytes["RssShmem"]) / 1024


def peak_mb() -> float:
    """The most that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tame_allocator() -> None:
    """Let glibc give large blocks back when they are freed; with another libc nothing happens.

    Its threshold for that grows with every large block, and pictures are nothing else.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_MMAP_THRESHOLD, _MB)
    mallopt(_ARENA_MAX, 4)


def give_back_freed() -> None:
    """Give back to the system what glibc keeps of freed small blocks."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        return


def prefer_to_be_killed() -> None:
    """Where memory runs out, this process may go first."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def limit_process(memory_bytes: int, seconds: int) -> None:
    """This process may map so much and compute so long; beyond, it fails or is ended."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _line_mb(meminfo: Path, name: str) -> float | None:
    try:
        for line in meminfo.read_text().splitlines():
            if line.startswith(f"{name}:"):
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
        return int(path.read_text()) / _MB
    except (OSError, ValueError):  # no such group, or "max"
        return None
