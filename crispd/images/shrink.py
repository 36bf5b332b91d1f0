"""Shrinking of large pictures right after decoding, before any copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pillow_heif
from PIL import Image, ImageFile

if TYPE_CHECKING:
    from crispd.types import Pixels

# Twice the largest picture that indexing keeps, 1280, and half as much again as any that is asked
# for: what is scaled from that looks as if it were scaled from all pixels (``reducing_gap``).
_LONG_SIDE = 2560
_GAP = 1.5
_ROWS_AT_ONCE = 256


def shrink_factor(size: tuple[int, int], long_side: int) -> int:
    """By how much both sides of a picture can be divided where ``long_side`` is wanted of it."""
    return max(int(max(size) / max(_GAP * long_side, _LONG_SIDE)), 1)


def load_shrunk(
    image: Image.Image, data: bytes, long_side: int, area: tuple[int, int, int, int] | None
) -> Image.Image:
    """``image``, opened from ``data``, with its pixels; shrunk where ``long_side`` allows.

    ``area``: what of it is to be seen, None for all. Raises what decoders raise.
    """
    if area is not None:
        image.load()
        return image.crop(area)
    if isinstance(image, ImageFile.ImageFile):
        # in one piece: Pillow's pieces of 64 kB each take the interpreter's lock twice
        image.decodermaxblock = max(len(data), ImageFile.MAXBLOCK)
    # a drafted JPEG is as small as it should be already
    factor = shrink_factor(image.size, long_side)
    if factor < 2 or image.format in {"JPEG", "MPO"}:
        image.load()
        return image
    if image.format == "HEIF" and image.mode == "RGB":
        return _shrunk_heif(image, data, long_side)
    image.load()
    if image.mode not in {"RGB", "L"}:  # others are shrunk as they are converted
        return image
    return _as(image.reduce(factor), image)


def _shrunk_heif(image: Image.Image, data: bytes, long_side: int) -> Image.Image:
    """Strips of libheif's own pixels, which Pillow's plugin would copy as a whole."""
    decoded = pillow_heif.open_heif(data)
    pixels: Pixels = np.asarray(decoded)
    width, height = decoded.size  # as it came out, which headers may have said otherwise
    pixels = pixels[:height, :width]
    factor = shrink_factor(decoded.size, long_side)
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = max(_ROWS_AT_ONCE // factor, 1) * factor
    for top in range(0, height, rows):
        strip = Image.fromarray(np.ascontiguousarray(pixels[top : top + rows]))
        small.paste(strip.reduce(factor), (0, top // factor))
    return _as(small, image)


def _as(small: Image.Image, image: Image.Image) -> Image.Image:
    """What was said of the whole is said of it small."""
    small.info = image.info
    small.format = image.format
    return small
