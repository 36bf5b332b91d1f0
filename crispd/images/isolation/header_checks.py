"""Header checks before decoding: what would fail, hang or fill the memory of a decoder.

Pillow reads the segments, chunks and blocks before a picture in Python and without an end; some it
strings together, one copy for each. Real photos are far below all of these numbers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crispd.errors import PhotoUnreadable, PhotoUnsupported
from crispd.images import bmp
from crispd.images.isolation.jpeg_frame import FRAMES, PROGRESSIVE
from crispd.images.isolation.pixel_limits import too_many_pixels
from crispd.images.raw.ifd import MOST_ENTRIES, block_at, first_offset, read_directory
from crispd.images.signatures import with_known_brand

if TYPE_CHECKING:
    from crispd.types import DecodeLimits

_MOST_SEGMENTS = 10_000
_MOST_CHUNKS = 200_000
_MOST_BLOCKS = 20_000
_MOST_SCANS = 100
_MOST_NUMBERS = 2**20
_MOST_FRACTIONS = 10_000
_EXIF = b"Exif\0\0"
_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
_SCAN, _END = 0xDA, 0xD9
_RARE_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF}
_TEXTS = {1, 2, 7}  # bytes and characters, which are kept as they are
_FRACTIONS = {5, 10}


def check_header(data: bytes, limits: DecodeLimits) -> bytes:
    """The bytes to decode: ``data``, or what is left of it without blocks that repeat.

    Raises PhotoUnreadable and PhotoTooLarge.
    """
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        _png(data)
    elif data.startswith((b"GIF87a", b"GIF89a")):
        too_many_pixels(_gif_pixels(data), limits)
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        too_many_pixels(_webp_pixels(data), limits)
    elif data[:4] in {b"II*\0", b"MM\0*"}:
        _tiff(data)
    elif data.startswith(b"BM"):
        return bmp.readable(data, limits)
    return with_known_brand(data)


def _crowded(what: str) -> PhotoUnreadable:
    return PhotoUnreadable(
        f"The file has more {what} than any photo, and is not decoded for that.", "damaged"
    )


def _rare_jpeg(kind: int, bits: int) -> None:
    """Raise PhotoUnsupported for a frame that decoders call broken, whole as it is."""
    if kind in _RARE_FRAMES or bits in {12, 16}:
        raise PhotoUnsupported(
            "This JPEG is lossless, hierarchical or of more than 8 bits, which hardly any program "
            "shows. Save it as an ordinary JPEG."
        )


def _jpeg(data: bytes) -> bytes:
    """Without EXIF after the first, which Pillow appends to it, copying all for each."""
    surplus: list[tuple[int, int]] = []
    seen_exif, components, progressive = False, 0, False
    at = 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.match(data, at, at + 64)
        if found is None:
            if data.startswith((b"\xff\xff", b"\xff\0"), at):  # Pillow goes on byte by byte
                raise _crowded("bytes between its segments")
            break  # no marker where one must be, as Pillow will say
        start, kind = found.end() - 2, data[found.end() - 1]
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if kind == _SCAN:
            if progressive or data[start + 4 : start + 5] != bytes((components,)):
                _count_scans(data, end)
            break
        if kind == _END or end < start + 4:
            break
        if kind in FRAMES:
            _rare_jpeg(kind, (data[start + 4 : start + 5] or b"\x08")[0])
            progressive = kind in PROGRESSIVE
            components = (data[start + 9 : start + 10] or b"\0")[0]
        if data.startswith(_EXIF, start + 4) and kind == 0xE1:
            if seen_exif:
                surplus.append((start, end))
            seen_exif = True
        at = end
    else:
        raise _crowded("segments")
    return _without(data, surplus) if surplus else data


def _count_scans(data: bytes, at: int) -> None:
    """Every scan goes through the whole picture, however few bytes it has."""
    scans = 1
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None or data[found.end() - 1] == _END:
            return
        scans += data[found.end() - 1] == _SCAN
        if scans > _MOST_SCANS:
            raise _crowded("scans")
        at = found.end() + max(int.from_bytes(data[found.end() : found.end() + 2], "big"), 2)
    raise _crowded("segments")


def _without(data: bytes, parts: list[tuple[int, int]]) -> bytes:
    starts = [0, *(end for _, end in parts)]
    ends = [*(start for start, _ in parts), len(data)]
    return b"".join(data[start:end] for start, end in zip(starts, ends, strict=True))


def without_texts(png: bytes) -> bytes:
    """A PNG without texts and profile, for one of those is larger than Pillow reads."""
    surplus, at = [], 8
    while at + 8 <= len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] in {b"tEXt", b"zTXt", b"iTXt", b"iCCP"}:
            surplus.append((at, end))
        at = end
    return _without(png, surplus)


def _png(data: bytes) -> None:
    at = 8
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data) or data[at + 4 : at + 8] == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    raise _crowded("chunks")


def _gif_pixels(data: bytes) -> int:
    """Of the screen or the first frame, whichever is larger: it may reach beyond the screen."""
    width, height = _little(data, 6), _little(data, 8)
    at = 13 + (3 << (data[10] & 7) + 1 if data[10:11] and data[10] & 0x80 else 0)
    for _ in range(_MOST_BLOCKS):
        kind = data[at : at + 1]
        if kind == b",":
            right = _little(data, at + 1) + _little(data, at + 5)
            bottom = _little(data, at + 3) + _little(data, at + 7)
            return max(width, right) * max(height, bottom)
        if kind == b"!":
            at += 2
        elif not kind or kind == b";":
            return width * height
        else:
            at += 1
            continue
        for _ in range(_MOST_BLOCKS):
            length = (data[at : at + 1] or b"\0")[0]
            at += 1 + length
            if not length:
                break
        else:
            raise _crowded("comments")
    raise _crowded("comments")


def _webp_pixels(data: bytes) -> int:
    """Of the canvas, which libwebp allocates when it opens a file (RFC 9649)."""
    kind = data[12:16]
    if kind == b"VP8X":
        return (_little(data, 24, 3) + 1) * (_little(data, 27, 3) + 1)
    if kind == b"VP8L":
        bits = _little(data, 21, 4)
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    return (_little(data, 26) & 0x3FFF) * (_little(data, 28) & 0x3FFF)


def _little(data: bytes, at: int, length: int = 2) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _tiff(data: bytes) -> None:
    """Numbers become objects of 30 bytes and more, fractions of 200."""
    block = block_at(data, 0)
    if block is None:
        return
    if (block.read("H", block.base + first_offset(block)) or (0,))[0] > MOST_ENTRIES:
        raise _crowded("tags")
    for entry in read_directory(block, first_offset(block)).entries.values():
        most = _MOST_FRACTIONS if entry.kind in _FRACTIONS else _MOST_NUMBERS
        if entry.kind not in _TEXTS and entry.count > most:
            raise _crowded("strips")
