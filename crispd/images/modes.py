"""Every kind of pixel as 8-bit RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image

_DEEP = {"I", "I;16", "I;16L", "I;16B", "I;16N", "F"}
_WHITE = (255, 255, 255)


def as_rgb(image: Image.Image) -> Image.Image:
    """An RGB image; transparent parts become white, deep grey is scaled and not clipped."""
    if image.mode == "RGB":
        return image
    if image.mode in _DEEP:
        return _from_deep_grey(image)
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    ground = Image.new("RGB", image.size, _WHITE)
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """16-bit grey by its full range, anything else by what it uses: floats have no fixed range."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0 if high > 255 else 255.0
    scaled = (values - low) * (255.0 / max(high - low, 1e-12))
    return Image.fromarray(scaled.astype(np.uint8), "L").convert("RGB")
