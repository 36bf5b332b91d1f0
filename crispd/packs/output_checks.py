"""Checks of a graph's outputs against the manifest, reported in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.errors import PackMismatch

if TYPE_CHECKING:
    from crispd.types import Floats

# int8 graphs end in a normalisation too; anything further off is not meant to be a unit vector.
_UNIT_TOLERANCE = 1e-2


def expect_floats(what: str, array: Floats, shape: tuple[int, ...]) -> None:
    """Raise PackMismatch unless ``array`` is finite float32 of this shape."""
    if array.shape != shape:
        raise PackMismatch(f"{what} have the shape {array.shape}; pack.toml says {shape}.")
    if array.dtype != np.float32:
        raise PackMismatch(f"{what} are {array.dtype}; float32 is expected.")
    if not np.isfinite(array).all():
        raise PackMismatch(f"{what} are not all finite numbers.")


def expect_unit(what: str, vectors: Floats) -> None:
    """Raise PackMismatch unless each of ``vectors`` [n, dim] has length 1."""
    lengths = np.linalg.norm(vectors, axis=1)
    if np.abs(lengths - 1).max() > _UNIT_TOLERANCE:
        raise PackMismatch(f"{what} have the length {lengths[0]:.3g}; unit vectors are expected.")
