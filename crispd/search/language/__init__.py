"""What can be typed into ``q``: words, and filters a person guesses. docs/search.md describes it.

Pure: no clock, no files. ``parse`` never raises; the ``parse_…`` of single values raise QueryError.
"""

from __future__ import annotations

from crispd.search.language.parse import parse
from crispd.search.language.results import Hemisphere, Parsed
from crispd.search.language.spans import Span
from crispd.search.language.times import names_season, parse_time, shown, wall_clock
from crispd.search.language.values import (
    parse_camera,
    parse_folder,
    parse_has,
    parse_id,
    parse_keyword,
    parse_megapixels,
    parse_near,
    parse_orientation,
    parse_pixels,
    parse_rating,
    parse_types,
)
from crispd.types import Interpretation

__all__ = [
    "Hemisphere",
    "Interpretation",
    "Parsed",
    "Span",
    "names_season",
    "parse",
    "parse_camera",
    "parse_folder",
    "parse_has",
    "parse_id",
    "parse_keyword",
    "parse_megapixels",
    "parse_near",
    "parse_orientation",
    "parse_pixels",
    "parse_rating",
    "parse_time",
    "parse_types",
    "shown",
    "wall_clock",
]
