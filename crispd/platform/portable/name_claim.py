"""A claim on a name: a locked file in the folder for temporary files."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile

from crispd.platform.name_in_use import NameInUse

_LONGEST_NUMBER = 32


class NameClaim:
    """Held as long as the process lives. Raises NameInUse; where no file can be had, none is held.

    Users of their own folder for temporary files, as on macOS, see their own claims only.
    """

    def __init__(self, key: bytes) -> None:
        self._descriptor: int | None = None
        name = f"crispd-{os.geteuid()}-{hashlib.blake2b(key, digest_size=16).hexdigest()}.claim"
        path = os.path.join(tempfile.gettempdir(), name)  # noqa: PTH118 - names in any bytes
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
        except OSError:  # somebody else has put something there
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            self._descriptor = descriptor
        except BlockingIOError:
            holder = _process_in(descriptor), os.fstat(descriptor).st_uid
            os.close(descriptor)
            raise NameInUse(*holder) from None
        except OSError:  # a file system without locks, or full
            os.close(descriptor)

    def close(self) -> None:
        """Let go. A second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _process_in(descriptor: int) -> int | None:
    text = os.pread(descriptor, _LONGEST_NUMBER, 0)
    return int(text) if text.isdigit() else None
