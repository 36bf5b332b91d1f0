"""Vectors of a large library out of those of a few thousand real photos.

A vector lies on the way from a real photo to one of its nearest, and off it by a difference of two
others, which keeps to the directions in which photos differ. How far off decides how near the
nearest of a million are; ``fitted`` chooses it so that they are as near as real photos would be.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common.captioned import encode_files
from benchmarks.common.report import say

if TYPE_CHECKING:
    from crispd.packs.pack import Pack
    from crispd.types import Floats, Labels

COLLECTIONS = ("flickr8k", "everyday")
_NEAREST = 10
_FURTHEST_WAY = 0.5  # of the way to a neighbour: beyond its half one is nearer to that
_NOISES = (0.15, 0.2, 0.25, 0.3)
_TRIED = 100  # vectors whose nearest is looked for


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """``real`` float32 [N, dim] unit vectors and their ``tokens`` as stored; ``nearest`` int64
    [N, 10]; ``noise``: the share of a difference of two photos that a vector is off by;
    ``regions``: of a photo's tokens.
    """

    real: Floats
    tokens: tuple[bytes, ...]
    nearest: Labels
    noise: float
    regions: int

    def centre(self, number: int) -> int:
        """Which real photo vector ``number`` lies at; neighbours in number lie apart."""
        return number * 7919 % len(self.real)

    def vector(self, number: int) -> Floats:
        """float32 [dim], of unit length: the same for the same number."""
        centre, beside, one, other, way = self._drawn(number)
        made = (1 - way) * self.real[centre] + way * self.real[beside]
        made = made + self.noise * (self.real[one] - self.real[other])
        return np.asarray(made / np.linalg.norm(made), np.float32)

    def tokens_of(self, number: int) -> bytes:
        """As stored: of half of the regions of the photo that it lies at, and half of the other."""
        centre, beside, *_ = self._drawn(number)
        own = np.random.default_rng(number).random(self.regions) < 0.5
        first, second = (np.frombuffer(self.tokens[photo], np.int8) for photo in (centre, beside))
        split = len(first) - 2 * self.regions  # scales come last, two bytes each
        parts = [
            np.where(own[:, None], a.reshape(self.regions, -1), b.reshape(self.regions, -1))
            for a, b in ((first[:split], second[:split]), (first[split:], second[split:]))
        ]
        return b"".join(part.tobytes() for part in parts)

    def _drawn(self, number: int) -> tuple[int, int, int, int, float]:
        chance = random.Random(number)  # made faster than one of numpy's
        centre, count = self.centre(number), len(self.real)
        beside = int(self.nearest[centre, chance.randrange(_NEAREST)])
        one, other = chance.randrange(count), chance.randrange(count)
        return centre, beside, one, other, chance.uniform(0, _FURTHEST_WAY)


def real_photos(
    data: Path, pack: Pack, cache: Path, every: int
) -> tuple[Floats, tuple[bytes, ...]]:
    """Vectors and tokens of one in ``every`` of the photos below ``data``, encoded once."""
    paths = [path for name in COLLECTIONS for path in sorted((data / name).rglob("*.jpg"))]
    return encode_files(paths[::every], pack, cache / f"{pack.id}_million_{every}.npz")


def fitted(
    real: Floats, tokens: tuple[bytes, ...], regions: int, size: int
) -> tuple[Neighbourhoods, dict[str, Any]]:
    """Neighbourhoods whose ``size`` vectors lie as near to their nearest as real ones would.

    Of real photos, the median similarity to the nearest grows evenly with the logarithm of how many
    there are: it is measured among quarters, halves and all, and the line is followed to ``size``.
    Made-up ones are measured in the same way, up to as many as there are real ones times 20.
    """
    nearest = nearest_of(real)
    counts = [len(real) // 4, len(real) // 2, len(real)]
    measured = [_median_similarity(real[:: len(real) // count]) for count in counts]
    slope, start = np.polyfit(np.log(counts), measured, 1)
    wanted = float(start + slope * np.log(size))
    tried = {}
    for noise in _NOISES:
        made = Neighbourhoods(real, tokens, nearest, noise, regions)
        tried[noise] = _at_size(made, size)
        say(f"noise {noise}: the nearest at {tried[noise]:.3f}, wanted {wanted:.3f}")
    best = min(tried, key=lambda noise: abs(tried[noise] - wanted))
    told = {
        "real_photos": len(real),
        "median_similarity_of_the_nearest": {
            **{
                str(count): round(float(value), 3)
                for count, value in zip(counts, measured, strict=True)
            },
            f"real, at {size}, by the line": round(wanted, 3),
            f"made up, at {size}": round(tried[best], 3),
        },
        "noise": best,
    }
    return Neighbourhoods(real, tokens, nearest, best, regions), told


def _at_size(made: Neighbourhoods, size: int) -> float:
    """Of some vectors among ``size``, of which those around the same and the nearest centres count.

    Others are hardly ever the nearest, and a million need not be made for each noise.
    """
    similar, count = [], len(made.real)
    for number in range(_TRIED):
        own = made.vector(number)
        centres = {made.centre(number), *made.nearest[made.centre(number)].tolist()}
        around = [
            other
            for centre in centres
            for other in range(_first_at(centre, count), size, count)
            if other != number
        ]
        similar.append(max(float(made.vector(other) @ own) for other in around))
    return float(np.median(similar))


def _first_at(centre: int, count: int) -> int:
    """The first number whose centre that is."""
    return centre * pow(7919, -1, count) % count


def nearest_of(real: Floats) -> Labels:
    """Which ten others are nearest to each of ``real``: int64 [N, 10]."""
    scores = real @ real.T
    np.fill_diagonal(scores, -1)
    return np.argsort(-scores, axis=1)[:, :_NEAREST]


def _median_similarity(real: Floats) -> float:
    scores = real @ real.T
    np.fill_diagonal(scores, -1)
    return float(np.median(scores.max(axis=1)))
