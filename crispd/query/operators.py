"""The names of filters, and what each makes of its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crispd.errors import QueryError
from crispd.query import filter_values
from crispd.query.dates import date_ranges
from crispd.query.dates.periods import Period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crispd.query.dates.date_parser import ReferenceClock


@dataclass(frozen=True, slots=True)
class OperatorResult:
    """``changes``: fields of Filters; ``meant``: for people."""

    changes: Mapping[str, Any]
    meant: str


@dataclass(frozen=True, slots=True)
class Operator:
    """``words``: how many a value may have without quotes, where it is clear where it ends."""

    field: str
    read: Callable[[str, ReferenceClock], OperatorResult]
    words: int = 0


def _after(text: str, clock: ReferenceClock) -> OperatorResult:
    start = date_ranges.parse_time(text, clock.now, clock.hemisphere).start
    if start is None:
        raise QueryError(f"{text[:40]!r} has no beginning; give a day, month or year.")
    return meaning_of(Period(start, None))


def _before(text: str, clock: ReferenceClock) -> OperatorResult:
    end = date_ranges.parse_time(text, clock.now, clock.hemisphere).start
    if end is None:
        raise QueryError(f"{text[:40]!r} has no beginning; give a day, month or year.")
    return meaning_of(Period(None, end))


def _until(text: str, clock: ReferenceClock) -> OperatorResult:
    end = date_ranges.parse_time(text, clock.now, clock.hemisphere).end
    if end is None:
        raise QueryError(f"{text[:40]!r} has no end; give a day, month or year.")
    return meaning_of(Period(None, end))


def _date(text: str, clock: ReferenceClock) -> OperatorResult:
    return meaning_of(date_ranges.parse_time(text, clock.now, clock.hemisphere))


def meaning_of(span: Period) -> OperatorResult:
    """A stretch of time as a filter."""
    changes = {}
    if span.start is not None:
        changes["after"] = date_ranges.wall_clock(span.start)
    if span.end is not None:
        changes["before"] = date_ranges.wall_clock(span.end)
    return OperatorResult(changes, date_ranges.format_period(span))


def _folder(text: str, _clock: ReferenceClock) -> OperatorResult:
    folder = filter_values.parse_folder(text)
    return OperatorResult({"folder": folder}, folder)


def _types(text: str, _clock: ReferenceClock) -> OperatorResult:
    types = filter_values.parse_types(text)
    return OperatorResult({"types": types}, " or ".join(types))


def _camera(text: str, _clock: ReferenceClock) -> OperatorResult:
    camera = filter_values.parse_camera(text)
    return OperatorResult({"cameras": (camera,)}, camera)


def _keyword(text: str, _clock: ReferenceClock) -> OperatorResult:
    keywords = tuple(filter_values.parse_keyword(part) for part in text.split(","))
    return OperatorResult({"keywords": keywords}, " and ".join(keywords))


def _near(text: str, _clock: ReferenceClock) -> OperatorResult:
    near = filter_values.parse_near(text)
    meant = f"within {near.radius_km:g} km of {near.latitude:g}, {near.longitude:g}"
    return OperatorResult({"near": near}, meant)


def _has(text: str, _clock: ReferenceClock) -> OperatorResult:
    has = filter_values.parse_has(text)
    return OperatorResult({"has": has}, " and ".join(has))


def _is(text: str, _clock: ReferenceClock) -> OperatorResult:
    orientation = filter_values.parse_orientation(text)
    return OperatorResult({"orientation": orientation}, orientation)


def _rating(text: str, _clock: ReferenceClock) -> OperatorResult:
    rating = filter_values.parse_rating(text)
    return OperatorResult(
        {"rating": rating}, f"{rating} stars or more" if rating < 5 else "5 stars"
    )


def _width(text: str, _clock: ReferenceClock) -> OperatorResult:
    pixels = filter_values.parse_pixels(text)
    return OperatorResult({"min_width": pixels}, f"at least {pixels} pixels wide")


def _height(text: str, _clock: ReferenceClock) -> OperatorResult:
    pixels = filter_values.parse_pixels(text)
    return OperatorResult({"min_height": pixels}, f"at least {pixels} pixels high")


def _size(text: str, _clock: ReferenceClock) -> OperatorResult:
    sides = filter_values.parse_sides(text)
    if sides is not None:
        meant = f"at least {sides[0]} x {sides[1]} pixels"
        return OperatorResult({"min_width": sides[0], "min_height": sides[1]}, meant)
    size = filter_values.parse_megapixels(text)
    return OperatorResult({"min_megapixels": size}, f"at least {size:g} megapixels")


_WORDS_OF_A_TIME = 6
_OPERATORS = (
    ("after since from newer", Operator("after", _after, _WORDS_OF_A_TIME)),
    ("before older", Operator("before", _before, _WORDS_OF_A_TIME)),
    ("until till", Operator("before", _until, _WORDS_OF_A_TIME)),
    ("date year month day on when taken during", Operator("date", _date, _WORDS_OF_A_TIME)),
    ("in folder path dir directory album", Operator("folder", _folder)),
    ("type format ext extension filetype", Operator("type", _types, 3)),
    ("camera make model device", Operator("camera", _camera)),
    ("near gps geo location", Operator("near", _near, 3)),
    ("has with", Operator("has", _has, 2)),
    ("is orientation", Operator("orientation", _is, 1)),
    ("rating stars rated", Operator("rating", _rating, 2)),
    ("keyword keywords tag tags", Operator("keyword", _keyword)),
    ("size mp megapixels resolution", Operator("size", _size, 2)),
    ("width", Operator("size", _width, 2)),
    ("height", Operator("size", _height, 2)),
)
OPERATORS = {name: operator for names, operator in _OPERATORS for name in names.split()}
LIKE = frozenset({"like", "similar"})
