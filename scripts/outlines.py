"""``python -m scripts.outlines countries-50m.json``: the outlines of the page's map.

The file is of the npm package world-atlas 2.0.2 (ISC): Natural Earth 4.1 at 1:50 million, which is
in the public domain, as TopoJSON. Its lines are thinned out, none by more than three hundredths of
a degree, islets are left out, and the rest is written to ``crispd/webui/static/map/outlines.bin``,
which ``outlines.js`` beside it reads:

Numbers have seven bits a byte, the lowest first; signed ones are folded (0, -1, 1, -2 …). First how
many arcs there are; of each how many points, 1 for a border between countries and 0 for a coast,
and of each point longitude and latitude in hundredths of a degree, as steps from the point before
(of the arc before, too). Then how many rings there are; of each how many arcs, and the number of
each arc as a signed one: -1 is arc 0 from its end to its beginning.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "crispd" / "webui" / "static" / "map" / "outlines.bin"
PER_DEGREE = 100
TOLERANCE = 0.03  # degrees
LEAST_SIDE = 0.15  # degrees: smaller rings are left out

Point = tuple[float, float]


def main() -> None:
    topology = json.loads(Path(sys.argv[1]).read_text())
    arcs = [_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    rings = [
        ring
        for country in topology["objects"]["countries"]["geometries"]
        for ring in _rings(country)
        if _side(ring, arcs) >= LEAST_SIDE
    ]
    uses = Counter(_number(arc) for ring in rings for arc in ring)
    kept = {number: place for place, number in enumerate(sorted(uses))}
    out = bytearray()
    _write(out, len(kept))
    x = y = 0
    for number in kept:
        points = [
            (round(point[0] * PER_DEGREE), round(point[1] * PER_DEGREE))
            for point in _thinned(arcs[number])
        ]
        _write(out, len(points))
        _write(out, int(uses[number] > 1))
        for point in points:
            _write_signed(out, point[0] - x)
            _write_signed(out, point[1] - y)
            x, y = point
    _write(out, len(rings))
    for ring in rings:
        _write(out, len(ring))
        for arc in ring:
            _write_signed(out, kept[arc] if arc >= 0 else ~kept[~arc])
    TARGET.write_bytes(out)
    print(f"{len(kept)} arcs, {len(rings)} rings, {len(out)} bytes")


def _degrees(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    (scale_x, scale_y), (from_x, from_y) = transform["scale"], transform["translate"]
    places = accumulate(arc, lambda before, step: [before[0] + step[0], before[1] + step[1]])
    return [(x * scale_x + from_x, y * scale_y + from_y) for x, y in places]


def _rings(geometry: dict[str, Any]) -> list[list[int]]:
    if geometry["type"] == "Polygon":
        return list(geometry["arcs"])
    return [ring for polygon in geometry.get("arcs", []) for ring in polygon]


def _number(arc: int) -> int:
    return arc if arc >= 0 else ~arc


def _side(ring: list[int], arcs: list[list[Point]]) -> float:
    points = [point for arc in ring for point in arcs[_number(arc)]]
    across, up = zip(*points, strict=True)
    return max(max(across) - min(across), max(up) - min(up))


def _thinned(points: list[Point]) -> list[Point]:
    """After Douglas and Peucker; the ends stay, and so do arcs that meet there."""
    kept = {0, len(points) - 1}
    open_spans = [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        inner = range(first + 1, last)
        if not inner:
            continue
        farthest = max(inner, key=lambda at: _distance(points[at], points[first], points[last]))
        if _distance(points[farthest], points[first], points[last]) > TOLERANCE:
            kept.add(farthest)
            open_spans += [(first, farthest), (farthest, last)]
    return [points[at] for at in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    across, up = end[0] - start[0], end[1] - start[1]
    length = across * across + up * up
    x, y = point[0] - start[0], point[1] - start[1]
    share = max(0.0, min(1.0, (x * across + y * up) / length)) if length else 0.0
    return float(((x - share * across) ** 2 + (y - share * up) ** 2) ** 0.5)


def _write(out: bytearray, number: int) -> None:
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def _write_signed(out: bytearray, number: int) -> None:
    _write(out, number * 2 if number >= 0 else -number * 2 - 1)


if __name__ == "__main__":
    main()
