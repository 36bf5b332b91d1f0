"""Decoding of a photo: one pass gives the model's pixels, the metadata and the thumbnails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from crispd.images.decoder_errors import translated_errors
from crispd.images.opening import open_oriented
from crispd.images.thumbnails import thumbnails_of
from crispd.types import DecodedPhoto

if TYPE_CHECKING:
    from crispd.types import DecodeLimits, ImageInput

_RESAMPLING = {
    "bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS, "nearest": Image.Resampling.NEAREST,
}  # fmt: skip
_SHARE = 0.99


def decode_photo(
    data: bytes, wanted: ImageInput, limits: DecodeLimits, *, thumbnails: tuple[int, ...]
) -> DecodedPhoto:
    """Decode, orient, and make what the rest of the pipeline needs. Raises PhotoError.

    ``thumbnails``: long sides in pixels, rising. Only the first makes a JPEG be decoded larger; of
    the others those come that the decode is large enough for.
    """
    image, metadata = open_oriented(data, limits, _needed_side(wanted), thumbnails[0])
    full = (metadata.width, metadata.height)
    with translated_errors():
        made = thumbnails_of(image, full, thumbnails)
        pixels = _squared(image, wanted)
        return DecodedPhoto(pixels, replace(metadata, colourfulness=colourfulness(pixels)), made)


def colourfulness(pixels: np.ndarray) -> int:
    """How far the channels are apart, 0 to 255, but for the one pixel in a hundred that JPEG or an
    edge made so.
    """
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    # counted, not sorted: a tenth of the time
    upto = np.bincount((most - least).ravel(), minlength=256).cumsum()
    rank = _SHARE * (upto[-1] - 1)
    low, high = np.searchsorted(upto, [int(rank), int(np.ceil(rank))], side="right").tolist()
    return int(low + (high - low) * (rank - int(rank)))


def _needed_side(wanted: ImageInput) -> int:
    """The short side to decode, where a JPEG or a large picture may be decoded smaller.

    For a model that was trained with Pillow's own resize, twice what it takes: of large photos that
    is what libjpeg makes in any case, and smaller ones lose nothing that the resize would keep.
    """
    if wanted.fit in {"squash", "shortest"}:
        return 2 * max(wanted.size, wanted.resize)
    return max(wanted.size, 1)


def _squared(image: Image.Image, wanted: ImageInput) -> np.ndarray:
    resampling, size = _RESAMPLING[wanted.interpolation], (wanted.size, wanted.size)
    if wanted.fit == "stretch":
        square = image.resize(size, resampling, reducing_gap=3.0)
    elif wanted.fit == "cover":
        square = ImageOps.fit(image, size, resampling)
    elif wanted.fit == "squash":
        square = image.resize(size, resampling)
    else:
        square = _middle(image, wanted, resampling)
    return np.asarray(square)


def _middle(image: Image.Image, wanted: ImageInput, resampling: Image.Resampling) -> Image.Image:
    """Resize and CenterCrop of torchvision, or of Transformers, which rounds down."""
    width, height = image.size
    short, size = wanted.resize or wanted.size, wanted.size
    long = int(short * max(width, height) / min(width, height))
    width, height = (short, long) if width <= height else (long, short)
    half = round if wanted.rounding == "even" else int
    left, top = half((width - size) / 2), half((height - size) / 2)
    return image.resize((width, height), resampling).crop((left, top, left + size, top + size))
