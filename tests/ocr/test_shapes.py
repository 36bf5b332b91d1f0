"""Components of maps and rectangles around them."""

from __future__ import annotations

import numpy as np
import pytest

from crispd.ocr.components import components
from crispd.ocr.rectangles import reading_order, sides, smallest_rectangle


def by_flood(mask: np.ndarray) -> list[int]:
    """Sizes of components, found pixel by pixel."""
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    sizes = []
    while left:
        stack, size = [left.pop()], 0
        while stack:
            y, x = stack.pop()
            size += 1
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            stack += near
        sizes.append(size)
    return sorted(sizes)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6])
def test_components_are_those_of_a_flood(share: float) -> None:
    scores = np.random.default_rng(7).random((40, 60), dtype=np.float32)
    scores = np.where(scores < share, np.float32(0.9), np.float32(0.1))
    found = list(components(scores, 0.5))
    assert sorted(one.pixels for one in found) == by_flood(scores > 0.5)
    assert all(abs(one.score - 0.9) < 1e-5 for one in found)


def test_pixels_at_both_ends_of_rows_are_no_neighbours() -> None:
    scores = np.zeros((3, 5), np.float32)
    scores[0, 4] = scores[1, 0] = scores[2, 4] = 1.0
    assert [one.pixels for one in components(scores, 0.5)] == [1, 1, 1]
    assert list(components(np.zeros((3, 5), np.float32), 0.5)) == []


def test_a_component_is_bounded_by_the_corners_of_its_pixels() -> None:
    scores = np.zeros((9, 9), np.float32)
    scores[2:5, 1:8] = 1.0
    [one] = components(scores, 0.5)
    assert one.points.min(0).tolist() == [1, 2]
    assert one.points.max(0).tolist() == [8, 5]


@pytest.mark.parametrize("degrees", [0, 10, 37, 80, -25])
def test_the_smallest_rectangle_is_the_one_that_was_turned(degrees: float) -> None:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shape = np.array([[0, 0], [50, 0], [50, 10], [0, 10], [20, 5], [25, 10]]) @ turn + 100
    found = smallest_rectangle(shape.astype(np.float32))
    assert sorted(sides(found)) == pytest.approx([10, 50], abs=0.01)
    grown = smallest_rectangle(shape.astype(np.float32), grow=1.2)  # 500 x 1.2 / 120 = 5
    assert sorted(sides(grown)) == pytest.approx([20, 60], abs=0.01)


def test_rows_are_read_from_left_to_right_and_down() -> None:
    def box(x: float, y: float) -> np.ndarray:
        return np.array([[x, y], [x + 9, y], [x + 9, y + 4], [x, y + 4]], np.float32)

    boxes = [box(50, 11), box(0, 30), box(0, 10), box(50, 29)]
    assert reading_order(boxes) == [2, 0, 1, 3]
