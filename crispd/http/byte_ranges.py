"""Range responses (RFC 9110, 14). Starlette reads the Range header and writes the head."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from fastapi.responses import FileResponse, Response
from starlette.datastructures import Headers

from crispd.http.problem_details import problem

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_CANNOT_BE_READ = "Range cannot be read; bytes=0-99 is the form expected."
_BEHIND_THE_END = "The range begins behind the end of the file; Content-Range says its length."
_PART = re.compile(r"bytes (\d+)-(\d+)/\d+")


class RangeResponse(FileResponse, ABC):
    """A response with ranges for content that starlette cannot send. Refusals are problems.

    A FileResponse opens a file by its name and reads each piece in a thread. What it answers to
    HEAD has the head that GET would get; the body behind that is made by ``part``.
    """

    # starlette wants Last-Modified for If-Range, also where no answer may say it
    dated = True

    @abstractmethod
    def part(self, start: int, stop: int) -> Response:
        """The bytes from ``start`` up to ``stop``, which is not in it; its head does not count."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it, a part of it, or a problem."""
        scope = without_invalid_range(scope)
        head = await self._head(scope, receive)
        headers = Headers(raw=head["headers"])
        if head["status"] in (400, 416):
            response = _refusal(head["status"], headers)
        elif headers["content-type"].startswith("multipart/byteranges"):
            return await super().__call__(scope, receive, send)
        else:
            found = _PART.fullmatch(headers.get("content-range", ""))
            first, last = found.groups() if found else (0, int(headers["content-length"]) - 1)
            is_head = scope["method"] == "HEAD"
            response = Response() if is_head else self.part(int(first), int(last) + 1)
            response.status_code, response.raw_headers = head["status"], head["headers"]
        return await response(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive) -> Message:
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await super().__call__({**scope, "method": "HEAD"}, receive, keep)
        head = sent[0]
        if not self.dated:
            head["headers"] = [pair for pair in head["headers"] if pair[0] != b"last-modified"]
        return head


class BytesResponse(RangeResponse):
    """A response with bytes in memory. ``headers`` has the ETag, and Last-Modified if it applies.

    A request for several ranges gets everything.
    """

    max_ranges = 1

    def __init__(self, data: bytes, media_type: str, headers: dict[str, str]) -> None:
        self._data = data
        self.dated = "Last-Modified" in headers
        plain = os.stat_result((0, 0, 0, 0, 0, 0, len(data), 0, 0, 0))
        super().__init__("", headers=headers, media_type=media_type, stat_result=plain)

    def part(self, start: int, stop: int) -> Response:
        """A copy of them."""
        return Response(self._data[start:stop])


def without_invalid_range(scope: Scope) -> Scope:
    """Without a Range that is to be ignored: of another unit than bytes, or not of a GET
    (RFC 9110, 14.2).
    """
    headers = scope["headers"]
    asked = [value.decode("latin-1") for name, value in headers if name == b"range"]
    if scope["method"] == "GET" and all(map(_has_bytes, asked)):
        return scope
    return {**scope, "headers": [pair for pair in headers if pair[0] != b"range"]}


def _has_bytes(header: str) -> bool:
    unit, equals, _ = header.partition("=")
    return not equals or unit.strip().lower() == "bytes"


def _refusal(status: int, headers: Headers) -> Response:
    if status == 416:
        length = {"Content-Range": headers["content-range"]}
        return problem(416, "Range Not Satisfiable", _BEHIND_THE_END, length)
    return problem(400, "Bad request", _CANNOT_BE_READ)
