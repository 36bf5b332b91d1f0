"""The constants of a pack for image queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.types.arrays import Floats


@dataclass(frozen=True, slots=True)
class ImageQueryModel:
    """``weights`` float32 [dim]: what each dimension counts where two photos are compared.

    The likeness of photos is the weighted inner product of their embeddings, over what a photo has
    with itself. ``scale`` and ``offset``: log odds that two photos show the same are
    scale * likeness + offset. ``beside_words``: likeness is so much of a coarse score.
    """

    weights: Floats
    scale: float
    offset: float
    beside_words: float
