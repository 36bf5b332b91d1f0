"""Rectangles around text: of the smallest area, grown, and in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import Floats


def smallest_rectangle(points: Floats, grow: float = 0.0) -> Floats:
    """Corners, float32 [4, 2], of the smallest rectangle around points [n, 2]: clockwise from the
    one that is at the top left.

    ``grow``: each side moves out by area x ``grow`` / circumference, as DB shrinks what it learns.
    """
    hull = _hull(points)
    edges = np.diff(np.vstack([hull, hull[:1]]), axis=0)
    edges = edges[np.hypot(edges[:, 0], edges[:, 1]) > 0]
    units = edges / np.hypot(edges[:, 0], edges[:, 1])[:, None]
    along = hull @ units.T
    across = hull @ np.stack([-units[:, 1], units[:, 0]])
    lows, highs = (along.min(0), across.min(0)), (along.max(0), across.max(0))
    areas = (highs[0] - lows[0]) * (highs[1] - lows[1])
    best = int(areas.argmin())
    u, v = units[best], np.array([-units[best, 1], units[best, 0]])
    (left, top), (right, bottom) = ((low[best] for low in lows), (high[best] for high in highs))
    out = areas[best] * grow / max(2 * (right - left + bottom - top), 1e-6)
    sides = [(left - out, top - out), (right + out, top - out)]
    sides += [(right + out, bottom + out), (left - out, bottom + out)]
    return _from_top_left(np.array([a * u + b * v for a, b in sides], np.float32))


def _hull(points: Floats) -> Floats:
    """The convex hull, in order, by Andrew's monotone chain."""
    ordered = sorted(set(map(tuple, points.tolist())))
    return np.array(_chain(ordered) + _chain(ordered[::-1]), np.float32)


def _chain(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """One half of a hull, without its last point."""
    chain: list[tuple[float, float]] = []
    for x, y in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain[:-1]


def _from_top_left(corners: Floats) -> Floats:
    """Clockwise as seen; of the two corners at the left the upper one first."""
    middle = corners.mean(0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    corners = corners[np.argsort(angles)]
    return np.roll(corners, -int(corners.sum(1).argmin()), axis=0)


def sides(corners: Floats) -> tuple[float, float]:
    """Width and height of a rectangle, by its corners [4, 2]."""
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    return float(np.hypot(*across)), float(np.hypot(*down))


def reading_order(boxes: Sequence[Floats]) -> list[int]:
    """Places of boxes from the top to the bottom, those of one row from left to right, as most of
    the text stands: upright, on a side or on its head.
    """
    if not boxes:
        return []
    boxes = [box @ _upright(boxes) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda place: float(boxes[place][:, 1].mean()))
    rows: list[list[int]] = []
    for place in order:
        box = boxes[place]
        middle = box[:, 1].mean()
        if rows:
            head = boxes[rows[-1][0]]
            if middle - head[:, 1].mean() < np.ptp(head[:, 1]) / 2:
                rows[-1].append(place)
                continue
        rows.append([place])
    return [place for row in rows for place in sorted(row, key=lambda p: float(boxes[p][0, 0]))]


def _upright(boxes: Sequence[Floats]) -> Floats:
    """float32 [2, 2]: turns corners by quarters until most lines go to the right."""
    across = np.array([box[1] - box[0] for box in boxes])
    quarters = np.round(np.arctan2(across[:, 1], across[:, 0]) / (np.pi / 2)).astype(int) % 4
    cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[int(np.bincount(quarters).argmax())]
    return np.array([[cosine, -sine], [sine, cosine]], np.float32)
