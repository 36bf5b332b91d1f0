"""BMP files of every kind, made byte by byte after Microsoft's and IBM's descriptions."""

from __future__ import annotations

import struct

WIDTH, HEIGHT = 5, 3
PALETTE = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
# Rows from the top, indices into the palette.
ROWS = [[0, 1, 2, 3, 0], [1, 1, 1, 1, 1], [2, 3, 0, 1, 2]]


def _padded(row: bytes) -> bytes:
    return row + bytes(-len(row) % 4)


def _file(header: bytes, between: bytes, pixels: bytes) -> bytes:
    start = 14 + len(header) + len(between)
    return (
        struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + header + between + pixels
    )


def _info(
    bits: int, compression: int = 0, size: int = 40, *, down: bool = False, masks: bytes = b""
) -> bytes:
    height = -HEIGHT if down else HEIGHT
    head = struct.pack("<IiiHHIIiiII", size, WIDTH, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return (head + masks).ljust(size, b"\0")[:size]


def _colours(count: int) -> bytes:
    found = b"".join(bytes((*colour[::-1], 0)) for colour in PALETTE)
    return found.ljust(4 * count, b"\0")


def packed(bits: int, size: int = 40, *, down: bool = False) -> bytes:
    """1 to 8 bits with a palette."""
    rows = []
    for row in ROWS:
        number = "".join(f"{index % (1 << bits):0{bits}b}" for index in row)
        number = number.ljust(-(-len(number) // 8) * 8, "0")
        rows.append(_padded(bytes(int(number[at : at + 8], 2) for at in range(0, len(number), 8))))
    return _file(
        _info(bits, 0, size, down=down), _colours(1 << bits), b"".join(rows if down else rows[::-1])
    )


def direct(
    bits: int,
    masks: tuple[int, ...] = (),
    size: int = 40,
    compression: int = 3,
    *,
    down: bool = False,
) -> bytes:
    """16, 24 or 32 bits a pixel; with ``masks``, of red, green, blue and perhaps alpha."""
    fields = masks or {16: (0x7C00, 0x3E0, 0x1F)}.get(bits, (0xFF0000, 0xFF00, 0xFF))
    rows = []
    for row in ROWS:
        made = b""
        for index in row:
            value = sum(
                _placed(part, mask) for part, mask in zip(PALETTE[index], fields, strict=False)
            )
            if len(fields) > 3:
                value |= fields[3]
            made += value.to_bytes(bits // 8, "little")
        rows.append(_padded(made))
    told = b"".join(struct.pack("<I", mask) for mask in masks)
    inside = told if size > 40 else b""
    header = _info(bits, compression if masks else 0, size, down=down, masks=inside)
    pixels = b"".join(rows if down else rows[::-1])
    return _file(header, b"" if size > 40 else told, pixels)


def _placed(part: int, mask: int) -> int:
    low = (mask & -mask).bit_length() - 1
    return round(part / 255 * (mask >> low)) << low


def runs(bits: int) -> bytes:
    """RLE8 or RLE4: runs, pixels as they are, a skipped stretch, ends of lines and picture."""
    if bits == 8:
        lines = [b"\0\5" + bytes(ROWS[2]) + b"\0", b"\5\1", b"\1\0\1\1\1\2\2\3\0\2\0\0"]
        body = lines[0] + b"\0\0" + lines[1] + b"\0\0" + b"\1\0\1\1\1\2\1\3\1\0\0\1"
        return _file(_info(8, 1), _colours(256), body)
    body = b"\0\5\x23\x01\x20\0" + b"\0\0" + b"\5\x11" + b"\0\0" + b"\0\5\x01\x23\0\0\0\1"
    return _file(_info(4, 2), _colours(16), body)


def os2_1(bits: int = 24) -> bytes:
    """OS/2 1: twelve bytes, colours of three."""
    header = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, bits)
    whole = direct(24) if bits == 24 else packed(bits)
    pixels = whole[struct.unpack_from("<I", whole, 10)[0] :]
    colours = b"".join(bytes(colour[::-1]) for colour in PALETTE).ljust(3 << bits, b"\0")
    return _file(header, b"" if bits == 24 else colours, pixels)


def os2_2(size: int, bits: int = 24) -> bytes:
    """OS/2 2: 64 bytes, of which any number from 16 on may be there."""
    whole = direct(24) if bits == 24 else packed(bits)
    pixels = whole[struct.unpack_from("<I", whole, 10)[0] :]
    return _file(
        _info(bits, 0, 64)[:0] + struct.pack("<I", size) + _info(bits, 0, 64)[4:size],
        b"" if bits == 24 else _colours(1 << bits),
        pixels,
    )


def rle24() -> bytes:
    """OS/2 2: runs of whole colours."""

    def run(count: int, index: int) -> bytes:
        return bytes((count, *PALETTE[index][::-1]))

    lines = [b"".join(run(1, index) for index in row) + b"\0\0" for row in ROWS[::-1]]
    header = struct.pack("<I", 64) + _info(24, 4, 64)[4:]
    return _file(header, b"", b"".join(lines) + b"\0\1")


EVERY: dict[str, bytes] = {
    "1 bit": packed(1),
    "2 bits": packed(2),
    "4 bits": packed(4),
    "8 bits": packed(8),
    "8 bits, top down": packed(8, down=True),
    "8 bits, V4": packed(8, 108),
    "8 bits, V5": packed(8, 124),
    "16 bits": direct(16),
    "16 bits, top down": direct(16, down=True),
    "565": direct(16, (0xF800, 0x7E0, 0x1F)),
    "555 by fields": direct(16, (0x7C00, 0x3E0, 0x1F)),
    "444": direct(16, (0xF00, 0xF0, 0xF)),
    "4444 with alpha": direct(16, (0xF00, 0xF0, 0xF, 0xF000), 56),
    "1555 with alpha": direct(16, (0x7C00, 0x3E0, 0x1F, 0x8000), 108),
    "565 from below": direct(16, (0x1F, 0x7E0, 0xF800)),
    "24 bits": direct(24),
    "24 bits, top down": direct(24, down=True),
    "24 bits, V5": direct(24, size=124),
    "32 bits": direct(32),
    "32 bits by fields": direct(32, (0xFF0000, 0xFF00, 0xFF)),
    "32 bits, RGBX": direct(32, (0xFF000000, 0xFF0000, 0xFF00)),
    "32 bits, odd fields": direct(32, (0x3FF00000, 0xFFC00, 0x3FF)),
    "32 bits, V2 header": direct(32, (0xFF0000, 0xFF00, 0xFF), 52),
    "32 bits, V3 header with alpha": direct(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), 56),
    "32 bits, V5 with alpha": direct(32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000), 124),
    "32 bits, alpha fields behind": direct(32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), 40, 6),
    "RLE8": runs(8),
    "RLE4": runs(4),
    "OS/2 1": os2_1(),
    "OS/2 1, 8 bits": os2_1(8),
    "OS/2 2": os2_2(64),
    "OS/2 2, 8 bits": os2_2(64, 8),
    "OS/2 2, 16 bytes": os2_2(16),
    "OS/2 2, 16 bytes, 4 bits": os2_2(16, 4),
    "OS/2 2, 24 bytes": os2_2(24),
    "RLE24": rle24(),
}
