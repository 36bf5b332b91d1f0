"""BMP of kinds that Pillow does not read, rewritten as one that it does.

After Microsoft's description of BITMAPINFOHEADER and its successors, and IBM's of OS/2's headers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crispd.images.isolation.pixel_limits import too_many_pixels

if TYPE_CHECKING:
    from crispd.types import DecodeLimits

_FILE_HEADER = 14
_WHOLE_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_OS2_LONGEST = 64
_FIELDS, _RLE24, _PNG, _ALPHA_FIELDS = 3, 4, 5, 6
_PIXELS_AT_ONCE = 2**20
_PLAIN_FIELDS = {
    16: {(0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F)},
    32: {(0xFF0000, 0xFF00, 0xFF), (0xFF000000, 0xFF0000, 0xFF00), (0xFF, 0xFF00, 0xFF0000)},
}


@dataclass(frozen=True, slots=True)
class _Header:
    """``start``: of the pixels; ``stride``: bytes a row; ``down``: the first row is the upper."""

    size: int
    start: int
    width: int
    height: int
    down: bool
    bits: int
    compression: int

    @property
    def stride(self) -> int:
        return (self.width * self.bits + 31) // 32 * 4


def readable(data: bytes, limits: DecodeLimits) -> bytes:
    """The file as it is, or as one of a common kind. Raises PhotoTooLarge."""
    header = _header(data)
    if header is None:
        return data
    os2 = header.size == _OS2_LONGEST or header.size not in _WHOLE_HEADERS
    if header.compression in {_RLE24, _PNG} and not os2:
        return _embedded(data, header)
    if os2 and header.compression == _RLE24:
        too_many_pixels(header.width * header.height, limits)
        return _written(header, _run_lengths(data, header))
    if header.compression in {_FIELDS, _ALPHA_FIELDS} and header.bits in _PLAIN_FIELDS:
        fields = struct.unpack_from("<III", data, _FILE_HEADER + 40)
        if fields in _PLAIN_FIELDS[header.bits] and header.compression == _FIELDS:
            return data
        too_many_pixels(header.width * header.height, limits)
        return _written(header, _by_fields(data, header, fields))
    if header.bits == 2 and not header.compression:
        too_many_pixels(header.width * header.height, limits)
        return _written(header, _by_palette(data, header))
    return data if header.size in _WHOLE_HEADERS else _with_whole_header(data, header)


def _header(data: bytes) -> _Header | None:
    """None where it makes no sense, or is one that everybody reads."""
    if len(data) < _FILE_HEADER + 54:
        return None
    start, size = struct.unpack_from("<I", data, 10)[0], struct.unpack_from("<I", data, 14)[0]
    if not 16 <= size <= 124 or start >= len(data):
        return None
    width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
    compression = struct.unpack_from("<I", data, 30)[0] if size >= 20 else 0
    if width <= 0 or not height or bits not in {1, 2, 4, 8, 16, 24, 32}:
        return None
    return _Header(size, start, width, abs(height), height < 0, bits, compression)


def _with_whole_header(data: bytes, header: _Header) -> bytes:
    """OS/2 lets a header end anywhere; what is missing is zero."""
    whole = (struct.pack("<I", 40) + data[18 : 14 + min(header.size, 40)]).ljust(40, b"\0")
    longer = 40 - header.size
    first = data[:10] + struct.pack("<I", header.start + longer)
    return first + whole + data[14 + header.size :]


def _embedded(data: bytes, header: _Header) -> bytes:
    """A JPEG or PNG in the clothes of a BMP, as printers take them."""
    inner = data[header.start :]
    return inner if inner.startswith((b"\xff\xd8\xff", b"\x89PNG")) else data


def _by_fields(data: bytes, header: _Header, fields: tuple[int, ...]) -> np.ndarray:
    """uint8 [height, width, 3], blue first, the rows as they lie in the file."""
    kind = np.dtype("<u2" if header.bits == 16 else "<u4")
    out = np.zeros((header.height, header.width, 3), np.uint8)
    rows = max(1, _PIXELS_AT_ONCE // header.width)
    for top in range(0, header.height, rows):
        strip = _rows(data, header, top, rows).view(kind)[:, : header.width]
        for place, mask in enumerate(reversed(fields)):
            if mask:
                low = (mask & -mask).bit_length() - 1
                part = (strip & kind.type(mask)).astype(np.uint32) >> low
                scale = 255 / (mask >> low)
                out[top : top + len(strip), :, place] = np.rint(part * scale).astype(np.uint8)
    return out


def _by_palette(data: bytes, header: _Header) -> np.ndarray:
    """Two bits a pixel, as Windows CE has it."""
    colours = np.zeros((4, 3), np.uint8)
    palette = data[14 + header.size : min(14 + header.size + 16, header.start)]
    for number in range(len(palette) // 4):
        colours[number] = list(palette[4 * number : 4 * number + 3])
    raw = _rows(data, header, 0, header.height)
    quarters = np.stack([(raw >> shift) & 3 for shift in (6, 4, 2, 0)], axis=2)
    return colours[quarters.reshape(len(raw), -1)[:, : header.width]]


def _rows(data: bytes, header: _Header, top: int, count: int) -> np.ndarray:
    """uint8 [rows, stride]; what the file does not have is black."""
    count = min(count, header.height - top)
    start = header.start + top * header.stride
    raw = data[start : start + count * header.stride].ljust(count * header.stride, b"\0")
    return np.frombuffer(raw, np.uint8).reshape(count, header.stride)


def _run_lengths(data: bytes, header: _Header) -> np.ndarray:
    """OS/2's runs of whole colours; the same marks as in RLE8."""
    out = np.zeros((header.height, header.width, 3), np.uint8)
    at, x, y = header.start, 0, 0
    while at + 2 <= len(data) and y < header.height:
        count, value = data[at], data[at + 1]
        if count:
            out[y, x : x + count] = list(data[at + 1 : at + 4].ljust(3, b"\0"))
            at, x = at + 4, x + count
        elif value == 0:
            at, x, y = at + 2, 0, y + 1
        elif value == 1:
            break
        elif value == 2:
            moved = data[at + 2 : at + 4].ljust(2, b"\0")
            at, x, y = at + 4, x + moved[0], y + moved[1]
        else:
            raw = np.frombuffer(data[at + 2 : at + 2 + 3 * value].ljust(3 * value, b"\0"), np.uint8)
            room = max(min(value, header.width - x), 0)
            out[y, x : x + room] = raw.reshape(-1, 3)[:room]
            at, x = at + 2 + 3 * value + value % 2, x + value
    return out


def _written(header: _Header, pixels: np.ndarray) -> bytes:
    """As 24 bits a pixel."""
    stride = (header.width * 3 + 3) // 4 * 4
    rows = np.zeros((header.height, stride), np.uint8)
    rows[:, : header.width * 3] = pixels.reshape(header.height, -1)
    height = -header.height if header.down else header.height
    head = struct.pack("<2sIHHI", b"BM", 54 + rows.size, 0, 0, 54)
    info = struct.pack("<IiiHHIIiiII", 40, header.width, height, 1, 24, 0, rows.size, 0, 0, 0, 0)
    return head + info + rows.tobytes()
