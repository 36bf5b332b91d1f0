"""Pictures as cameras, scanners and programs really write them."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from crispd.errors import PhotoUnsupported
from tests.images.test_decode import corners, decode, encoded, scene

COLOURS = ["red", "green", "blue", "white"]


def grey16(scale: int = 257) -> np.ndarray:
    return np.asarray(scene().convert("L")).astype(np.uint16) * scale


def without_segment(jpeg: bytes, marker: int) -> bytes:
    """A JPEG without its first segment of a kind."""
    start = jpeg.index(bytes((0xFF, marker)))
    [length] = struct.unpack_from(">H", jpeg, start + 2)
    return jpeg[:start] + jpeg[start + 2 + length :]


def png(rows: np.ndarray, colour_type: int) -> bytes:
    """A PNG with 16 bits a channel, which Pillow reads but does not write."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    height, width = rows.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(pixels: np.ndarray, bits: int, sample_format: int) -> bytes:
    """An uncompressed TIFF of three channels in one strip."""
    height, width = pixels.shape[:2]
    tags = (
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 150), (259, 3, 1, 1), (262, 3, 1, 2),
        (273, 4, 1, 162), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, pixels.nbytes),
        (284, 3, 1, 1), (339, 3, 3, 156),
    )  # fmt: skip
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + b"\0" * 4
    head = head.ljust(150, b"\0") + struct.pack("<6H", *[bits] * 3, *[sample_format] * 3)
    return head + pixels.tobytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_jpegs_of_inks(progressive: bool) -> None:
    """Stored inverted, as Adobe does; with its mark and, as some programs do, without it."""
    large = scene().resize((2560, 1600), Image.Resampling.NEAREST).convert("CMYK")
    data = encoded(large, "JPEG", progressive=progressive)
    assert corners(decode(data)) == COLOURS
    assert corners(decode(without_segment(data, 0xEE))) == COLOURS


def test_a_picture_behind_the_picture_changes_nothing() -> None:
    """A second one by the index of MPO; a gain map that Ultra HDR appends; a video behind it."""
    behind = encoded(scene().rotate(180), "JPEG")
    stereo = encoded(scene(), "MPO", save_all=True, append_images=[scene().rotate(180)])
    ultra_hdr = encoded(scene(), "JPEG") + behind
    motion = encoded(scene(), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(5000)
    for data in (stereo, ultra_hdr, motion):
        photo = decode(data)
        assert corners(photo) == COLOURS
        assert photo.metadata.type == "jpeg"


def test_a_broken_index_of_pictures_behind_fails_no_photo() -> None:
    whole = bytearray(encoded(scene(), "MPO", save_all=True, append_images=[scene()]))
    start = whole.index(b"MPF\0") + 4
    for place in range(start, start + 82):
        damaged = bytes(whole[:place]) + bytes((whole[place] ^ 0xFF,)) + bytes(whole[place + 1 :])
        assert corners(decode(damaged)) == COLOURS, place - start


def test_sixteen_bits_a_channel() -> None:
    colour = np.asarray(scene()).astype(np.uint16) * 257
    opaque = np.full((*colour.shape[:2], 1), 65535, np.uint16)
    assert corners(decode(png(colour, 2))) == COLOURS
    assert corners(decode(png(np.concatenate([colour, opaque], 2), 6))) == COLOURS
    assert corners(decode(png(np.concatenate([colour, 0 * opaque], 2), 6))) == ["white"] * 4
    assert corners(decode(png(np.dstack([grey16(), opaque[..., 0]]), 4)))[3] == "white"
    assert corners(decode(tiff(colour.astype("<u2"), 16, 1))) == COLOURS
    assert corners(decode(encoded(Image.fromarray(grey16()), "TIFF")))[3] == "white"


@pytest.mark.parametrize("format_", ["TIFF", "GIF", "WEBP", "AVIF", "PNG", "HEIF"])
def test_the_first_page_or_frame(format_: str) -> None:
    data = encoded(scene(), format_, save_all=True, append_images=[scene().rotate(180)] * 3)
    assert corners(decode(data)) == COLOURS


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "jpeg", "packbits", "zstd"])
@pytest.mark.parametrize("mode", ["RGB", "CMYK", "YCbCr"])
def test_tiff_of_every_compression(compression: str, mode: str) -> None:
    if (compression, mode) == ("jpeg", "YCbCr"):
        pytest.skip("Pillow writes these with the wrong colours")
    data = encoded(scene().convert(mode), "TIFF", compression=compression)
    assert corners(decode(data)) == COLOURS


def test_lab_and_black_and_white() -> None:
    assert corners(decode(encoded(scene().convert("LAB"), "TIFF"))) == COLOURS
    fax = decode(encoded(scene().convert("1"), "TIFF", compression="group4"))
    assert fax.pixels[60, 60].min() > 200


def test_floats_are_seen_in_spite_of_a_few_lamps_and_holes() -> None:
    values = np.asarray(scene().convert("L"), np.float32) / 255
    plain = decode(encoded(Image.fromarray(values), "TIFF")).pixels.astype(int)
    assert plain[50, 50].min() > 240
    values = values.copy()
    values[5, 5], values[6, 6], values[7, 7], values[8, 8] = 3e38, np.inf, -np.inf, np.nan
    odd = decode(encoded(Image.fromarray(values), "TIFF")).pixels.astype(int)
    assert np.abs(odd[20:] - plain[20:]).max() <= 2


@pytest.mark.parametrize("value", [0.0, 7.5, -3e38, 3e38, np.nan, np.inf])
def test_a_float_picture_of_one_value(value: float) -> None:
    flat = np.full((70, 70), value, np.float32)
    assert decode(encoded(Image.fromarray(flat), "TIFF")).pixels.shape == (64, 64, 3)


def test_integers_of_32_bits() -> None:
    wide = np.asarray(scene().convert("L")).astype(np.int32) * 100_000 - 5_000_000
    assert decode(encoded(Image.fromarray(wide), "TIFF")).pixels[50, 50].min() > 240


def test_a_tiff_nobody_reads_is_called_so() -> None:
    floats = (np.asarray(scene()) / 255).astype("<f4")
    with pytest.raises(PhotoUnsupported, match="kind of TIFF"):
        decode(tiff(floats, 32, 3))
