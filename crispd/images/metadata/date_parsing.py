"""Parsing of dates in metadata, with their precision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crispd.types import latest_date

if TYPE_CHECKING:
    from crispd.types import DatePrecision

_LONGEST = 60  # characters: a date with a name of a day and a zone is half of it
_FIRST_YEAR = 1000  # what is older dates no picture but a clock that was never set
_MOST_OFFSET_MINUTES = 14 * 60  # Kiribati; west of Greenwich it is 12 hours

_SEP = r"\s*[-:/._ ]\s*"
_CLOCK = (
    r"(?P<hour>\d{1,2})\s*[:.h-]\s*(?P<minute>\d{1,2})"
    r"(?:\s*[:.m-]\s*(?P<second>\d{1,2})?(?:[.,]\d*)?)?"
)
_COMPACT_CLOCK = r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?(?:[.,]\d*)?"
_END = (
    r"\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)"
    r"\s*(?P<offset>Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?(?:\s*\(?[A-Za-z]{1,5}\)?)?\s*$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*"
_DAY_NAME = r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_SPELLINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?P<year>\d{{4}})(?:{_SEP}(?P<month>\d{{1,2}})(?:{_SEP}(?P<day>\d{{1,2}})"
        rf"(?:[T_,:;\s-]*{_CLOCK})?)?)?[\s:T-]*{_END}",
        rf"^(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:[T_:\s-]*{_COMPACT_CLOCK})?{_END}",
        rf"^(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)[T_,\s-]+{_CLOCK}{_END}",
        rf"^(?P<year>\d{{4}}){_SEP}(?P<month>\d\d){_SEP}(?P<day>\d\d)[T_,\s]+{_COMPACT_CLOCK}{_END}",
        # RFC 1123, as PNG asks for, and asctime
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})[\s-]+{_MONTH}[\s-]+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?{_END}",
        rf"{_DAY_NAME}{_MONTH}\.?\s+(?P<day>\d{{1,2}}),?\s+{_CLOCK}\s+(?P<year>\d{{4}})"
        r"\s*(?P<half>x)?(?P<offset>x)?$",
        rf"{_DAY_NAME}{_MONTH}\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?{_END}",
        # a date, and something that is no time
        rf"^(?P<year>\d{{4}}){_SEP}(?P<month>\d\d){_SEP}(?P<day>\d\d)(?!\d).*$",
    )
)
_OFFSET = re.compile(r"^(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?$")


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """``at``: RFC 3339, without an offset where none is known. ``precision``: what of it is."""

    at: str
    precision: DatePrecision


def parse_date(text: str, offset: str = "") -> ParsedDate | None:
    """A date in any of the usual spellings; None where it is none that a picture can have.

    ``offset``: of the time from UTC where it is kept apart from the date.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    for spelling in _SPELLINGS:
        match = spelling.match(text)
        if match is not None:
            return _dated(match.groupdict(), offset)
    return None


def offset_of(text: str) -> str:
    """An offset from UTC as RFC 3339 has it; empty where it is none that clocks on earth have."""
    text = text.strip()
    if text.upper() in {"Z", "UTC", "GMT"}:
        return "Z"
    match = _OFFSET.match(text)
    if match is None:
        return ""
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if minutes > 59 or hours * 60 + minutes > _MOST_OFFSET_MINUTES:
        return ""
    return f"{match['sign']}{hours:02}:{minutes:02}"


def is_plausible(moment: datetime, first_year: int = _FIRST_YEAR) -> bool:
    """Whether a picture can have been taken then, in whatever zone."""
    return moment.year >= first_year and moment.replace(tzinfo=UTC) < latest_date()


def hour_of_meridiem(hour: int, half: str | None) -> int:
    """Of 24, where ``half`` is the a of a.m. or the p of p.m.; as it is where there is none."""
    if not half or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _dated(parts: dict[str, str | None], apart: str) -> ParsedDate | None:
    """Zeros stand for what is not known; a time of day that is none leaves the day."""
    month, day = _month(parts.get("month")), int(parts.get("day") or 0)
    precision: DatePrecision = "day" if day else "month"
    if not month:
        precision = "year"
    date = _moment(int(parts["year"] or 0), month or 1, (day or 1) if month else 1, 12)
    if date is None or not is_plausible(date):
        return None
    clock = _clock(parts) if precision == "day" else None
    timed = _moment(date.year, date.month, date.day, *clock) if clock else None
    if timed is None:
        return ParsedDate(date.isoformat(), precision)
    zone = offset_of(parts.get("offset") or "") or offset_of(apart)
    return ParsedDate(timed.isoformat() + zone, "second" if parts.get("second") else "minute")


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int] | None:
    """A second is put in now and then, and Python's clocks have none of them."""
    hour, minute, second = (parts.get(name) for name in ("hour", "minute", "second"))
    if hour is None or minute is None:
        return None
    seconds = int(second or 0)
    return (
        hour_of_meridiem(int(hour), parts.get("half")),
        int(minute),
        59 if seconds in {60, 61} else seconds,
    )


def _moment(*numbers: int) -> datetime | None:
    try:
        return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _month(text: str | None) -> int:
    if text is None:
        return 0
    return int(text) if text.isdigit() else _MONTHS.index(text[:3].lower()) + 1
