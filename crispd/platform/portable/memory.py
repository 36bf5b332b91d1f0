"""Memory by sysconf(3) and getrusage(2). Allocators stay as they are."""

from __future__ import annotations

import os
import resource
import sys

_MB = 2**20


def present_mb() -> float | None:
    """Memory of the machine; None where it cannot be told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _MB
    except (OSError, ValueError):
        return None


def available_mb() -> float | None:
    """Not told."""
    return None


def resident_mb() -> float | None:
    """Not told: getrusage(2) knows the peak only."""
    return None


def held_mb() -> tuple[float, float]:
    """The most that this process has had; what of it is mapped files is not told."""
    return peak_mb(), 0.0


def peak_mb() -> float:
    """The most that this process has had. macOS counts it in bytes, others in KB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (_MB if sys.platform == "darwin" else 1024)


def tame_allocator() -> None:
    """Nothing."""


def give_back_freed() -> None:
    """Nothing."""


def prefer_to_be_killed() -> None:
    """Nothing."""


def limit_process(memory_bytes: int, seconds: int) -> None:
    """Nothing."""
