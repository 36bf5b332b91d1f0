# Made of filters/table.py by scripts/filter_options.py. Edit that one, then: make client
"""Filters of a search, as its parameters."""

from __future__ import annotations

from typing import Literal, TypedDict


class FilterOptions(TypedDict, total=False):
    """As ``docs/http.md`` has them; all may be left out.

    Several of these stand with commas between: ``month``, ``type``, ``camera``, ``person``,
    ``place``, ``has``, ``keyword``.
    """

    after: str
    before: str
    month: str
    folder: str
    type: str
    camera: str
    person: str
    place: str
    name: str
    text: str
    near: str
    has: str
    orientation: Literal["landscape", "portrait", "square"]
    min_width: int
    min_height: int
    min_megapixels: float
    rating: int
    keyword: str
