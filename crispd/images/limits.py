"""How much a picture would take in memory, judged by its header before anything is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import PhotoTooLarge

if TYPE_CHECKING:
    from PIL import Image

    from crispd.types import DecodeLimits

# Reading past every macroblock of a JPEG takes time though no memory: ten times the limit is the
# end even for one that is decoded to an eighth of its size.
_JPEG_FACTOR = 10


def check_pixels(image: Image.Image, full: tuple[int, int], limits: DecodeLimits) -> None:
    """Raise PhotoTooLarge where decoding a drafted ``image`` of ``full`` size is too much.

    Else waits until there is room for it.
    """
    held = image.width * image.height
    pixels = full[0] * full[1]
    if image.format in {"JPEG", "MPO"}:
        # A progressive JPEG keeps all its coefficients, 2 bytes each for 1.5 to 3 components a
        # pixel, whatever size is asked for: as much as the pixels of the full picture would take.
        if image.info.get("progressive"):
            held = max(held, pixels)
        held = max(held, pixels // _JPEG_FACTOR)
    else:
        held = pixels
    if held > limits.max_pixels:
        too_many_pixels(pixels, limits)
    if limits.take is not None:
        limits.take(held)


def too_many_pixels(pixels: int, limits: DecodeLimits) -> None:
    """Raise PhotoTooLarge for a picture of more than the limit."""
    if pixels > limits.max_pixels:
        raise PhotoTooLarge(
            f"The picture has {pixels / 1e6:.0f} megapixels, more than can be decoded safely "
            f"within the limit of {limits.max_pixels / 1e6:.0f} that max_megapixels and "
            "memory_limit_mb set."
        )
