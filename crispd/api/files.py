"""Originals as responses."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from fastapi.responses import FileResponse, JSONResponse

from crispd.api.cached_file import CachedFile
from crispd.api.problems import problem
from crispd.api.ranges import BEHIND_THE_END, CANNOT_BE_READ, has_bytes
from crispd.errors import NotFound, PhotoUnreadable
from crispd.images.read import open_inside

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from starlette.types import Message, Receive, Scope, Send

    from crispd.types import OriginalFile

# The first and the last second that HTTP and Python can both write as a date.
_FIRST, _LAST = 0, 253402300799


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


class RangeFileResponse(FileResponse):
    """A file with ranges, whose refusals are problems too: starlette writes them as plain text.

    Sent is the file that is open, whatever has its name by now; it is closed at the end.
    """

    chunk_size = 128 * 1024

    def __init__(self, file: BinaryIO, turns: asyncio.Semaphore, **options: Any) -> None:
        super().__init__(f"/proc/self/fd/{file.fileno()}", **options)
        self._file = file
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, a part of it, or a problem."""
        with self._file:
            await self._send(without_strange_range(scope), receive, send)

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[CachedFile]:  # type: ignore[override]
        """Where starlette would open the file once more, to read each piece in a thread."""
        yield CachedFile(self._file, self._turns)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused: list[Message] = []

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refused.append(message)
            if not refused:
                await send(message)

        await super().__call__(scope, receive, watched)
        if refused:
            await _refusal(refused[0])(scope, receive, send)


def without_strange_range(scope: Scope) -> Scope:
    """Without a Range that is to be ignored: of another unit than bytes, or not of a GET
    (RFC 9110, 14.2).
    """
    headers = scope["headers"]
    asked = [value.decode("latin-1") for name, value in headers if name == b"range"]
    if scope["method"] == "GET" and all(map(has_bytes, asked)):
        return scope
    return {**scope, "headers": [pair for pair in headers if pair[0] != b"range"]}


def _refusal(message: Message) -> JSONResponse:
    ranges = [value.decode() for name, value in message["headers"] if name == b"content-range"]
    if message["status"] == 416:
        return problem(416, "Range Not Satisfiable", BEHIND_THE_END, {"Content-Range": ranges[0]})
    return problem(400, "Bad request", CANNOT_BE_READ)
