"""From what a person typed to a ``Query``: grammar, dates, spelling, languages, filters.

Pure but for its dictionaries: no clock, no database. ``parse`` never raises, a request that makes
no sense raises QueryError. May import filters, types, errors and platform.
"""

from __future__ import annotations

from crispd.filters.values import wall_clock
from crispd.query.dates.date_ranges import format_period, mentions_season, parse_time
from crispd.query.dates.periods import Period
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
    "parse_time",
    "wall_clock",
]
