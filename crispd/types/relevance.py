"""What a pack knows about when a photo shows what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.types.arrays import Floats


@dataclass(frozen=True, slots=True)
class LogitWeights:
    """Log odds are the sum of each weight times its figure, and ``offset``.

    ``score``: of the photo's own score; ``mean`` and ``spread``: of the query's background.
    """

    score: float
    mean: float
    spread: float
    offset: float


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """``fine`` weighs a final score, ``coarse`` a coarse one where the fine stage did not reach.

    ``likely``, ``maybe``: probabilities from which a photo is called so. ``photos``: how many
    photos the reference weighs as much as. ``reference`` float32 [1 + R, dim]: the mean of the
    reference photos' vectors, then principal directions, each as long as they spread along it.
    """

    fine: LogitWeights
    coarse: LogitWeights
    likely: float
    maybe: float
    photos: int
    reference: Floats
