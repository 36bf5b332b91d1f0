"""Pixel agreement of two pictures: one photo saved twice, or the same scene again.

Pictures are grey, float32 [height, width], 0 to 255. What the figures rest on: decision 131.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.images.comparison import alignment
from crispd.images.comparison.greyscale import blurred, contrast, extremes, scaled

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Floats

# Long sides at which scenes are compared, and pages are read.
SCENE, READING = 320, 1280
_RADIUS = 8  # of what counts as a surrounding, in pixels of SCENE
_SAME_SCENE = 0.6  # correlation of local contrast
_LEAST_OVERLAP = 0.6
_WINDOW, _INK = (
    15,
    50.0,
)  # where there is writing: darkest and lightest of a window differ by so much
_GROUND = 0.42  # the share of paper in it from which on it is writing and no picture
_PLAIN, _PLAIN_BAND = 0.6, 21  # or that of one grey in all of it
_STROKE = 2  # radius over which what is left is averaged: copies shift edges, digits change areas
_READABLE = 1000  # long side below which a digit is as small as a speck
_DIFFERENT = 50.0  # of 255: other writing leaves more
_SPECKS, _SPECKS_SMALL = 12, 4  # pixels that may differ, by a crease or dust
_GLANCE = 480
_TONE = 8  # levels that are one tone


def is_page(picture: Floats) -> bool:
    """Whether a picture of ``SCENE`` size is writing on a ground: a document, a screenshot."""
    levels = np.bincount(np.clip(picture, 0, 255).astype(np.int64).ravel(), minlength=256)
    band = np.convolve(levels, np.ones(_PLAIN_BAND), "same").max() / picture.size
    if band >= _PLAIN:
        return True
    whole = np.clip(picture, 0, 255).astype(np.uint8)
    light = extremes(whole, _WINDOW, np.maximum).astype(np.float32)
    dark = extremes(whole, _WINDOW, np.minimum).astype(np.float32)
    range_ = light - dark
    written = range_ > _INK
    if not written.any():
        return False
    paper = (light - picture < range_ / 4)[written].mean()
    night = (picture - dark < range_ / 4)[written].mean()
    return bool(max(paper, night) >= _GROUND)


def same_scene(one: Floats, other: Floats) -> bool:
    """Of two pictures of ``SCENE`` size: one lies over the other, however light, cropped or turned
    a little.
    """
    smaller = min(max(one.shape), max(other.shape))
    one, other = _no_larger(one, smaller), _no_larger(other, smaller)
    if one.shape == other.shape and _correlation(one, other, None) >= _SAME_SCENE:
        return True
    over, inside = alignment.aligned(one, other)
    if inside.mean() < _LEAST_OVERLAP:
        return False
    return _correlation(one, over, inside) >= _SAME_SCENE


def same_page(one: Floats, other: Floats) -> bool:
    """Of two pictures of ``READING`` size, or as large as they are: no place reads otherwise.

    Most different pages differ at a glance, which takes a seventh of the time.
    """
    smaller = min(max(one.shape), max(other.shape))
    one, other = _no_larger(one, smaller), _no_larger(other, smaller)
    if smaller >= 2 * _GLANCE:
        glance = _no_larger(one, _GLANCE), _no_larger(other, _GLANCE)
        if not _reads_the_same(*glance, _SPECKS):
            return False
    return _reads_the_same(one, other, _SPECKS if smaller >= _READABLE else _SPECKS_SMALL)


def _reads_the_same(one: Floats, other: Floats, specks: int) -> bool:
    (height, width), (high, wide) = one.shape, other.shape
    if abs(height - high) <= 2 and abs(width - wide) <= 2:
        straight = scaled(other, (width, height))
        if _difference(one, straight, np.ones(one.shape, bool), specks) < _DIFFERENT:
            return True
    over, inside = alignment.refined(one, other, _GLANCE)
    if inside.mean() < _LEAST_OVERLAP:
        return False
    return _difference(one, over, inside, specks) < _DIFFERENT


def _no_larger(picture: Floats, long_side: int) -> Floats:
    height, width = picture.shape
    scale = long_side / max(height, width)
    if scale >= 1:
        return picture
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return scaled(picture, size)


def _correlation(one: Floats, other: Floats, inside: npt.NDArray[np.bool_] | None) -> float:
    if inside is None:
        inside = np.ones(one.shape, bool)
    left = contrast(one, _RADIUS)
    right = contrast(np.where(inside, other, one), _RADIUS)
    return alignment.correlation(left, right, inside)


def _difference(one: Floats, other: Floats, inside: npt.NDArray[np.bool_], specks: int) -> float:
    """What is left where one has the tones of the other, of 255, but for the worst ``specks``."""
    margin = 2 * _STROKE
    whole = blurred(inside.astype(np.float32), margin) > 0.999
    whole[:margin] = whole[-margin:] = False
    whole[:, :margin] = whole[:, -margin:] = False
    if whole.sum() <= specks:
        return float("inf")
    # in both directions: of the one whose lights were cut off, the other's cannot be made
    return min(_left(one, other, whole, specks), _left(other, one, whole, specks))


def _left(one: Floats, other: Floats, inside: npt.NDArray[np.bool_], specks: int) -> float:
    low, high = np.percentile(one[inside], (1, 99))
    left = np.where(inside, one - _toned(other, one, inside), 0).astype(np.float32)
    values = np.abs(blurred(left, _STROKE))[inside] * (255 / max(float(high - low), 40.0))
    return float(np.partition(values, -specks - 1)[-specks - 1])


def _toned(picture: Floats, model: Floats, inside: npt.NDArray[np.bool_]) -> Floats:
    """``picture`` with each tone as light as ``model`` is where it has that tone, on average."""
    tones = np.clip(picture / _TONE, 0, 255 // _TONE)
    counts = np.bincount(tones[inside].astype(np.int64), minlength=256 // _TONE)
    sums = np.bincount(tones[inside].astype(np.int64), model[inside], minlength=256 // _TONE)
    known = np.flatnonzero(counts)
    means = sums[known] / counts[known]
    return np.interp(picture, known * _TONE + _TONE / 2, means).astype(np.float32)
