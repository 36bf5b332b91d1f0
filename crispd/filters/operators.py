"""Names before a colon in ``q``: those of each filter, and those that mean several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.filters.definition import Filter, Operator, Reading
from crispd.filters.table import FILTERS
from crispd.filters.values import parse_sides, wall_clock
from crispd.types import Condition

if TYPE_CHECKING:
    from datetime import datetime

    from crispd.filters.definition import TimeReader
    from crispd.types import NearPlace

_WORDS_OF_A_TIME = FILTERS["after"].words


def read_condition(entry: Filter, text: str, times: TimeReader) -> Reading:
    """A value of one filter. Raises QueryError."""
    value, meant = entry.read(text, times)
    several = entry.several is not None and isinstance(value, tuple)
    return Reading((Condition(entry.name, value if several else (value,)),), meant)


def period_reading(start: datetime | None, end: datetime | None, times: TimeReader) -> Reading:
    """A stretch of time as filters."""
    bounds = {"after": start, "before": end}
    conditions = tuple(
        Condition(name, (wall_clock(time),)) for name, time in bounds.items() if time is not None
    )
    return Reading(conditions, times.describe(start, end))


def month_reading(number: int, times: TimeReader) -> Reading:
    """A month of every year as a filter."""
    return Reading((Condition("month", (number,)),), f"any {times.month_name(number)}", "month")


def near_reading(place: NearPlace) -> Reading:
    """The surroundings of a place as a filter."""
    meant = f"within {place.near.radius_km:g} km of {place.name}"
    return Reading((Condition("near", (place.near,)),), meant, "near")


def _date(text: str, times: TimeReader) -> Reading:
    month = times.month(text)
    if month is not None:
        return month_reading(month, times)
    return period_reading(*times.period(text), times)


def _month(text: str, times: TimeReader) -> Reading:
    try:
        number, _ = FILTERS["month"].read(text, times)
    except QueryError:
        return _date(text, times)
    return month_reading(number, times)


def _until(text: str, times: TimeReader) -> Reading:
    _, end = times.period(text)
    if end is None:
        raise QueryError(f"{text[:40]!r} has no end; give a day, month or year.")
    return period_reading(None, end, times)


def _size(text: str, times: TimeReader) -> Reading:
    sides = parse_sides(text)
    if sides is None:
        return read_condition(FILTERS["min_megapixels"], text, times)
    width, height = sides
    conditions = (Condition("min_width", (width,)), Condition("min_height", (height,)))
    return Reading(conditions, f"at least {width} x {height} pixels")


def _own(entry: Filter) -> Operator:
    return Operator(
        entry.field or entry.name,
        lambda text, times: read_condition(entry, text, times),
        entry.words,
        entry.negatable or entry.opposite is not None,
        bool(entry.column),
    )


_OPERATORS = (
    *((entry.operators, _own(entry)) for entry in FILTERS.values()),
    ("until till", Operator("before", _until, _WORDS_OF_A_TIME, negatable=True)),
    ("date year day on when taken during", Operator("date", _date, _WORDS_OF_A_TIME)),
    ("month", Operator("date", _month, _WORDS_OF_A_TIME)),
    ("size mp megapixels resolution", Operator("size", _size, 2)),
)
OPERATORS = {name: operator for names, operator in _OPERATORS for name in names.split()}
