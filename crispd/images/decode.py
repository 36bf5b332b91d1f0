"""Decoding of a photo: one pass gives the model's pixels, the metadata and the thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from crispd.images.decoder_errors import translated_errors
from crispd.images.opening import open_oriented
from crispd.images.thumbnails import thumbnails_of
from crispd.types import DecodedPhoto

if TYPE_CHECKING:
    from crispd.types import DecodeLimits, ImageInput

_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def decode_photo(
    data: bytes, wanted: ImageInput, limits: DecodeLimits, *, thumbnails: tuple[int, ...]
) -> DecodedPhoto:
    """Decode, orient, and make what the rest of the pipeline needs. Raises PhotoError.

    ``thumbnails``: long sides in pixels, rising. Only the first makes a JPEG be decoded larger; of
    the others those come that the decode is large enough for.
    """
    image, metadata = open_oriented(data, limits, max(wanted.size, 1), thumbnails[0])
    full = (metadata.width, metadata.height)
    with translated_errors():
        made = thumbnails_of(image, full, thumbnails)
        return DecodedPhoto(_squared(image, wanted), metadata, made)


def _squared(image: Image.Image, wanted: ImageInput) -> np.ndarray:
    resampling, size = _RESAMPLING[wanted.interpolation], (wanted.size, wanted.size)
    if wanted.fit == "stretch":
        square = image.resize(size, resampling, reducing_gap=3.0)
    else:
        square = ImageOps.fit(image, size, resampling)
    return np.asarray(square)
