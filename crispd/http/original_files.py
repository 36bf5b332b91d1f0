"""Originals as responses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO

from fastapi.responses import Response, StreamingResponse

from crispd.errors import NotFound, PhotoUnreadable
from crispd.http.byte_ranges import RangeResponse
from crispd.http.page_cache_reads import PageCacheFile
from crispd.images.read import open_inside
from crispd.platform.open_files import reopening_path

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from crispd.types import OriginalFile

# The first and the last second that HTTP and Python can both write as a date.
_FIRST, _LAST = 0, 253402300799

_PIECE_BYTES = 128 * 1024


def open_original(original: OriginalFile) -> BinaryIO:
    """What lies there now. Raises NotFound or PhotoUnreadable, before a byte is answered."""
    try:
        return os.fdopen(open_inside(original.path, original.root), "rb")
    except FileNotFoundError as error:
        raise NotFound("The file of this photo is gone.") from error
    except OSError as error:
        raise PhotoUnreadable(f"The file cannot be read: {error.strerror}.") from error


def stat_of(file: BinaryIO) -> os.stat_result:
    """With a time that can be written as a date."""
    found = os.fstat(file.fileno())
    return os.stat_result((*found[:8], seconds(found.st_mtime_ns), found[9]))


def unchanged(original: OriginalFile, found: os.stat_result) -> bool:
    """Whether it is still the file that was indexed, as far as its stamp tells."""
    stamp = original.stamp
    return (stamp.size, seconds(stamp.mtime_ns)) == (found.st_size, found.st_mtime)


def seconds(mtime_ns: int) -> int:
    """Whole seconds since 1970, within what can be written as a date."""
    return min(max(mtime_ns // 1_000_000_000, _FIRST), _LAST)


class OriginalResponse(RangeResponse):
    """Sends the file that is open, whatever has its name by now, and closes it.

    ``turns``: of so many files a piece is read in one turn of the loop. Several ranges at once are
    read by starlette.
    """

    def __init__(self, file: BinaryIO, turns: asyncio.Semaphore, **options: Any) -> None:
        super().__init__(reopening_path(file.fileno()), **options)
        self._file = file
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, a part of it, or a problem."""
        with self._file:
            await super().__call__(scope, receive, send)

    def part(self, start: int, stop: int) -> Response:
        """From the page cache or the disk, piece by piece."""
        return StreamingResponse(self._pieces(start, stop))

    async def _pieces(self, start: int, stop: int) -> AsyncIterator[bytes]:
        cached = PageCacheFile(self._file, self._turns, start)
        while start < stop and (piece := await cached.read(min(_PIECE_BYTES, stop - start))):
            yield piece
            start += len(piece)
