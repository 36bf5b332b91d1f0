"""Reading of originals: read-only, and whole or not at all."""

from __future__ import annotations

import errno
import os
import stat

import blake3

from crispd.errors import (
    PhotoError,
    PhotoTooLarge,
    PhotoUnreadable,
    PhotoUnsupported,
    PhotoVanished,
)
from crispd.platform.open_files import folder_location, location_of
from crispd.types import DecodeLimits, FileStamp

# O_NONBLOCK: opening a pipe that someone named .jpg must not wait for a writer.
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def read_file(path: str, limits: DecodeLimits, root: str | None = None) -> tuple[bytes, FileStamp]:
    """The bytes of a regular file and the stamp it had before and after. Raises PhotoError.

    ``root``: the folder that no link on the way may lead out of.
    """
    try:
        descriptor = os.open(path, _FLAGS) if root is None else open_inside(path, root)
    except OSError as error:
        raise _refusal(error) from error
    try:
        return _read(descriptor, limits)
    except OSError as error:
        raise _refusal(error) from error
    finally:
        os.close(descriptor)


def read_head(path: str, most: int, root: str) -> bytes:
    """The first bytes of a regular file; none where it cannot be read."""
    try:
        descriptor = open_inside(path, root)
    except OSError:
        return b""
    try:
        with os.fdopen(descriptor, "rb") as file:
            return file.read(most) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except OSError:
        return b""


def open_inside(path: str, root: str) -> int:
    """A descriptor to read a file, which the caller closes. Raises OSError.

    The system is asked where the opened file lies: whatever links say before and after, nothing
    out of the root is read.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        if not location_of(descriptor, path).startswith(folder_location(root).rstrip("/") + "/"):
            raise FileNotFoundError(errno.ENOENT, "it lies out of its folder", path)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def content_hash(data: bytes) -> str:
    """BLAKE3 of a file's bytes as 64 hexadecimal digits."""
    return blake3.blake3(data).hexdigest()


def _read(descriptor: int, limits: DecodeLimits) -> tuple[bytes, FileStamp]:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise PhotoUnsupported("This is not a file but a folder, a pipe or a device.")
    if status.st_size == 0:
        raise PhotoUnreadable("The file is empty. Copy it again from its source.", "empty")
    if status.st_size > limits.max_bytes:
        raise PhotoTooLarge(
            f"The file has {status.st_size // 2**20} MB, more than the {limits.max_bytes // 2**20} "
            "MB that max_file_mb and memory_limit_mb allow."
        )
    with os.fdopen(os.dup(descriptor), "rb") as file:
        data = file.read(status.st_size + 1)
    after = os.fstat(descriptor)
    stamp = FileStamp.of(after)
    if FileStamp.of(status) != stamp or len(data) != after.st_size:
        raise PhotoVanished("The file changed while it was read.")
    return data, stamp


def _refusal(error: OSError) -> PhotoError:
    if isinstance(error, FileNotFoundError):
        return PhotoVanished("The file is gone.")
    if isinstance(error, PermissionError):
        return PhotoUnreadable(
            "crispd is not allowed to read this file. Give its user read permission.", "permission"
        )
    return PhotoUnreadable(
        f"The drive could not deliver this file: {error.strerror or error}.", "io"
    )
