"""Quality against latency as an SVG: one point a ranking."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.evaluation.evaluate import Evaluation, Row

_WIDTH, _HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 40, 60, 60
_INK, _FAINT, _LINE, _FULL = "#222", "#ddd", "#1b6ca8", "#b5452c"


def plot(found: Evaluation) -> str:
    """R@1 with its interval over the median time of a query, text included, on a log scale."""
    rows = [row for row in found.rows if row.latency is not None]
    if not rows:
        return _svg([_text(_WIDTH / 2, _HEIGHT / 2, "Nothing was timed.", anchor="middle")])
    times = [row.latency.p50 for row in rows if row.latency is not None]
    recalls = [bound for row in rows for bound in (row.recall[1].low, row.recall[1].high)]
    x = _Axis(math.log10(min(times)) - 0.1, math.log10(max(times)) + 0.15, _LEFT, _WIDTH - _RIGHT)
    y = _Axis(math.floor(min(recalls)), math.ceil(max(recalls)), _HEIGHT - _BOTTOM, _TOP)
    parts = [*_frame(found, x, y), *_curve(rows, x, y)]
    for row in rows:
        parts += _point(row, x, y)
    return _svg(parts)


class _Axis:
    """Values to pixels."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1
        self._start, self._end = start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)


def _frame(found: Evaluation, x: _Axis, y: _Axis) -> list[str]:
    title = f"{found.pack} on {found.dataset}, {found.split}: {found.photos:,} photos"
    parts = [
        _text(_LEFT, 28, title, size=17),
        _text(_LEFT, 46, "R@1 (%), bars: 95 % interval", colour="#666"),
        _text(_WIDTH - _RIGHT, _HEIGHT - 16, "milliseconds a query (median, text included)",
              anchor="end", colour="#666"),
    ]  # fmt: skip
    step = max(1, round((y.high - y.low) / 6))
    for recall in range(int(y.low), int(y.high) + 1, step):
        parts.append(_rule(_LEFT, y(recall), _WIDTH - _RIGHT, y(recall), _FAINT))
        parts.append(_text(_LEFT - 8, y(recall) + 4, str(recall), anchor="end"))
    for power in range(-3, 6):
        for factor in (1, 2, 5):
            value = factor * 10.0**power
            if x.low <= math.log10(value) <= x.high:
                place = x(math.log10(value))
                parts.append(_rule(place, _HEIGHT - _BOTTOM, place, _HEIGHT - _BOTTOM + 5, _INK))
                parts.append(_text(place, _HEIGHT - _BOTTOM + 20, f"{value:g}", anchor="middle"))
    parts.append(_rule(_LEFT, _HEIGHT - _BOTTOM, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM, _INK))
    return parts


def _curve(rows: list[Row], x: _Axis, y: _Axis) -> list[str]:
    lists = sorted((row for row in rows if row.short_list), key=lambda row: row.short_list or 0)
    points = " ".join(
        f"{x(math.log10(row.latency.p50)):.1f},{y(row.recall[1].value):.1f}"
        for row in lists
        if row.latency is not None
    )
    return [f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="1.5"/>']


def _point(row: Row, x: _Axis, y: _Axis) -> list[str]:
    assert row.latency is not None
    across, share = x(math.log10(row.latency.p50)), row.recall[1]
    colour = _LINE if row.short_list else _FULL
    name = f"K = {row.short_list}" if row.short_list else row.name
    near_end = across > _WIDTH - _RIGHT - 110
    shift, anchor = (-9, "end") if near_end else (9, "start")
    return [
        _rule(across, y(share.low), across, y(share.high), colour),
        f'<circle cx="{across:.1f}" cy="{y(share.value):.1f}" r="5" fill="{colour}"/>',
        _text(across + shift, y(share.value) + 16, name, anchor=anchor),
    ]


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, colour: str = _INK
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{colour}">{escape(words)}</text>'
    )


def _svg(parts: list[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="system-ui, sans-serif">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )
