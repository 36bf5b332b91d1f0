"""Two processes never write one data folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from crispd.errors import StorageLocked, StorageUnwritable

if TYPE_CHECKING:
    from pathlib import Path


class DataFolderLock:
    """Held from creation to ``close``; the kernel lets go of it when the process dies.

    ``was_left_open``: the last holder ended without ``close``: it was killed, the power went, or it
    was ``suspicious`` of its database.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "crispd.lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StorageUnwritable(
                f"The data folder {folder} cannot be written: {error.strerror}. Run crispd as the "
                "user that owns it, or give another CRISPD_DATA_DIR."
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._descriptor)
            raise StorageLocked(
                f"Another crispd (process {holder}) uses the data folder {folder}. "
                "Ask that one, stop it, or give another CRISPD_DATA_DIR."
            ) from error
        self.suspicious = False
        self.was_left_open = os.fstat(self._descriptor).st_size > 0
        with contextlib.suppress(OSError):  # a full disk: the number is only for people
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        """Let go. A second call does nothing."""
        if self._descriptor >= 0:
            if not self.suspicious:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1
