"""Encoding of pictures to files: scaled, without EXIF, as JPEG or WebP."""

from __future__ import annotations

import io

from PIL import Image

QUALITY = 80
_WEBP_QUALITY = 75
# How hard libwebp tries, 0 to 6: beyond a million pixels nobody waits for more than the least.
_WEBP_EFFORT, _LARGE_PIXELS = 2, 500_000


def scaled(image: Image.Image, long_side: int) -> Image.Image:
    """``image`` with a long side of ``long_side`` at most; the image itself where it has less."""
    scale = long_side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def image_bytes(image: Image.Image, media_type: str = "image/jpeg") -> bytes:
    """An RGB image as a file of that type. Neither EXIF nor comments nor a profile go along."""
    image.info = {}  # Pillow would write some of what it read into what it writes
    out = io.BytesIO()
    if media_type == "image/webp":
        effort = 0 if image.width * image.height > _LARGE_PIXELS else _WEBP_EFFORT
        image.save(out, "WEBP", quality=_WEBP_QUALITY, method=effort)
    else:
        image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
