"""The clean aperture of an AVIF: the part that is meant to be seen (ISO 14496-12, 12.1.4).

libavif tells of it and leaves cropping to its callers; Pillow does not crop.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from crispd.images.raw.cr3_boxes import IsoBox, boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    Area = tuple[int, int, int, int]

_MOST_ITEMS = 1000
_CLAP = struct.Struct(">IIIIiIiI")


def clean_aperture(data: bytes, size: tuple[int, int]) -> Area | None:
    """Left, upper, right and lower of what is to be seen of a picture of ``size`` as it is stored.

    None where that is all of it, or what the file says makes no sense.
    """
    for meta in boxes(data, 0, len(data)):
        if meta.kind == b"meta":
            inside = {box.kind: box for box in boxes(data, meta.start + 4, meta.stop)}
            for clap in _of_primary(data, inside):
                return _area(data, clap, size)
    return None


def _of_primary(data: bytes, inside: dict[bytes, IsoBox]) -> Iterator[IsoBox]:
    primary, properties = inside.get(b"pitm"), inside.get(b"iprp")
    if primary is None or properties is None:
        return
    wide = data[primary.start] if primary.start < primary.stop else 0
    item = int.from_bytes(data[primary.start + 4 : primary.start + (8 if wide else 6)], "big")
    parts = {box.kind: box for box in boxes(data, properties.start, properties.stop)}
    if b"ipco" not in parts or b"ipma" not in parts:
        return
    known = list(boxes(data, parts[b"ipco"].start, parts[b"ipco"].stop))
    for number in _associated(data[parts[b"ipma"].start : parts[b"ipma"].stop], item):
        if 1 <= number <= len(known) and known[number - 1].kind == b"clap":
            yield known[number - 1]


def _associated(ipma: bytes, item: int) -> Iterator[int]:
    """Numbers of the properties of an item, from 1."""
    wide, large = ipma[:1] > b"\0", bool(ipma[3:4] and ipma[3] & 1)
    at, count = 8, int.from_bytes(ipma[4:8], "big")
    for _ in range(min(count, _MOST_ITEMS)):
        ids = 4 if wide else 2
        found, links = int.from_bytes(ipma[at : at + ids], "big"), ipma[at + ids : at + ids + 1]
        at += ids + 1
        for _ in range(links[0] if links else 0):
            step = 2 if large else 1
            number = int.from_bytes(ipma[at : at + step], "big") & (0x7FFF if large else 0x7F)
            at += step
            if found == item:
                yield number


def _area(data: bytes, clap: IsoBox, size: tuple[int, int]) -> Area | None:
    if clap.stop - clap.start < _CLAP.size:
        return None
    numbers = _CLAP.unpack_from(data, clap.start)
    if not all(numbers[1::2]):
        return None
    wide, high, right, down = (
        above / below for above, below in zip(numbers[::2], numbers[1::2], strict=True)
    )
    left = round(right + (size[0] - wide) / 2)
    upper = round(down + (size[1] - high) / 2)
    area = (left, upper, left + round(wide), upper + round(high))
    fits = 0 <= left < area[2] <= size[0] and 0 <= upper < area[3] <= size[1]
    return area if fits and area != (0, 0, *size) else None
