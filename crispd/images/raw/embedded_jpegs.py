"""JPEGs embedded in other files: presence, size and end (ITU T.81)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN, _END = b"\xff\xd8\xff", b"\xff\xd9"
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: what every decoder reads
_SCAN = 0xDA
_BARE = {0x01, 0xFF, *range(0xD0, 0xD8)}
# Lossless frames hold raw pixels; arithmetic and hierarchical ones nobody writes.
_OTHERS = {0xC3, 0xC5, 0xC6, 0xC7, *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xD8, 0xD9}
_MOST_SEGMENTS = 256
_MOST_FOUND = 2000
_MOST_KEPT = 8
LONGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A JPEG from ``start`` to before ``stop``, with its size in pixels."""

    start: int
    stop: int
    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Of the whole picture."""
        return self.width * self.height


def jpeg_at(data: bytes, start: int, length: int) -> Jpeg | None:
    """A JPEG that a directory says is there, if it is one of 8 bits with a picture in it."""
    stop = start + min(length, LONGEST)
    if start < 0 or length <= 0 or start + length > len(data):
        return None
    found = _header(data, start, stop)
    return None if found is None else Jpeg(start, stop, *found[:2])


def search(data: bytes) -> list[Jpeg]:
    """The largest JPEGs found by their marks anywhere, of the first two thousand marks."""
    largest = heapq.nlargest(_MOST_KEPT, _begun(data), key=lambda jpeg: jpeg.pixels)
    ended = (_ended(data, jpeg) for jpeg in largest)
    return [jpeg for jpeg in ended if jpeg is not None]


def _begun(data: bytes) -> Iterator[Jpeg]:
    """``stop`` is where the picture begins, behind the headers."""
    start = data.find(_BEGIN)
    for _ in range(_MOST_FOUND):
        if start < 0:
            return
        found = _header(data, start, min(len(data), start + LONGEST))
        if found is not None:
            width, height, picture = found
            yield Jpeg(start, picture, width, height)
        start = data.find(_BEGIN, start + 1)


def _ended(data: bytes, jpeg: Jpeg) -> Jpeg | None:
    end = data.find(_END, jpeg.stop, jpeg.start + LONGEST)
    return None if end < 0 else Jpeg(jpeg.start, end + 2, jpeg.width, jpeg.height)


def _header(data: bytes, start: int, stop: int) -> tuple[int, int, int] | None:
    """Width, height and where the first scan begins; None where this is no picture."""
    if data[start : start + 3] != _BEGIN:
        return None
    at, size = start + 2, (0, 0)
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > stop or data[at] != 0xFF or data[at + 1] in _OTHERS:
            return None
        kind = data[at + 1]
        if kind in _BARE:
            at += 1 if kind == 0xFF else 2
            continue
        if kind == _SCAN:
            return (*size, at) if min(size) > 0 else None
        if kind in _FRAMES:
            frame = data[at + 4 : at + 10]
            if len(frame) < 6 or frame[0] != 8:
                return None
            size = (int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big"))
        at += 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
    return None
