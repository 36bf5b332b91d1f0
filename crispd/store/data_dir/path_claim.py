"""A claim on the path of a data folder, held as long as the process lives.

The lock in the folder goes with the folder: where that is deleted, moved or unmounted under a
running crispd, a second one finds an empty path and would begin anew beside the first. The claim is
a name in the kernel, of an abstract socket (unix(7)) that nobody is answered on.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import socket
import struct
from typing import TYPE_CHECKING

from crispd.errors import StorageLocked

if TYPE_CHECKING:
    from pathlib import Path

_PEER = struct.Struct("3i")  # process, user, group


class PathClaim:
    """Raises StorageLocked where another crispd has it. Where the kernel has no such names, none.

    Claims are seen within one network namespace, and hold for one mount namespace: two containers
    may each have a ``/data``.
    """

    def __init__(self, folder: Path) -> None:
        name = _name(folder)
        try:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        except OSError:  # not allowed here
            return
        try:
            self._socket.bind(name)
            self._socket.listen()
        except OSError as error:
            self._socket.close()
            if error.errno == errno.EADDRINUSE:
                _refuse(folder, name)

    def close(self) -> None:
        """Let go. A second call does nothing."""
        if hasattr(self, "_socket"):
            self._socket.close()


def _name(folder: Path) -> str:
    try:
        space = os.readlink("/proc/self/ns/mnt")  # noqa: PTH115 - no file, a name
    except OSError:
        space = ""
    path = os.fsencode(os.path.realpath(folder))
    return f"\0crispd-{hashlib.blake2b(space.encode() + path, digest_size=16).hexdigest()}"


def _refuse(folder: Path, name: str) -> None:
    """Whoever has the name is believed where it is somebody who could have the folder as well."""
    process, user = _holder(name)
    known = {0, os.geteuid()}
    with contextlib.suppress(OSError):
        known.add(folder.stat().st_uid)
    if user is None or user in known:
        raise StorageLocked(
            f"Another crispd (process {process or 'unknown'}) was started on the data folder "
            f"{folder}, which was taken away under it or replaced. Stop that one first."
        )


def _holder(name: str) -> tuple[int | None, int | None]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(name)
            raw = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        except OSError:
            return None, None
    process, user, _ = _PEER.unpack(raw)
    return process, user
