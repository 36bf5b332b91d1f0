"""Two processes never write one data folder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import TYPE_CHECKING

from crispd.errors import StorageLocked, StorageReadOnly, StorageUnwritable
from crispd.store.data_dir.path_claim import PathClaim

if TYPE_CHECKING:
    from pathlib import Path

_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


class DataFolderLock:
    """Held from creation to ``close``; the kernel lets go of it when the process dies.

    ``was_left_open``: the last holder ended without ``close``, by a kill or a power cut, or said
    that its end is an ``unclean_shutdown``: the database may be damaged. Raises StorageLocked,
    StorageReadOnly, StorageUnwritable.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "crispd.lock"
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _refusal(folder, error) from error
        try:
            self._take()
            self._claim = PathClaim(folder)
        except BaseException:
            os.close(self._descriptor)
            raise
        self.unclean_shutdown = False
        self.was_left_open = os.fstat(self._descriptor).st_size > 0
        with contextlib.suppress(OSError):  # a full disk: the number is only for people
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def _take(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            raise StorageLocked(
                f"Another crispd (process {holder}) uses the data folder {self._folder}. "
                "Ask that one, stop it, or give another CRISPD_DATA_DIR."
            ) from error

    def check(self) -> None:
        """Raises StorageUnwritable where the folder is not there any more, or is another one."""
        try:
            there = os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except OSError:
            there = False
        if not there:
            raise StorageUnwritable(
                f"The data folder {self._folder} is gone, or another one is in its place: was it "
                "deleted, moved or unmounted? Nothing more is kept. Put it back and crispd goes "
                "on; or restart crispd, which begins with what is there then."
            )

    def close(self) -> None:
        """Let go. A second call does nothing."""
        if self._descriptor >= 0:
            if not self.unclean_shutdown:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1
            self._claim.close()


class ReadOnlyFolder:
    """In place of the lock where nothing can be written, so nothing has to be kept from others."""

    was_left_open = False
    unclean_shutdown = False

    def check(self) -> None:
        """Nothing can be lost."""

    def close(self) -> None:
        """Nothing is held."""


def _refusal(folder: Path, error: OSError) -> StorageUnwritable:
    if error.errno in _READ_ONLY:
        return StorageReadOnly(
            f"The data folder {folder} is read-only: it cannot be written by this user "
            f"({error.strerror}). Mount it writable, run crispd as the user that owns it, or give "
            "another CRISPD_DATA_DIR."
        )
    return StorageUnwritable(
        f"The data folder {folder} cannot be written: {error.strerror}. Run crispd as the "
        "user that owns it, or give another CRISPD_DATA_DIR."
    )
