"""Stretches of time that have a name, in local wall-clock time.

Easter after ``dateutil.easter`` (Gauss's computus); seasons are those of meteorologists, three
whole months, and a winter has the name of the year in which it begins.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dateutil.easter import easter
from dateutil.relativedelta import SU, TH, relativedelta

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.query.parsed_query import Hemisphere

FIRST_YEAR, LAST_YEAR = 1800, 2199

_SEASON_STARTS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_DECADE = 10
_UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
# Farther back no photo was taken, and dates end.
_MOST = {"day": 70_000, "week": 10_000, "month": 2_000, "year": 190}


class Period(NamedTuple):
    """From ``start`` (inclusive) to ``end`` (exclusive); None: without a bound."""

    start: datetime | None
    end: datetime | None


class NamedPeriod(NamedTuple):
    """A span with both ends."""

    start: datetime
    end: datetime


def days(first: date, behind: date) -> NamedPeriod:
    """From the beginning of ``first`` to the beginning of ``behind``."""
    return NamedPeriod(midnight(first), midnight(behind))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def single(day: date) -> NamedPeriod:
    return days(day, day + timedelta(days=1))


def year(number: int) -> NamedPeriod:
    return days(date(number, 1, 1), date(number + 1, 1, 1))


def years(first: int, count: int) -> NamedPeriod:
    return days(date(first, 1, 1), date(first + count, 1, 1))


def decade(first: int, part: str = "") -> NamedPeriod:
    """The ten years from ``first`` on, or of these the early, mid or late ones."""
    offset, count = {"early": (0, 4), "mid": (4, 3), "late": (7, 3)}.get(part, (0, _DECADE))
    return years(first + offset, count)


def part_of_year(number: int, part: str) -> NamedPeriod:
    """Four months: ``part`` is early, mid or late."""
    first = {"early": 1, "mid": 5, "late": 9}[part]
    return months(number, first, 4)


def months(number: int, first: int, count: int) -> NamedPeriod:
    start = date(number, first, 1)
    return days(start, start + relativedelta(months=count))


def season(number: int, name: str, hemisphere: Hemisphere) -> NamedPeriod:
    first = _SEASON_STARTS[name]
    if hemisphere == "south":
        first = (first + 5) % 12 + 1
    return months(number, first, 3)


def week(day: date) -> NamedPeriod:
    """Monday to Sunday around ``day``."""
    monday = day - timedelta(days=day.weekday())
    return days(monday, monday + timedelta(days=7))


def weekend(day: date) -> NamedPeriod:
    """Saturday and Sunday of the week around ``day``."""
    monday = day - timedelta(days=day.weekday())
    return days(monday + timedelta(days=5), monday + timedelta(days=7))


def unit(name: str, day: date) -> NamedPeriod:
    """The day, week, month or year around ``day``."""
    if name == "day":
        return single(day)
    if name == "week":
        return week(day)
    return months(day.year, day.month, 1) if name == "month" else year(day.year)


def ago(now: datetime, count: int, name: str) -> NamedPeriod | None:
    """The day, week, month or year that was ``count`` of them ago."""
    day = back(now, count, name)
    return None if day is None else unit(name, day)


def back(now: datetime, count: int, name: str) -> date | None:
    """The day ``count`` units before ``now``; None where no photo can be so old."""
    if count > _MOST[name]:
        return None
    return now.date() - relativedelta(**{_UNITS[name]: count})  # type: ignore[arg-type]


def _fixed(month: int, day: int, length: int = 1) -> Callable[[int], NamedPeriod]:
    def of(number: int) -> NamedPeriod:
        first = date(number, month, day)
        return days(first, first + timedelta(days=length))

    return of


def _around_easter(first: int, length: int) -> Callable[[int], NamedPeriod]:
    def of(number: int) -> NamedPeriod:
        start = easter(number) + timedelta(days=first)
        return days(start, start + timedelta(days=length))

    return of


def _nth(month: int, weekday: relativedelta, length: int = 1) -> Callable[[int], NamedPeriod]:
    def of(number: int) -> NamedPeriod:
        first = date(number, month, 1) + weekday
        return days(first, first + timedelta(days=length))

    return of


def _new_year(number: int) -> NamedPeriod:
    return days(date(number - 1, 12, 30), date(number, 1, 3))


# People celebrate around a feast: Christmas is 20 December to Epiphany, Halloween the week before.
_FEASTS: dict[str, Callable[[int], NamedPeriod]] = {
    "christmas": _fixed(12, 20, 18),
    "christmas eve": _fixed(12, 24),
    "christmas day": _fixed(12, 25),
    "boxing day": _fixed(12, 26),
    "new year": _new_year,
    "new year's eve": _fixed(12, 31, 2),
    "new year's day": _fixed(1, 1),
    "easter": _around_easter(-2, 4),
    "easter sunday": _around_easter(0, 1),
    "easter monday": _around_easter(1, 1),
    "good friday": _around_easter(-2, 1),
    "carnival": _around_easter(-52, 7),
    "ascension day": _around_easter(39, 1),
    "pentecost": _around_easter(48, 3),
    "halloween": _fixed(10, 25, 8),
    "thanksgiving": _nth(11, relativedelta(weekday=TH(4)), 4),
    "valentine's day": _fixed(2, 14),
    "st patrick's day": _fixed(3, 17),
    "independence day": _fixed(7, 3, 3),
    "mother's day": _nth(5, relativedelta(weekday=SU(2))),
    "father's day": _nth(6, relativedelta(weekday=SU(3))),
}
_OTHER_NAMES = {
    "xmas": "christmas", "xmas eve": "christmas eve", "xmas day": "christmas day",
    "new years": "new year", "new year's": "new year",
    "new years eve": "new year's eve", "new year eve": "new year's eve", "nye": "new year's eve",
    "new years day": "new year's day", "new year day": "new year's day",
    "mardi gras": "carnival", "whitsun": "pentecost",
    "valentines": "valentine's day", "valentine's": "valentine's day",
    "valentines day": "valentine's day", "valentine day": "valentine's day",
    "st patricks day": "st patrick's day", "st. patrick's day": "st patrick's day",
    "saint patrick's day": "st patrick's day", "fourth of july": "independence day",
    "4th of july": "independence day", "mothers day": "mother's day", "fathers day": "father's day",
    "weihnacht": "christmas", "weihnachten": "christmas", "heiligabend": "christmas eve",
    "silvester": "new year's eve", "neujahr": "new year's day", "jahreswechsel": "new year",
    "ostern": "easter", "ostersonntag": "easter sunday", "ostermontag": "easter monday",
    "karfreitag": "good friday", "karneval": "carnival", "fasching": "carnival",
    "fastnacht": "carnival", "pfingsten": "pentecost", "valentinstag": "valentine's day",
    "muttertag": "mother's day", "vatertag": "ascension day",
    "christi himmelfahrt": "ascension day",
    "noël": "christmas", "pâques": "easter", "pentecôte": "pentecost", "nouvel an": "new year",
    "saint-sylvestre": "new year's eve", "réveillon": "new year's eve",
    "saint-valentin": "valentine's day",
    "fête des pères": "father's day", "vendredi saint": "good friday",
    "lundi de pâques": "easter monday", "jour de l'an": "new year's day",
    "vánoce": "christmas", "vánocích": "christmas", "vánoc": "christmas",
    "štědrý den": "christmas eve", "silvestr": "new year's eve", "silvestra": "new year's eve",
    "nový rok": "new year's day", "velikonoce": "easter", "velikonocích": "easter",
    "velikonoc": "easter", "velký pátek": "good friday", "masopust": "carnival",
    "svatodušní svátky": "pentecost", "den matek": "mother's day", "den otců": "father's day",
}  # fmt: skip
FEAST_NAMES: dict[str, str] = {name: name for name in _FEASTS} | _OTHER_NAMES


def feast(number: int, name: str) -> NamedPeriod:
    """A feast of the year ``number``; ``name`` is a value of ``FEAST_NAMES``."""
    return _FEASTS[name](number)


def latest_begun(make: Callable[[int], NamedPeriod], now: datetime) -> NamedPeriod:
    """Of the stretches that ``make`` gives for each year, the latest that is not in the future."""
    return next(span for back in range(3) if (span := make(now.year + 1 - back)).start <= now)


def latest_over(make: Callable[[int], NamedPeriod], now: datetime) -> NamedPeriod:
    """The latest that has ended, as people mean by "last summer"."""
    return next(span for back in range(4) if (span := make(now.year + 1 - back)).end <= now)
