"""The order of a shortlist of which a second model has scored some. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crispd.types import Doubles, Labels

# With fewer photos that both have scored, the second model's height and spread are chance.
FEWEST = 4
# What is taken for known of the agreement of two models before any photo says so: their
# correlation within a shortlist, and as how many photos that counts. Share of the first score in
# the order, in spreads of both, while most have no second score: it goes to nothing as they have.
# Tried over photos of strangers (``benchmarks.ranking.heavy_fine``): with less of each, an answer
# of which a quarter was scored is worse than one of the first model alone.
_CORRELATION, _PHOTOS = 0.9, 8.0
_FIRST = 0.5
_COUNT = 5.0  # of the first labels
_NARROWEST = 1e-9


def blended(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float] | None:
    """``first`` scores by label, exchanged among the labels so that they have the order of both.

    Where a label has a ``second`` score, that counts, standardised over the labels that have one;
    while some have none, a share of the first beside it. Where it has none, it is expected from the
    first by linear regression over those with both, drawn towards a usual correlation where these
    are few. The scores themselves stay those of the first model, whatever the second one's look
    like: so what is calibrated for these still holds, and as many photos are as likely as before.
    None with fewer than ``FEWEST`` second scores, or where they do not differ.
    """
    labels = list(first)
    own = np.array([first[label] for label in labels], np.float64)
    other = np.array([second.get(label, np.nan) for label in labels], np.float64)
    order = _order(own, other)
    if order is None:
        return None
    ranked = np.sort(own)[::-1]
    return {labels[place]: float(score) for place, score in zip(order, ranked, strict=True)}


def _order(own: Doubles, other: Doubles) -> Labels | None:
    """Places, best first; None where the second scores say nothing."""
    known = np.isfinite(other)
    if known.sum() < FEWEST:
        return None
    scores, near = other[known], own[known]
    height, width = scores.mean(), scores.std()
    spread = max(own.std(), _NARROWEST)
    if width < _NARROWEST:
        return None
    above = (own - near.mean()) / spread
    seen = np.corrcoef(near, scores)[0, 1] if near.std() > _NARROWEST else 0.0
    count = float(known.sum())
    slope = max((count * seen + _PHOTOS * _CORRELATION) / (count + _PHOTOS), 0.0)
    expected = np.where(known, (other - height) / width, slope * above)
    return _sorted(expected + _FIRST * _unscored(own, known) * above, own)


def _unscored(own: Doubles, known: Doubles) -> float:
    """The share of labels without a second score, the first ones counting most."""
    weights = np.exp(-np.argsort(np.argsort(-own, kind="stable")) / _COUNT)
    return float(np.where(known, 0.0, weights).sum() / weights.sum())


def _sorted(final: Doubles, own: Doubles) -> Labels:
    """Equal ones by their first score, then as they came."""
    return np.lexsort((np.arange(len(own)), -own, -final))
