"""Boxes of Canon's CR3, an ISO base media file (https://github.com/lclevy/canon_cr3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BOXES = 256
# Boxes of which CR3 has those in it that matter.
_NOTES = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_TABLES = (b"mdia", b"minf", b"stbl")
_PREVIEW_HEAD, _THUMBNAIL_HEAD = 16, 16


@dataclass(frozen=True, slots=True)
class IsoBox:
    """A box: its content without its header."""

    kind: bytes
    start: int
    stop: int


def is_cr3(data: bytes) -> bool:
    """Whether the file begins as Canon's do."""
    return data[4:12] == b"ftypcrx "


def boxes(data: bytes, start: int, stop: int) -> Iterator[IsoBox]:
    """One after the other; ends where a size makes no sense."""
    for _ in range(_MOST_BOXES):
        if start + 8 > stop:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1 and start + 16 <= stop:
            [size] = struct.unpack_from(">Q", data, start + 8)
            head = 16
        elif size == 0:
            size = stop - start
        if size < head or start + size > stop:
            return
        yield IsoBox(kind, start + head, start + size)
        start += size


def notes_of(data: bytes) -> dict[bytes, IsoBox]:
    """Canon's boxes of the movie header: CMT1 (IFD0), CMT2 (EXIF), CMT4 (GPS), and the XMP."""
    found: dict[bytes, IsoBox] = {}
    for box in boxes(data, 0, len(data)):
        if box.kind == b"moov":
            for inner in _identified(data, box, _NOTES):
                found |= {note.kind: note for note in boxes(data, inner.start, inner.stop)}
        elif _is(data, box, _XMP):
            found[b"xmp"] = IsoBox(b"xmp", box.start + 16, box.stop)
    return found


def previews_in_boxes(data: bytes) -> Iterator[tuple[int, int]]:
    """(start, length) of what may be JPEGs: of the tracks, the preview, the thumbnail."""
    for box in boxes(data, 0, len(data)):
        if box.kind == b"moov":
            yield from _tracks(data, box)
            for inner in _identified(data, box, _NOTES):
                yield from _headed(data, inner.start, inner.stop, b"THMB", _THUMBNAIL_HEAD)
        elif _is(data, box, _PREVIEW):
            yield from _headed(data, box.start + 16 + 8, box.stop, b"PRVW", _PREVIEW_HEAD)


def _is(data: bytes, box: IsoBox, identity: bytes) -> bool:
    return box.kind == b"uuid" and data[box.start : min(box.start + 16, box.stop)] == identity


def _identified(data: bytes, parent: IsoBox, identity: bytes) -> Iterator[IsoBox]:
    for box in boxes(data, parent.start, parent.stop):
        if _is(data, box, identity):
            yield IsoBox(box.kind, box.start + 16, box.stop)


def _headed(
    data: bytes, start: int, stop: int, kind: bytes, head: int
) -> Iterator[tuple[int, int]]:
    """A box with some numbers, the length of a JPEG the last of them, and the JPEG."""
    for box in boxes(data, start, stop):
        if box.kind == kind and box.start + head <= box.stop:
            yield box.start + head, box.stop - box.start - head


def _tracks(data: bytes, movie: IsoBox) -> Iterator[tuple[int, int]]:
    """The first sample of each track: of CR3's four, one is a JPEG of the full size."""
    for track in boxes(data, movie.start, movie.stop):
        if track.kind != b"trak":
            continue
        inside = track
        for kind in _TABLES:
            inside = _child(data, inside, kind) or IsoBox(b"", 0, 0)
        sizes, places = _child(data, inside, b"stsz"), _child(data, inside, b"co64")
        if sizes and places and sizes.stop - sizes.start >= 12 and places.stop - places.start >= 16:
            _, size, count = struct.unpack_from(">III", data, sizes.start)
            if not size and count and sizes.stop - sizes.start >= 16:
                [size] = struct.unpack_from(">I", data, sizes.start + 12)
            [place] = struct.unpack_from(">Q", data, places.start + 8)
            yield place, size


def _child(data: bytes, parent: IsoBox, kind: bytes) -> IsoBox | None:
    return next((box for box in boxes(data, parent.start, parent.stop) if box.kind == kind), None)
