"""A claim on the path of a data folder, held as long as the process lives.

The lock in the folder goes with the folder: where that is deleted, moved or unmounted under a
running crispd, a second one finds an empty path and would begin anew beside the first.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from crispd.errors import StorageLocked
from crispd.platform.name_claim import NameClaim
from crispd.platform.name_in_use import NameInUse

if TYPE_CHECKING:
    from pathlib import Path


class PathClaim:
    """Raises StorageLocked where another crispd has it."""

    def __init__(self, folder: Path) -> None:
        self._claim: NameClaim | None = None
        try:
            self._claim = NameClaim(os.fsencode(os.path.realpath(folder)))
        except NameInUse as taken:
            _refuse(folder, taken)

    def close(self) -> None:
        """Let go. A second call does nothing."""
        if self._claim is not None:
            self._claim.close()


def _refuse(folder: Path, taken: NameInUse) -> None:
    """Whoever has the name is believed where it is somebody who could have the folder as well."""
    known = {0, os.geteuid()}
    with contextlib.suppress(OSError):
        known.add(folder.stat().st_uid)
    if taken.user is None or taken.user in known:
        raise StorageLocked(
            f"Another crispd (process {taken.process or 'unknown'}) was started on the data folder "
            f"{folder}, which was taken away under it or replaced. Stop that one first."
        )
