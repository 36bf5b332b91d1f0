"""Memory of the machine and of this process, and the allocator."""

from __future__ import annotations

import sys

if sys.platform.startswith("linux"):
    from crispd.platform.linux.memory import (
        available_mb,
        give_back_freed,
        held_mb,
        limit_process,
        peak_mb,
        prefer_to_be_killed,
        present_mb,
        resident_mb,
        tame_allocator,
    )
else:
    from crispd.platform.portable.memory import (
        available_mb,
        give_back_freed,
        held_mb,
        limit_process,
        peak_mb,
        prefer_to_be_killed,
        present_mb,
        resident_mb,
        tame_allocator,
    )

__all__ = [
    "available_mb",
    "give_back_freed",
    "held_mb",
    "limit_process",
    "peak_mb",
    "prefer_to_be_killed",
    "present_mb",
    "resident_mb",
    "tame_allocator",
]
