"""From what a person typed to a ``Query``: grammar, dates, spelling, languages, filters.

Pure but for its dictionaries: no clock, no database. ``parse`` never raises, a request that makes
no sense raises QueryError. May import types and errors.
"""

from __future__ import annotations

from crispd.query.dates.date_ranges import format_period, mentions_season, parse_time, wall_clock
from crispd.query.dates.periods import Period
from crispd.query.filter_values import (
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
from crispd.query.parsed_query import Hemisphere, ParsedQuery
from crispd.query.parser import parse
from crispd.types import Interpretation

__all__ = [
    "Hemisphere",
    "Interpretation",
    "ParsedQuery",
    "Period",
    "format_period",
    "mentions_season",
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
    "wall_clock",
]
