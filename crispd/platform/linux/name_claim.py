"""A claim on a name: an abstract socket (unix(7)) that answers nobody. Linux only."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import struct

from crispd.platform.name_in_use import NameInUse

_PEER = struct.Struct("3i")  # process, user, group


class NameClaim:
    """Held as long as the process lives. Raises NameInUse; without abstract sockets, none is held.

    Claims are seen within one network namespace, and hold for one mount namespace: two containers
    may each have a ``/data``.
    """

    def __init__(self, key: bytes) -> None:
        name = _name(key)
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
                raise NameInUse(*_holder(name)) from None

    def close(self) -> None:
        """Let go. A second call does nothing."""
        if hasattr(self, "_socket"):
            self._socket.close()


def _name(key: bytes) -> str:
    try:
        space = os.readlink("/proc/self/ns/mnt")  # noqa: PTH115 - no file, a name
    except OSError:
        space = ""
    return f"\0crispd-{hashlib.blake2b(space.encode() + key, digest_size=16).hexdigest()}"


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
