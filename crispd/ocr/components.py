"""Connected components of a map of pixels, by runs of a row, in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from crispd.types import Floats

    Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Component:
    """``points``: float32 [n, 2], x and y of corners of its outermost pixels in each row, in no
    order. ``score``: the mean of its pixels. ``pixels``: how many.
    """

    points: Floats
    score: float
    pixels: int


def components(scores: Floats, above: float) -> Iterator[Component]:
    """Of the pixels of a map, float32 [h, w], that score more; neighbours at corners touch."""
    rows, starts, ends = _runs(scores > above)
    if not len(rows):
        return
    labels = _joined(rows, starts, ends, scores.shape[1])
    edges = np.ravel(np.stack([rows * scores.shape[1] + starts, rows * scores.shape[1] + ends], 1))
    flat = np.append(scores.ravel(), np.float32(0))
    sums = np.add.reduceat(flat, edges)[::2]
    order = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.diff(labels[order])) + 1
    for runs in np.split(order, bounds):
        number = int((ends[runs] - starts[runs]).sum())
        yield Component(
            _outline(rows[runs], starts[runs], ends[runs]), float(sums[runs].sum() / number), number
        )


def _runs(mask: npt.NDArray[np.bool_]) -> tuple[Numbers, Numbers, Numbers]:
    """Row, first column, and column after the last of each run of pixels, row by row."""
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    changes = np.diff(padded, axis=1)
    rows, starts = np.nonzero(changes > 0)
    _, ends = np.nonzero(changes < 0)
    return rows, starts, ends


def _joined(rows: Numbers, starts: Numbers, ends: Numbers, width: int) -> Numbers:
    """A label for each run: that of the first run of its component."""
    stride = width + 2  # a run that ends with its row touches nothing of the next
    first_below = np.searchsorted(rows * stride + ends, (rows + 1) * stride + starts, "left")
    after_below = np.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, "right")
    counts = np.maximum(after_below - first_below, 0)
    upper = np.repeat(np.arange(len(rows)), counts)
    lower = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first_below, counts)
    labels = np.arange(len(rows))
    while True:
        before = labels.copy()
        least = np.minimum(labels[upper], labels[lower])
        np.minimum.at(labels, labels[upper], least)
        np.minimum.at(labels, labels[lower], least)
        labels = labels[labels]
        if np.array_equal(labels, before):
            return labels


def _outline(rows: Numbers, starts: Numbers, ends: Numbers) -> Floats:
    """Corners of the first and the last pixel in each row."""
    top = rows.min()
    left = np.full(rows.max() - top + 1, np.iinfo(np.int64).max)
    right = np.full(len(left), -1)
    np.minimum.at(left, rows - top, starts)
    np.maximum.at(right, rows - top, ends)
    y = np.arange(top, top + len(left))
    x = np.concatenate([left, left, right, right])
    return np.stack([x, np.concatenate([y, y + 1, y, y + 1])], 1).astype(np.float32)
