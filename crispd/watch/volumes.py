"""Stable parts of file stamps, by kind of file system."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from crispd.platform.mounts import kinds_of_devices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crispd.types import FileStamp

# They keep no time of the last change and no numbers of files: both are made up at each mount.
_MADE_UP = frozenset({"vfat", "msdos", "exfat"})
# Numbers of files may be others after the next mount.
_NUMBERED_ANEW = frozenset({"cifs", "smb3", "smbfs", "9p", "overlay", "aufs"})
_READ_AGAIN_SECONDS = 10.0


class StableStamps:
    """Kinds of file systems by device number. Thread-safe."""

    def __init__(self, kinds: Callable[[], Mapping[int, str]] = kinds_of_devices) -> None:
        self._kinds = kinds
        self._lock = threading.Lock()
        self._known: Mapping[int, str] = {}
        self._read_at = float("-inf")

    def lasting(self, stamp: FileStamp) -> FileStamp:
        """The stamp as it is to be kept: None for what may be another next time."""
        kind = "" if stamp.device is None else self._kind(stamp.device)
        if kind in _MADE_UP:
            return replace(stamp, ctime_ns=None, inode=None, device=None)
        if kind in _NUMBERED_ANEW or kind.startswith("fuse"):
            return replace(stamp, inode=None, device=None)
        return replace(stamp, device=None)

    def _kind(self, device: int) -> str:
        with self._lock:
            unknown = device not in self._known  # of Btrfs and ZFS some numbers are in no table
            if unknown and time.monotonic() - self._read_at > _READ_AGAIN_SECONDS:
                self._known, self._read_at = self._kinds(), time.monotonic()
            return self._known.get(device, "")
