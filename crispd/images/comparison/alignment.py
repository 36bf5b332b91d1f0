"""Alignment of two grey pictures: a crop, shift, scale or small rotation of one in the other.

Pictures are float32 [height, width], 0 to 255. A map takes x and y of the first picture to those of
the second: ``float64 [2, 3]``, as Pillow's affine transform has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from crispd.images.comparison.greyscale import contrast, scaled

if TYPE_CHECKING:
    import numpy.typing as npt

    from crispd.types import Floats

    Map = npt.NDArray[np.float64]

_LEVELS = (40, 80, 160)  # long sides in pixels, coarse to fine
_STEPS = 12
# Where to begin: a tenth cropped off at any side.
_SCALES, _SHIFTS = (0.9, 1.0, 1 / 0.9), (-0.05, 0.0, 0.05)
_STILL = 0.01  # of a pixel: no step is worth its time below
_DAMPING = 1e-3
_OUTSIDE = -1000.0


def aligned(one: Floats, other: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """``other`` as it lies over ``one`` [height, width] of that, and where it does.

    Found by least squares over pictures of local contrast (Lucas and Kanade 1981, an affine map),
    coarse to fine, from where both whole pictures lie over each other.
    """
    best = _start(one, other)
    for size in _LEVELS:
        best = _refined(one, other, best, size)
    return warped(other, best, one.shape)


def refined(one: Floats, other: Floats, long_side: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """As ``aligned``, with a last look at ``long_side`` pixels."""
    best = _start(one, other)
    for size in (*_LEVELS, long_side):
        best = _refined(one, other, best, size)
    return warped(other, best, one.shape)


def warped(
    picture: Floats, found: Map, shape: tuple[int, ...]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """``picture`` as seen from the other one, and where it reaches."""
    # Pillow takes the centres of pixels for a half
    flat = found.copy()
    flat[:, 2] += found[:, :2] @ (-0.5, -0.5) + 0.5
    made = Image.fromarray(picture).transform(
        (shape[1], shape[0]), Image.Transform.AFFINE, tuple(flat.ravel()),
        Image.Resampling.BILINEAR, fillcolor=_OUTSIDE,
    )  # fmt: skip
    values = np.asarray(made, np.float32)
    return values, values > _OUTSIDE / 2


def _starts(one: Floats, other: Floats) -> list[Map]:
    """Stretched over each other; of about one scale, and about the same middle."""
    (height, width), (high, wide) = one.shape, other.shape
    starts = [_about_middle(wide / width, high / height, one, other)]
    same = max(high, wide) / max(height, width)
    for scale in _SCALES:
        middle = _about_middle(same * scale, same * scale, one, other)
        for across in _SHIFTS:
            for down in _SHIFTS:
                starts.append(middle + np.array([[0, 0, across * wide], [0, 0, down * high]]))
    return starts


def _about_middle(across: float, down: float, one: Floats, other: Floats) -> Map:
    (height, width), (high, wide) = one.shape, other.shape
    return np.array([[across, 0, (wide - across * width) / 2],
                     [0, down, (high - down * height) / 2]])  # fmt: skip


def _start(one: Floats, other: Floats) -> Map:
    small, large, _ = _at(one, other, np.eye(2, 3), _LEVELS[0])

    def likeness(start: Map) -> float:
        return correlation(small, *warped(large, start, small.shape))

    found = max(_starts(small, large), key=likeness)
    down, other_down = _small(one, _LEVELS[0])[1], _small(other, _LEVELS[0])[1]
    return _scaled_map(found, _inverse(down), _inverse(other_down))


def _inverse(scales: tuple[float, float]) -> tuple[float, float]:
    return 1 / scales[0], 1 / scales[1]


def correlation(one: Floats, other: Floats, inside: npt.NDArray[np.bool_]) -> float:
    """Of what lies inside, -1 to 1."""
    if inside.sum() < 16:
        return -1.0
    a, b = one[inside] - one[inside].mean(), other[inside] - other[inside].mean()
    length = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / length if length > 0 else 0.0


def _at(one: Floats, other: Floats, found: Map, long_side: int) -> tuple[Floats, Floats, Map]:
    """Both made small, with local contrast instead of light, and the map between the small ones."""
    small, down = _small(one, long_side)
    large, other_down = _small(other, long_side)
    radius = max(long_side // 16, 2)
    return contrast(small, radius), contrast(large, radius), _scaled_map(found, down, other_down)


def _small(picture: Floats, long_side: int) -> tuple[Floats, tuple[float, float]]:
    height, width = picture.shape
    scale = min(long_side / max(height, width), 1.0)
    size = max(round(width * scale), 4), max(round(height * scale), 4)
    return scaled(picture, size), (size[0] / width, size[1] / height)


def _scaled_map(found: Map, one: tuple[float, float], other: tuple[float, float]) -> Map:
    made = found.copy()
    made[:, 0] /= one[0]
    made[:, 1] /= one[1]
    made[0] *= other[0]
    made[1] *= other[1]
    return made


def _refined(one: Floats, other: Floats, start: Map, long_side: int) -> Map:
    small, large, found = _at(one, other, start, long_side)
    best, best_likeness = found, -1.0
    for _ in range(_STEPS):
        over, inside = warped(large, found, small.shape)
        likeness = correlation(small, over, inside)
        if likeness > best_likeness:
            best, best_likeness = found, likeness
        step = _step(small, over, inside, found)
        if step is None:
            break
        found = found + step
        if np.abs(step[:, 2]).max() < _STILL and np.abs(step[:, :2]).max() < _STILL / long_side:
            break
    one_down = _small(one, long_side)[1]
    other_down = _small(other, long_side)[1]
    return _scaled_map(best, _inverse(one_down), _inverse(other_down))


def _step(small: Floats, over: Floats, inside: npt.NDArray[np.bool_], found: Map) -> Map | None:
    """What brings ``over`` nearer to ``small``: least squares over six numbers and a gain."""
    slopes: list[Floats] = list(np.gradient(over))
    down, across = slopes
    edge = inside.copy()
    edge[1:-1, 1:-1] &= inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    edge[[0, -1]] = edge[:, [0, -1]] = False
    if edge.sum() < 32:
        return None
    y, x = np.nonzero(edge)
    middle_x, middle_y = small.shape[1] / 2, small.shape[0] / 2
    gx, gy, value, wanted = across[edge], down[edge], over[edge], small[edge]
    gain = float((value * wanted).sum() / max(float((value * value).sum()), 1e-6))
    if gain <= 0.2:
        gain = 1.0
    u, v = (x - middle_x) / middle_x, (y - middle_y) / middle_y
    columns = np.stack([gx * u, gx * v, gx, gy * u, gy * v, gy], 1).astype(np.float64) * gain
    error = (wanted - gain * value).astype(np.float64)
    product = columns.T @ columns
    product[np.diag_indices(6)] *= 1 + _DAMPING
    try:
        move = np.linalg.solve(product + np.eye(6) * 1e-9, columns.T @ error).reshape(2, 3)
    except np.linalg.LinAlgError:
        return None
    # steps in picture coordinates of ``over``'s place, brought through the map
    local = np.array([
        [move[0, 0] / middle_x, move[0, 1] / middle_y, 0],
        [move[1, 0] / middle_x, move[1, 1] / middle_y, 0],
    ])  # fmt: skip
    local[:, 2] = move[:, 2] - local[:, :2] @ (middle_x, middle_y)
    linear = found[:, :2]
    whole = np.empty((2, 3))
    whole[:, :2] = linear @ local[:, :2]
    whole[:, 2] = linear @ local[:, 2]
    return whole
