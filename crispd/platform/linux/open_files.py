"""Open files by /proc and calls of Linux. Linux only."""

from __future__ import annotations

import contextlib
import os

# For preadv: bytes that are in memory, or BlockingIOError.
READ_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)


def location_of(descriptor: int, opened_as: str) -> str:
    """Where the kernel says an open file lies. Raises OSError."""
    return os.readlink(reopening_path(descriptor))  # noqa: PTH115 - names in any bytes


def folder_location(folder: str) -> str:
    """The same of a folder that need not be readable. Raises OSError."""
    descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        return location_of(descriptor, folder)
    finally:
        os.close(descriptor)


def reopening_path(descriptor: int) -> str:
    """A path that opens the same file once more, whatever has its name by now."""
    return f"/proc/self/fd/{descriptor}"


def reserve(descriptor: int, size: int) -> None:
    """Take so many bytes of the disk for a file. Raises OSError where it has not got them."""
    os.posix_fallocate(descriptor, 0, size)


def read_ahead(descriptor: int, offset: int, size: int) -> None:
    """Ask for bytes that will be read soon; never raises."""
    with contextlib.suppress(OSError):
        os.posix_fadvise(descriptor, offset, size, os.POSIX_FADV_WILLNEED)


def drop_cached(descriptor: int) -> None:
    """Let the disk be read next, and not the memory that holds what was read of a file before."""
    with contextlib.suppress(OSError):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
