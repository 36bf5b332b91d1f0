"""Preprocessing: decoded pixels to a graph's input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crispd.packs.manifest import ImagePart
    from crispd.types import Floats, Pixels


class Normaliser:
    """(x/255 - mean) / std by channel, as one multiplication and one addition."""

    def __init__(self, part: ImagePart) -> None:
        std = np.array(part.std, np.float32)
        mean = np.array(part.mean, np.float32)
        self._gain = (1 / (255 * std)).astype(np.float32)[:, None, None]
        self._bias = (-mean / std).astype(np.float32)[:, None, None]

    def __call__(self, pixels: Pixels) -> Floats:
        """uint8 [B, S, S, 3] -> float32 [B, 3, S, S], contiguous; 0.1 ms a photo."""
        # Conversion and transposition are one pass over the bytes; the rest is in place. A table
        # of 256 values a channel takes twice as long.
        planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)
        planes *= self._gain
        planes += self._bias
        return planes
