"""Isotonic regression: the nearest probabilities that never rise down a list. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Floats


def isotonic_decreasing(values: Floats) -> npt.NDArray[np.float64]:
    """The non-increasing float64 [n] that is nearest to ``values`` [n] by squares.

    Pool adjacent violators (Ayer et al. 1955): where values rise, all that are concerned take their
    mean. Most lists rise only at their beginning, so what falls by itself is not gone through.
    """
    given = values.astype(np.float64)
    rises = np.flatnonzero(np.diff(given) > 0)
    if not len(rises):
        return given
    last = int(rises[-1]) + 1  # from here on nothing rises by itself
    sums, counts = [0.0], [0]  # an empty block, so that there is always one before
    for at, value in enumerate(given.tolist()):
        if at > last and value * counts[-1] <= sums[-1]:
            break  # nor does it rise above what was pooled
        sums.append(value)
        counts.append(1)
        while len(sums) > 2 and sums[-1] * counts[-2] > sums[-2] * counts[-1]:
            total, count = sums.pop(), counts.pop()
            sums[-1] += total
            counts[-1] += count
    pooled = np.repeat(np.array(sums[1:]) / counts[1:], counts[1:])
    result: npt.NDArray[np.float64] = np.concatenate([pooled, given[len(pooled) :]])
    # means of floats may rise by a rounding
    return np.minimum.accumulate(result)
