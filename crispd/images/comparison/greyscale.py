"""Grey pictures for comparison: float32 [height, width], 0 to 255."""

from __future__ import annotations

import io
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from crispd.images.decoder_errors import translated_errors

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Floats


def to_greyscale(jpeg: bytes, long_side: int) -> Floats:
    """A picture as it is compared. Raises PhotoError."""
    with translated_errors(), Image.open(io.BytesIO(jpeg)) as image:
        scale = min(long_side / max(image.size), 1.0)
        size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
        made = image.convert("L").resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(made, np.float32)


def scaled(picture: Floats, size: tuple[int, int]) -> Floats:
    """``size``: width and height."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    smaller = size[0] < picture.shape[1]
    way = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    made = Image.fromarray(picture).resize(size, way)
    return np.asarray(made, np.float32)


def contrast(picture: Floats, radius: int) -> Floats:
    """What differs from its surroundings."""
    return picture - blurred(picture, radius)


def blurred(picture: Floats, radius: int) -> Floats:
    """Means of squares of ``2 * radius + 1``."""
    side = 2 * radius + 1
    padded = np.pad(picture, ((radius + 1, radius), (radius + 1, radius)), mode="edge")
    sums = padded.astype(np.float64).cumsum(0).cumsum(1)
    total = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(total / side**2, np.float32)


def extremes(picture: npt.NDArray[np.uint8], side: int, choose: np.ufunc) -> npt.NDArray[np.uint8]:
    """``np.maximum`` or ``np.minimum`` of the square of ``side`` (odd) around each pixel."""
    for _ in range(2):  # rows, then columns; Pillow's rank filter takes a hundred times as long
        padded = np.pad(picture, ((side // 2, side // 2), (0, 0)), mode="edge")
        picture = reduce(choose, (padded[at : at + len(picture)] for at in range(side))).T
    return picture
