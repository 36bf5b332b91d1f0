"""The names of filters, and what each makes of its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crispd.errors import QueryError
from crispd.search.language import times, values
from crispd.search.language.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crispd.search.language.moments import Clock


@dataclass(frozen=True, slots=True)
class Meaning:
    """``changes``: fields of Filters; ``meant``: for people."""

    changes: Mapping[str, Any]
    meant: str


@dataclass(frozen=True, slots=True)
class Operator:
    """``words``: how many a value may have without quotes, where it is clear where it ends."""

    field: str
    read: Callable[[str, Clock], Meaning]
    words: int = 0


def _after(text: str, clock: Clock) -> Meaning:
    start = times.parse_time(text, clock.now, clock.hemisphere).start
    if start is None:
        raise QueryError(f"{text[:40]!r} has no beginning; give a day, month or year.")
    return meaning_of(Span(start, None))


def _before(text: str, clock: Clock) -> Meaning:
    end = times.parse_time(text, clock.now, clock.hemisphere).start
    if end is None:
        raise QueryError(f"{text[:40]!r} has no beginning; give a day, month or year.")
    return meaning_of(Span(None, end))


def _until(text: str, clock: Clock) -> Meaning:
    end = times.parse_time(text, clock.now, clock.hemisphere).end
    if end is None:
        raise QueryError(f"{text[:40]!r} has no end; give a day, month or year.")
    return meaning_of(Span(None, end))


def _date(text: str, clock: Clock) -> Meaning:
    return meaning_of(times.parse_time(text, clock.now, clock.hemisphere))


def meaning_of(span: Span) -> Meaning:
    """A stretch of time as a filter."""
    changes = {}
    if span.start is not None:
        changes["after"] = times.wall_clock(span.start)
    if span.end is not None:
        changes["before"] = times.wall_clock(span.end)
    return Meaning(changes, times.shown(span))


def _folder(text: str, _clock: Clock) -> Meaning:
    folder = values.parse_folder(text)
    return Meaning({"folder": folder}, folder)


def _types(text: str, _clock: Clock) -> Meaning:
    types = values.parse_types(text)
    return Meaning({"types": types}, " or ".join(types))


def _camera(text: str, _clock: Clock) -> Meaning:
    camera = values.parse_camera(text)
    return Meaning({"cameras": (camera,)}, camera)


def _keyword(text: str, _clock: Clock) -> Meaning:
    keywords = tuple(values.parse_keyword(part) for part in text.split(","))
    return Meaning({"keywords": keywords}, " and ".join(keywords))


def _near(text: str, _clock: Clock) -> Meaning:
    near = values.parse_near(text)
    meant = f"within {near.radius_km:g} km of {near.latitude:g}, {near.longitude:g}"
    return Meaning({"near": near}, meant)


def _has(text: str, _clock: Clock) -> Meaning:
    has = values.parse_has(text)
    return Meaning({"has": has}, " and ".join(has))


def _is(text: str, _clock: Clock) -> Meaning:
    orientation = values.parse_orientation(text)
    return Meaning({"orientation": orientation}, orientation)


def _rating(text: str, _clock: Clock) -> Meaning:
    rating = values.parse_rating(text)
    return Meaning({"rating": rating}, f"{rating} stars or more" if rating < 5 else "5 stars")


def _width(text: str, _clock: Clock) -> Meaning:
    pixels = values.parse_pixels(text)
    return Meaning({"min_width": pixels}, f"at least {pixels} pixels wide")


def _height(text: str, _clock: Clock) -> Meaning:
    pixels = values.parse_pixels(text)
    return Meaning({"min_height": pixels}, f"at least {pixels} pixels high")


def _size(text: str, _clock: Clock) -> Meaning:
    sides = values.parse_sides(text)
    if sides is not None:
        meant = f"at least {sides[0]} x {sides[1]} pixels"
        return Meaning({"min_width": sides[0], "min_height": sides[1]}, meant)
    size = values.parse_megapixels(text)
    return Meaning({"min_megapixels": size}, f"at least {size:g} megapixels")


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
