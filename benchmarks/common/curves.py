"""Curves on logarithmic axes, as an SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 190, 50, 60
_COLOURS = ("#1b6ca8", "#b5452c", "#3f7d3f", "#7a4fa0")


@dataclass(frozen=True)
class Curve:
    """Points (x, y), both above 0."""

    name: str
    points: list[tuple[float, float]]


def curves(title: str, across: str, up: str, drawn: list[Curve]) -> str:
    """An SVG with a legend beside the ends of the curves."""
    xs = [math.log10(x) for curve in drawn for x, _ in curve.points]
    ys = [math.log10(y) for curve in drawn for _, y in curve.points]
    x = _scale(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT)
    y = _scale(math.floor(min(ys)), math.ceil(max(ys)), _HEIGHT - _BOTTOM, _TOP)
    parts = [_text(_LEFT, 26, title, size=16)]
    for power in range(math.floor(min(ys)), math.ceil(max(ys)) + 1):
        parts += [_line(_LEFT, y(power), _WIDTH - _RIGHT, y(power), "#ddd"),
                  _text(_LEFT - 8, y(power) + 4, f"{10.0**power:g}", anchor="end")]  # fmt: skip
    for power in range(math.ceil(min(xs)), math.floor(max(xs)) + 1):
        parts.append(_line(x(power), _TOP, x(power), _HEIGHT - _BOTTOM, "#eee"))
        name = f"{10.0**power:g}"
        parts.append(_text(x(power), _HEIGHT - _BOTTOM + 18, name, anchor="middle"))
    parts.append(_text(_LEFT, 44, up, colour="#666"))
    parts.append(_text(_WIDTH - _RIGHT, _HEIGHT - 18, across, anchor="end", colour="#666"))
    for curve, colour in zip(drawn, _COLOURS, strict=False):
        points = [(x(math.log10(a)), y(math.log10(b))) for a, b in curve.points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        parts.append(_text(points[-1][0] + 8, points[-1][1] + 4, curve.name, colour=colour))
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif"><rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f"{body}</svg>\n"
    )


def _scale(low: float, high: float, start: float, end: float):
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, colour: str = "#222"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{escape(words)}</text>'
    )
