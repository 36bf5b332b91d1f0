"""Reads of a file for sending: at once if the kernel has it in memory, else in a thread.

A thread for every piece is a hop there and back while the event loop holds the interpreter: with 64
downloads side by side each piece waited for its turn 150 times a file.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import anyio.to_thread

from crispd.platform.open_files import READ_NOWAIT, read_ahead

if TYPE_CHECKING:
    from typing import BinaryIO

# What a disk is asked for beyond the piece that is wanted, so that the next ones are in memory.
_AHEAD_BYTES = 4 * 2**20


class PageCacheFile:
    """Read in order, from byte ``offset`` on. Belongs to the event loop.

    ``turns``: of so many files a piece is read in one turn of the loop.
    """

    def __init__(self, file: BinaryIO, turns: asyncio.Semaphore, offset: int = 0) -> None:
        self._turns = turns
        self._descriptor = file.fileno()
        self._offset = offset
        self._nowait = READ_NOWAIT  # without it every piece is read in a thread

    async def read(self, count: int) -> bytes:
        """So many bytes, fewer at the end of the file only."""
        async with self._turns:
            # others have theirs: a fast client would be sent the whole file in one go, and with
            # many of them a search would wait for a piece of each
            await asyncio.sleep(0)
            data, whole = self._at_once(count)
        if not whole:
            left, place = count - len(data), self._offset + len(data)
            data += await anyio.to_thread.run_sync(self._slowly, left, place)
        self._offset += len(data)
        return data

    def _at_once(self, count: int) -> tuple[bytes, bool]:
        """What is in memory up to the first gap, and whether that is all up to the file's end."""
        buffer, got = memoryview(bytearray(count)), 0
        while self._nowait is not None and got < count:
            try:
                more = os.preadv(self._descriptor, [buffer[got:]], self._offset + got, self._nowait)
            except BlockingIOError:
                return bytes(buffer[:got]), False
            except OSError:  # a file system that cannot tell, such as NFS of old
                self._nowait = None
                break
            if not more:
                return bytes(buffer[:got]), True
            got += more
        return bytes(buffer[:got]), got == count

    def _slowly(self, count: int, offset: int) -> bytes:
        """Blocks."""
        parts, left = [], count
        while left and (part := os.pread(self._descriptor, left, offset)):
            parts.append(part)
            offset, left = offset + len(part), left - len(part)
        read_ahead(self._descriptor, offset, _AHEAD_BYTES)
        return b"".join(parts)
