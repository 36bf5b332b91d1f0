"""Pictures of text, drawn in Pillow's own font."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER, INK = (236, 233, 226), (25, 25, 30)


def page(
    lines: Sequence[str],
    size: tuple[int, int] = (480, 320),
    letters: int = 28,
    at: tuple[int, int] = (30, 30),
) -> Image.Image:
    """Lines one below the other."""
    image = Image.new("RGB", size, PAPER)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(letters)
    for number, line in enumerate(lines):
        draw.text((at[0], at[1] + number * letters * 2), line, INK, font)
    return image


def pixels(image: Image.Image) -> np.ndarray:
    """uint8 [h, w, 3]."""
    return np.asarray(image)
