"""The image query model, ``[pictures]`` of a pack: how photos are compared with photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.types import ImageQueryModel

if TYPE_CHECKING:
    from crispd.packs.manifest import Manifest

# Of a pack that says nothing: the cosine of unit vectors, about as `mini` was found to be.
_SCALE, _OFFSET, _BESIDE_WORDS = 7.0, -5.0, 0.4


def read_image_query(manifest: Manifest) -> ImageQueryModel:
    """What the manifest says, or every dimension alike."""
    part = manifest.pictures
    if part is None:
        ones = np.ones(manifest.dim, np.float32)
        return ImageQueryModel(ones, _SCALE, _OFFSET, _BESIDE_WORDS)
    weights = np.zeros(manifest.dim, np.float32)
    for start, stop, weight in part.parts:
        weights[start:stop] = weight
    return ImageQueryModel(weights, part.scale, part.offset, part.beside_words)
