"""A part of what is held in memory (RFC 9110, 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.responses import Response

from crispd.api.problems import problem

if TYPE_CHECKING:
    from fastapi import Request

_ONE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)
_MANY = re.compile(r"bytes=[\d,\s-]*,[\d,\s-]*", re.IGNORECASE)
CANNOT_BE_READ = "Range cannot be read; bytes=0-99 is the form expected."
BEHIND_THE_END = "The range begins behind the end of the file; Content-Range says its length."


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from ``start`` up to ``stop``, which is not in it; empty where none can be had."""

    start: int
    stop: int


def has_bytes(header: str) -> bool:
    """Whether a Range header counts in bytes, or is none at all; other units are ignored."""
    unit, equals, _ = header.partition("=")
    return not equals or unit.strip().lower() == "bytes"


def part_of(header: str, length: int) -> Part | None:
    """What a Range header asks of ``length`` bytes; None for all of them, as several ranges get,
    and ranges of another unit.

    Raises ValueError where it cannot be read.
    """
    if not has_bytes(header):
        return None
    found = _ONE.fullmatch(header)
    if found is None:
        if _MANY.fullmatch(header):
            return None
        raise ValueError(header)
    first, last = found.groups()
    if not first:
        if not last:
            raise ValueError(header)
        return Part(max(length - int(last), 0), length)
    if last and int(last) < int(first):
        raise ValueError(header)
    return Part(int(first), min(int(last) + 1, length) if last else length)


def bytes_response(
    request: Request, data: bytes, media_type: str, headers: dict[str, str]
) -> Response:
    """All of ``data``, or the part that is asked for. ``headers`` has the ETag."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    asked, only_if = request.headers.get("range"), request.headers.get("if-range")
    known = {headers["ETag"], headers.get("Last-Modified")}
    if asked is None or request.method != "GET" or (only_if is not None and only_if not in known):
        return Response(data, headers=headers, media_type=media_type)
    try:
        part = part_of(asked, len(data))
    except ValueError:
        return problem(400, "Bad request", CANNOT_BE_READ)
    if part is None:
        return Response(data, headers=headers, media_type=media_type)
    if part.start >= part.stop:
        unsatisfied = {"Content-Range": f"bytes */{len(data)}"}
        return problem(416, "Range Not Satisfiable", BEHIND_THE_END, unsatisfied)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return Response(data[part.start : part.stop], 206, headers, media_type=media_type)
