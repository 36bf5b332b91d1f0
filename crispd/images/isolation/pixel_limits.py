"""Pixel limits: the size of a picture in memory, judged by its header before decoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import PhotoTooLarge
from crispd.images.isolation.memory_cost import decode_bytes

if TYPE_CHECKING:
    from PIL import Image

    from crispd.types import DecodeLimits

# Reading past every macroblock of a JPEG takes time though no memory: ten times the limit is the
# end even for one that is decoded to an eighth of its size.
_JPEG_FACTOR = 10
_MB = 2**20


def check_pixels(
    image: Image.Image, full: tuple[int, int], data: bytes, limits: DecodeLimits, long_side: int
) -> None:
    """Raise PhotoTooLarge where decoding a drafted ``image`` of ``full`` size is too much.

    Else waits until there is room for it.
    """
    pixels = full[0] * full[1]
    held = pixels
    # every scan of a progressive JPEG goes through all its blocks, whatever size is asked for
    if image.format in {"JPEG", "MPO"} and not image.info.get("progressive"):
        held = max(image.width * image.height, pixels // _JPEG_FACTOR)
    if held > limits.max_pixels:
        too_many_pixels(pixels, limits)
    taken = decode_bytes(image, full, data, long_side)
    if taken > limits.max_memory:
        raise PhotoTooLarge(
            f"The picture has {pixels / 1e6:.0f} megapixels and takes {-(-taken // _MB)} MB to "
            f"decode, more than the {limits.max_memory // _MB} MB that memory_limit_mb leaves for "
            "one. Raise memory_limit_mb where there is more memory."
        )
    if limits.take is not None:
        limits.take(taken)


def too_many_pixels(pixels: int, limits: DecodeLimits) -> None:
    """Raise PhotoTooLarge for a picture of more than the limit."""
    if pixels > limits.max_pixels:
        raise PhotoTooLarge(
            f"The picture has {pixels / 1e6:.0f} megapixels, more than can be decoded safely "
            f"within the limit of {limits.max_pixels / 1e6:.0f} that max_megapixels sets."
        )
