"""False hits against what is right, as an SVG."""

from __future__ import annotations

import math
from html import escape
from typing import Any

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 760, 460, 70, 60, 70
_INK, _FAINT = "#222", "#ddd"
_COLOURS = {"calibrated": "#1b6ca8", "raw": "#b5452c", "raw final": "#8a7f00"}
_LOW, _HIGH = 0.1, 20.0


def draw(found: dict[str, Any], title: str) -> str:
    """Precision of the first ten (solid) and recall (dashed) over false hits, on a log scale."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="system-ui, sans-serif">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_LEFT, 28, title, 17),
        _text(_LEFT, 48, "solid: first ten right (%), dashed: of the concept's photos found (%)"),
        _text(_LEFT, _HEIGHT - 14, "false hits of 1,000 photos, the concept's photos removed"),
        *_grid(),
    ]
    for place, (name, colour) in enumerate(_COLOURS.items()):
        parts += [
            _line(found[name], "precision", colour, ""),
            _line(found[name], "recall", colour, "5 4"),
        ]
        parts.append(_text(_WIDTH - 150, _TOP + 16 * place + 14, name, 12, colour))
    return "\n".join([*parts, "</svg>\n"])


def _grid() -> list[str]:
    parts = []
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - 30}" stroke="{_FAINT}"/>')
        parts.append(_text(_LEFT - 34, y + 4, str(percent)))
    for value in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20):
        parts.append(_text(_x(value) - 8, _HEIGHT - _BOTTOM + 20, f"{value:g}"))
    return parts


def _line(points: list[dict[str, float]], key: str, colour: str, dash: str) -> str:
    shown = [
        point for point in points if _LOW <= point["false"] <= _HIGH and point[key] == point[key]
    ]
    path = " ".join(f"{_x(point['false']):.1f},{_y(point[key]):.1f}" for point in shown)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-dasharray="{dash}"/>'


def _x(value: float) -> float:
    share = math.log(value / _LOW) / math.log(_HIGH / _LOW)
    return _LEFT + share * (_WIDTH - 30 - _LEFT)


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def _text(x: float, y: float, words: str, size: int = 12, colour: str = _INK) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text {place} font-size="{size}" fill="{colour}">{escape(words)}</text>'
