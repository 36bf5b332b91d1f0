"""Thumbnails of any size, from the kept one or from the original."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from crispd.images.decode import as_jpeg
from crispd.images.opening import open_oriented

if TYPE_CHECKING:
    from crispd.types import DecodeLimits


def resize_jpeg(jpeg: bytes, long_side: int) -> bytes:
    """A JPEG of ours, smaller."""
    with Image.open(io.BytesIO(jpeg)) as image:
        return as_jpeg(image.convert("RGB"), long_side)


def make_thumbnail(data: bytes, long_side: int, limits: DecodeLimits) -> bytes:
    """A thumbnail from the bytes of an original. Raises PhotoError."""
    image, _ = open_oriented(data, limits, 1, long_side)
    return as_jpeg(image, long_side)
