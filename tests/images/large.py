"""Photos as large as those of today's telephones, in the formats that these and others write."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pillow_heif
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

# Megapixels to width and height, as telephones have them.
SIZES = {12: (4032, 3024), 24: (5712, 4284), 50: (8160, 6120)}
# A telephone writes its HEIC in tiles of 512 pixels.
_HEIC = {"quality": 50, "tile_size": 512, "save_all": False, "enc_params": {"preset": "ultrafast"}}
KINDS: dict[str, dict[str, Any]] = {
    "baseline.jpg": {"quality": 88},
    "progressive.jpg": {"quality": 88, "progressive": True},
    "progressive-444.jpg": {"quality": 88, "progressive": True, "subsampling": 0},
    "tiled.heic": _HEIC,
    "plain.png": {"compress_level": 1},
}


def scene(size: tuple[int, int]) -> Image.Image:
    """Blurred colours with some noise in them, so that files are as long as those of photos."""
    few = np.random.default_rng(size[0]).integers(0, 255, (12, 16, 3), np.uint8)
    noise = Image.effect_noise(size, 12).convert("RGB")
    return Image.blend(Image.fromarray(few).resize(size, Image.Resampling.BICUBIC), noise, 0.15)


def large_photos(
    megapixels: int, kinds: tuple[str, ...] = tuple(KINDS)
) -> Iterator[tuple[str, bytes]]:
    """Names and bytes."""
    picture = scene(SIZES[megapixels])
    for kind in kinds:
        yield f"{megapixels}-{kind}", encoded(picture, kind)


def encoded(picture: Image.Image, kind: str) -> bytes:
    """A file of one of ``KINDS``."""
    out = io.BytesIO()
    if kind.endswith(".heic"):
        pillow_heif.from_pillow(picture).save(out, **KINDS[kind])
    else:
        picture.save(out, Image.registered_extensions()["." + kind.rsplit(".")[-1]], **KINDS[kind])
    return out.getvalue()
