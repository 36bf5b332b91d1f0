"""How fast an image encoder is on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crispd.types import ImageEncoder


def photos_a_second(encoder: ImageEncoder, size: int, count: int) -> float:
    """Of grey photos, one after the other, behind one that is not counted."""
    grey = np.full((1, size, size, 3), 128, np.uint8)
    encoder.encode(grey)
    began = time.perf_counter()
    for _ in range(count):
        encoder.encode(grey)
    return count / max(time.perf_counter() - began, 1e-6)
