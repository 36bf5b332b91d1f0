"""Crash markers: files in decoding, recorded so that the next start finds what a crash was due to.

A file that was being decoded at the two last ends that were none is suspected: it is tried out in a
process of its own first. Once is no proof, since a power cut hits some file as well.
"""

from __future__ import annotations

import contextlib
import logging
import os
import struct
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

_SLOT = 8192  # a path has 4096 bytes at most
_MOST_SLOTS = 256


class CrashMarker:
    """Marks files in decoding. Thread-safe. Nothing is flushed: the kernel keeps what a dead
    process wrote.

    Where the folder cannot be written, nothing is kept and nobody suspected.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()
        self._descriptor = -1
        self.suspects: frozenset[str] = frozenset()
        before = folder / "decoding.before"
        with contextlib.suppress(OSError):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(folder / "decoding", flags, 0o600)
            last = _slots(os.pread(self._descriptor, _SLOT * _MOST_SLOTS, 0))
            earlier = set(before.read_bytes().split(b"\0")) if before.exists() else set()
            os.ftruncate(self._descriptor, 0)
            before.write_bytes(b"\0".join(sorted(last)))
            self.suspects = frozenset(os.fsdecode(path) for path in last & earlier if path)
        for path in self.suspects:
            log.warning("%r was being decoded at the two last crashes and is tried out first", path)

    @contextlib.contextmanager
    def decoding(self, path: str) -> Iterator[None]:
        """Held while the file at an absolute path is decoded."""
        with self._lock:
            slot = next(number for number in range(_MOST_SLOTS) if number not in self._taken)
            self._taken.add(slot)
        raw = os.fsencode(path)[: _SLOT - 4]
        self._write(slot, struct.pack("<I", len(raw)) + raw)
        try:
            yield
        finally:
            self._write(slot, bytes(4))
            with self._lock:
                self._taken.discard(slot)

    def close(self) -> None:
        """A clean end. What is being decoded even now does not come to an end, and stays noted."""
        with self._lock:
            if self._descriptor >= 0:
                if not self._taken:
                    with contextlib.suppress(OSError):
                        os.ftruncate(self._descriptor, 0)
                os.close(self._descriptor)
                self._descriptor = -1

    def _write(self, slot: int, data: bytes) -> None:
        with self._lock, contextlib.suppress(OSError):  # a full disk
            if self._descriptor >= 0:
                os.pwrite(self._descriptor, data, slot * _SLOT)


def _slots(data: bytes) -> set[bytes]:
    found = set()
    for at in range(0, len(data) - 3, _SLOT):
        [length] = struct.unpack_from("<I", data, at)
        if 0 < length <= _SLOT - 4:
            found.add(data[at + 4 : at + 4 + length])
    return found
