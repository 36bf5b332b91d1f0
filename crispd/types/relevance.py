"""The constants of a pack for relevance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.types.arrays import Floats


@dataclass(frozen=True, slots=True)
class LogitWeights:
    """Log odds are the sum of each weight times its figure, and ``offset``.

    ``score``: of the photo's own score; ``mean`` and ``spread``: of the query's background;
    ``words`` and ``share``: of the natural logarithms of how many words of content the query has,
    and of how many times heavier its class part was made; ``steep``: what ``score`` grows by for
    each of the latter.
    """

    score: float
    mean: float
    spread: float
    offset: float
    words: float = 0.0
    share: float = 0.0
    steep: float = 0.0


@dataclass(frozen=True, slots=True)
class RelevanceModel:
    """``fine`` weighs a final score, ``coarse`` a coarse one where the fine stage did not reach.

    ``likely``, ``maybe``: probabilities from which a photo is called so; ``maybe`` is divided by
    the number of the query's words to the power of ``maybe_words``. ``photos``: how many photos the
    reference weighs as much as. ``reference`` float32 [1 + R, dim]: the mean of the reference
    photos' vectors, then principal directions, each as long as they spread along it.
    ``library``: in a library of fewer photos than this, log odds are higher by ``small`` times
    the logarithm of how many times fewer.
    """

    fine: LogitWeights
    coarse: LogitWeights
    likely: float
    maybe: float
    photos: int
    reference: Floats
    library: int = 1
    small: float = 0.0
    maybe_words: float = 0.0
