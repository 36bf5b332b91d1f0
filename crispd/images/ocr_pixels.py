"""Pixels for OCR: a photo decoded upright, scaled, and lines of text cut out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from crispd.images.decoder_errors import translated_errors
from crispd.images.encode_image import scaled
from crispd.images.opening import open_oriented

if TYPE_CHECKING:
    from crispd.types import DecodeLimits, Floats, Pixels


def decode_for_ocr(data: bytes, long_side: int, limits: DecodeLimits) -> Pixels:
    """uint8 [h, w, 3], RGB, upright, no longer than ``long_side``. Raises PhotoError."""
    image, _ = open_oriented(data, limits, 1, long_side)
    with translated_errors():
        return np.asarray(scaled(image, long_side))


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """uint8 [height, width, 3]."""
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))


def cut_out(pixels: Pixels, corners: Floats, width: int, height: int) -> Pixels:
    """What lies between four corners, [4, 2], clockwise: uint8 [height, width, 3].

    The first corner becomes the top left one.
    """
    tall, wide = pixels.shape[:2]
    left, top = np.floor(corners.min(0)).astype(int).clip(0, (wide - 1, tall - 1))
    right, bottom = np.ceil(corners.max(0)).astype(int).clip((left + 1, top + 1), (wide, tall))
    part = Image.fromarray(np.ascontiguousarray(pixels[top:bottom, left:right]))
    inside = corners - (left, top)
    native = [int(np.ceil(np.hypot(*(inside[at] - inside[0])))) or 1 for at in (1, 3)]
    quad = inside[[0, 3, 2, 1]].ravel().tolist()  # as Pillow counts: counter-clockwise
    straight = part.transform(
        (native[0], native[1]), Image.Transform.QUAD, quad, Image.Resampling.BILINEAR
    )
    return np.asarray(straight.resize((width, height), Image.Resampling.BILINEAR))
