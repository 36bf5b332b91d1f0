"""One decode gives the model's pixels, the metadata and a thumbnail."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from crispd.images.damage import translated
from crispd.images.opening import open_oriented
from crispd.types import DecodedPhoto

if TYPE_CHECKING:
    from crispd.types import DecodeLimits, ImageInput

THUMBNAIL_QUALITY = 80
_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def decode_photo(
    data: bytes, wanted: ImageInput, limits: DecodeLimits, *, thumbnail: int
) -> DecodedPhoto:
    """Decode, orient, and make what the rest of the pipeline needs. Raises PhotoError.

    ``thumbnail`` is the long side in pixels; smaller photos keep their size.
    """
    image, metadata = open_oriented(data, limits, max(wanted.size, 1), thumbnail)
    with translated():
        return DecodedPhoto(_squared(image, wanted), metadata, as_jpeg(image, thumbnail))


def as_jpeg(image: Image.Image, long_side: int) -> bytes:
    """A JPEG of an RGB image, scaled down to ``long_side``; carries no EXIF."""
    scale = long_side / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=THUMBNAIL_QUALITY)
    return out.getvalue()


def _squared(image: Image.Image, wanted: ImageInput) -> np.ndarray:
    resampling, size = _RESAMPLING[wanted.interpolation], (wanted.size, wanted.size)
    if wanted.fit == "stretch":
        square = image.resize(size, resampling, reducing_gap=3.0)
    else:
        square = ImageOps.fit(image, size, resampling)
    return np.asarray(square)
