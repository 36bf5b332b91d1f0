"""Room on the disk of the data folder, so that indexing stops before SQLite has to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MB = 2**20
_RESERVE_BYTES = 64 * _MB
_RESERVE_SHARE = 0.05  # of small file systems, where 64 MB would be most of it
_ENOUGH = 1.5  # of the reserve, before work goes on, or it would start and stop all day


class FreeSpace:
    """Whether the disk is too full to index on. Each call looks at the disk; never raises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scarce = False

    def scarcity(self) -> str | None:
        """A sentence for people while there is too little room; None where there is enough."""
        try:
            found = os.statvfs(self._folder)
        except OSError:  # what is wrong with the folder shows where it is used
            return None
        free, whole = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        reserve = min(_RESERVE_BYTES, _RESERVE_SHARE * whole)
        self._scarce = free < reserve * (_ENOUGH if self._scarce else 1.0)
        if not self._scarce:
            return None
        return (
            f"Indexing waits for room on the disk: {free / _MB:.0f} MB are free for "
            f"{self._folder}, {reserve * _ENOUGH / _MB:.0f} MB are needed. It goes on by itself."
        )
