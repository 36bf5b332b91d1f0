"""The kernel's inotify as it is, after inotify(7): one descriptor, a watch a folder."""

from __future__ import annotations

import ctypes
import os
import select
import struct
from typing import NamedTuple

MODIFIED, ATTRIBUTES, CLOSED = 0x2, 0x4, 0x8
MOVED_FROM, MOVED_TO = 0x40, 0x80
CREATED, DELETED, DELETED_SELF, MOVED_SELF = 0x100, 0x200, 0x400, 0x800
UNMOUNTED, OVERFLOW, IGNORED = 0x2000, 0x4000, 0x8000
IS_FOLDER = 0x40000000
_ONLY_FOLDERS, _NO_LINKS, _NOT_UNLINKED = 0x01000000, 0x02000000, 0x04000000
# Opened and closed-without-writing are left out: our own reading of every photo would answer them.
_WANTED = (
    MODIFIED | ATTRIBUTES | CLOSED | MOVED_FROM | MOVED_TO | CREATED | DELETED | DELETED_SELF
    | MOVED_SELF | _ONLY_FOLDERS | _NOT_UNLINKED
)  # fmt: skip
_HEADER = struct.Struct("iIII")
_BUFFER_BYTES = 256 * 1024


class RawEvent(NamedTuple):
    """``watch`` is a number that ``add`` gave, ``name`` of an entry of that folder, or empty."""

    watch: int
    mask: int
    cookie: int
    name: str


class Inotify:
    """Belongs to one thread, but for ``wake`` and ``close``. Raises OSError."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._checked(self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        self._woken, self._waker = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._poll = select.poll()
        for descriptor in (self._descriptor, self._woken):
            self._poll.register(descriptor, select.POLLIN)

    def add(self, folder: str, *, follow: bool = False) -> int:
        """Watch a folder; its number. One that is watched already keeps its number."""
        mask = _WANTED if follow else _WANTED | _NO_LINKS
        name = os.fsencode(folder)
        return self._checked(self._libc.inotify_add_watch(self._descriptor, name, mask))

    def remove(self, watch: int) -> None:
        """Watch no more; a number that is gone is ignored."""
        self._libc.inotify_rm_watch(self._descriptor, watch)

    def read(self, timeout: float) -> list[RawEvent]:
        """What happened, in order; empty after ``timeout`` seconds or when woken."""
        ready = {descriptor for descriptor, _ in self._poll.poll(timeout * 1000)}
        if self._descriptor not in ready:
            return []
        try:
            data = os.read(self._descriptor, _BUFFER_BYTES)
        except BlockingIOError:
            return []
        events, start = [], 0
        while start < len(data):
            watch, mask, cookie, length = _HEADER.unpack_from(data, start)
            start += _HEADER.size
            name = data[start : start + length].rstrip(b"\0")
            start += length
            events.append(RawEvent(watch, mask, cookie, os.fsdecode(name)))
        return events

    def wake(self) -> None:
        """End a ``read`` that waits, from another thread."""
        os.write(self._waker, b"!")

    def close(self) -> None:
        """Every watch goes with it."""
        for descriptor in (self._descriptor, self._woken, self._waker):
            os.close(descriptor)

    @staticmethod
    def _checked(result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
