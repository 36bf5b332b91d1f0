"""Open files by POSIX, and by F_GETPATH of macOS."""

from __future__ import annotations

import errno
import fcntl
import os

READ_NOWAIT: int | None = None
_GET_PATH: int | None = getattr(fcntl, "F_GETPATH", None)  # macOS
_LONGEST_PATH = 1024  # its MAXPATHLEN
_PIECE = 2**20


def location_of(descriptor: int, opened_as: str) -> str:
    """Where an open file lies, by the system or else by its name. Raises OSError.

    A name counts where it leads to just this file: what was put in its place is refused.
    """
    if _GET_PATH is not None:
        found = fcntl.fcntl(descriptor, _GET_PATH, bytes(_LONGEST_PATH))
        return os.fsdecode(found.rstrip(b"\0"))
    real = os.path.realpath(opened_as, strict=True)
    if not os.path.samestat(os.lstat(real), os.fstat(descriptor)):
        raise FileNotFoundError(errno.ENOENT, "it was replaced while it was looked at", opened_as)
    return real


def folder_location(folder: str) -> str:
    """The same of a folder. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return location_of(descriptor, folder)
    finally:
        os.close(descriptor)


def reopening_path(descriptor: int) -> str:
    """A path that opens the same file once more, whatever has its name by now."""
    return f"/dev/fd/{descriptor}"


def reserve(descriptor: int, size: int) -> None:
    """Take so many bytes of the disk for an empty file. Raises OSError where it has not got them.

    Zeros are written: a file that was only made longer would have holes.
    """
    zeros = bytes(_PIECE)
    for start in range(0, size, _PIECE):
        piece = zeros[: size - start]
        written = os.pwrite(descriptor, piece, start)
        if written < len(piece):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_ahead(descriptor: int, offset: int, size: int) -> None:
    """Nothing: the system reads ahead as it likes."""


def drop_cached(descriptor: int) -> None:
    """No portable call does it: what was read before may come from memory."""
