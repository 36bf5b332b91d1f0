"""Conversion of every pixel mode to 8-bit RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image

_DEEP = {"I", "I;16", "I;16L", "I;16B", "I;16N", "F"}
_WHITE = (255, 255, 255)
_PIXELS_AT_ONCE = 2**21
_SAMPLE = 512
_REDUCING_GAP = 3
# Of what floats hold, so many percent at either end may be lamps, dead pixels or noise.
_TAIL = 0.5


def as_rgb(image: Image.Image, factor: int = 1) -> Image.Image:
    """An RGB image; transparent parts become white, deep grey is scaled and not clipped.

    What has to be converted is scaled down by ``factor`` on the way, strip by strip, so that a
    large picture is not held two or three times.
    """
    if image.mode == "RGB":
        return image
    if image.mode in _DEEP:
        image = _from_deep_grey(image)
    if factor < 2:
        return _converted(image)
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    rows = max(1, _PIXELS_AT_ONCE // image.width // factor) * factor
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        small.paste(_converted(strip).reduce(factor), (0, top // factor))
    return small


def spare_factor(size: tuple[int, int], short_side: int, long_side: int) -> int:
    """By how much a picture may be scaled down and still have three times what is wanted."""
    wanted = max(short_side / min(size), long_side / max(size))
    return max(int(1 / (_REDUCING_GAP * wanted)), 1)


def _converted(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, _WHITE)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """8-bit grey, made strip by strip: the whole as an array would be as much memory again."""
    low, high = _range(image)
    grey = Image.new("L", image.size)
    rows = max(1, _PIXELS_AT_ONCE // image.width)
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        values = np.asarray(image.crop(box), dtype=np.float32)
        values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
        scaled = (np.clip(values, low, high) - low) * (255.0 / (high - low))
        grey.paste(Image.fromarray(scaled.astype(np.uint8)), box)
    return grey


def _range(image: Image.Image) -> tuple[float, float]:
    """Black and white: 16-bit grey has a range of its own, anything else that of what it uses."""
    if image.mode not in {"I", "F"}:
        return 0.0, 65535.0
    sample = image
    if max(image.size) > _SAMPLE:
        size = (min(image.width, _SAMPLE), min(image.height, _SAMPLE))
        sample = image.resize(size, Image.Resampling.NEAREST)
    values = np.asarray(sample, dtype=np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    if image.mode == "I" and values.min() >= 0 and values.max() <= 65535:
        return 0.0, 65535.0 if values.max() > 255 else 255.0
    low, high = (float(value) for value in np.percentile(values, (_TAIL, 100 - _TAIL)))
    limit = float(np.finfo(np.float32).max) / 4
    low, high = max(low, -limit), min(high, limit)
    return low, max(high, low + max(abs(low), 1.0) * 1e-6)
