"""Memory costs: the peak of decoding a picture, in bytes, estimated from its header.

The figures a pixel are the largest that ``benchmarks.indexing.decode_memory`` measures for a format
(Pillow 13.0, pillow-heif 1.8.1, libheif 1.23.6), rounded up. The bytes of the file are not among
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.images.isolation.jpeg_frame import coefficient_bytes
from crispd.images.shrink import shrink_factor

if TYPE_CHECKING:
    from PIL import Image

# A drafted JPEG: 4 in Pillow, and copies of it that are turned, converted and scaled.
_DRAFTED = 12.0
# 4 in Pillow, and 4 of a turned copy; or a quarter of that where it is shrunk before anything else.
_WHOLE, _SHRUNK = 8.2, 5.2
# libwebp's animation decoder holds two canvases, and their copies go through bytes.
_WEBP = 16.5
# dav1d's planes, RGB of libavif, and Pillow's.
_AVIF = 9.8
# libheif's planes (1.5) beside its RGB (3); a single tile comes with the decoder's own planes.
_HEIF, _HEIF_SHRUNK, _HEIF_TILED = 8.0, 5.3, 4.75
_HEIF_ALPHA, _HEIF_DEEP = 8.6, 8.3
_LEAST = 2**20  # buffers of lines, and what any picture takes


def decode_bytes(image: Image.Image, full: tuple[int, int], data: bytes, long_side: int) -> int:
    """Of an ``image`` that is opened and drafted, ``full`` pixels wide and high, of which a picture
    of ``long_side`` is to be made.
    """
    pixels = full[0] * full[1]
    if image.format in {"JPEG", "MPO"}:
        drafted = image.width * image.height * _DRAFTED
        return int(coefficient_bytes(data) + drafted) + _LEAST
    return int(pixels * _a_pixel(image, shrink_factor(full, long_side) > 1)) + _LEAST


def _a_pixel(image: Image.Image, shrunk: bool) -> float:
    if image.format == "WEBP":
        return _WEBP
    if image.format == "AVIF":
        return _AVIF
    if image.format == "HEIF":
        return _heif(image, shrunk)
    # Pillow turns a TIFF while it loads it, before it can be shrunk.
    return _SHRUNK if shrunk and image.format != "TIFF" else _WHOLE


def _heif(image: Image.Image, shrunk: bool) -> float:
    if image.mode != "RGB":
        return _HEIF_ALPHA
    if int(image.info.get("bit_depth") or 8) > 8:
        return _HEIF_DEEP
    if not shrunk:
        return _HEIF
    return _HEIF_TILED if image.info.get("tiling") else _HEIF_SHRUNK
