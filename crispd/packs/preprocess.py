"""Preprocessing: decoded pixels to a graph's input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.packs.manifest import ImagePart
    from crispd.types import Pixels


class Normaliser:
    """(x/255 - mean) / std by channel, as one multiplication and one addition; nothing at all for
    a graph that takes ``uint8`` and does it itself.
    """

    def __init__(self, part: ImagePart) -> None:
        std = np.array(part.std, np.float32)
        mean = np.array(part.mean, np.float32)
        self._gain = (1 / (255 * std)).astype(np.float32)[:, None, None]
        self._bias = (-mean / std).astype(np.float32)[:, None, None]
        self._type = np.dtype(part.type)
        self._channels_last = part.layout == "nhwc"

    def __call__(self, pixels: Pixels) -> npt.NDArray[Any]:
        """uint8 [B, S, S, 3] -> [B, 3, S, S], contiguous, or as the graph wants it; 0.1 ms."""
        if self._type == np.uint8:
            return pixels if self._channels_last else pixels.transpose(0, 3, 1, 2).copy()
        # Conversion and transposition are one pass over the bytes; the rest is in place. A table
        # of 256 values a channel takes twice as long.
        planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float32)
        planes *= self._gain
        planes += self._bias
        planes = planes.transpose(0, 2, 3, 1) if self._channels_last else planes
        return np.ascontiguousarray(planes, self._type)
