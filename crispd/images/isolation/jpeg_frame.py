"""The frame header of a JPEG, and what libjpeg holds in memory for it."""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
_SCAN, _END = 0xDA, 0xD9
FRAMES = {*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_MOST_SEGMENTS = 10_000
_BLOCK = 8
_A_BLOCK_BYTES = 128  # 64 coefficients of 2 bytes


class _Frame(NamedTuple):
    progressive: bool
    width: int
    height: int
    sampling: tuple[tuple[int, int], ...]  # of each component, across and down


def coefficient_bytes(data: bytes) -> int:
    """Bytes of the coefficients that libjpeg holds of a whole picture; 0 where it goes by lines.

    It holds all of one that comes in several scans: progressive ones, and those whose components
    come one after the other. None is smaller for being decoded to an eighth.
    """
    frame, scanned = _headers(data)
    if frame is None or not frame.sampling:
        return 0
    if not frame.progressive and scanned == len(frame.sampling):
        return 0
    across = max(1, *(one for one, _ in frame.sampling))
    down = max(1, *(one for _, one in frame.sampling))
    columns = -(-frame.width // (_BLOCK * across))
    lines = -(-frame.height // (_BLOCK * down))
    return columns * lines * sum(x * y for x, y in frame.sampling) * _A_BLOCK_BYTES


def _headers(data: bytes) -> tuple[_Frame | None, int]:
    """The frame, and how many components the first scan has."""
    frame, at = None, 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.match(data, at, at + 64)
        if found is None:
            break
        start, kind = found.end(), data[found.end() - 1]
        if kind == _SCAN:
            return frame, (data[start + 2 : start + 3] or b"\0")[0]
        if kind == _END:
            break
        if kind in FRAMES:
            frame = _frame(data[start : start + 2 + 255 * 3 + 8], kind)
        at = start + max(int.from_bytes(data[start : start + 2], "big"), 2)
    return frame, 0


def _frame(body: bytes, kind: int) -> _Frame:
    height, width = int.from_bytes(body[3:5], "big"), int.from_bytes(body[5:7], "big")
    count = (body[7:8] or b"\0")[0]
    sampling = tuple((byte >> 4, byte & 15) for byte in body[9 : 8 + 3 * count : 3])
    return _Frame(kind in PROGRESSIVE, width, height, sampling)
