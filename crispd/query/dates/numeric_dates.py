"""Years, days and dates written in digits. What is not one is None, never an error."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from crispd.query.dates import periods
from crispd.query.dates import vocabulary as known
from crispd.query.dates.periods import FIRST_YEAR, LAST_YEAR, NamedPeriod

_YEAR = re.compile(r"[0-9]{4}")
_SHORT_YEAR = re.compile(r"'([0-9]{2})")
_WINTER = re.compile(r"([0-9]{4})[-/–]([0-9]{2}|[0-9]{4})")
_YEARS = re.compile(r"([0-9]{4})[-–]([0-9]{4})")
_RANGE = re.compile(r"([0-9][0-9/-]{3,9})\.{2,3}([0-9][0-9/-]{3,9})")
_MONTH = re.compile(r"([0-9]{4})[-/.:]([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{4})([-/.:])([0-9]{1,2})\2([0-9]{1,2})")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[tT ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?"
    r"(?:[zZ]|[+-][0-9]{2}:?[0-9]{2})?"
)
_ORDINAL = re.compile(r"([0-9]{1,2})(st|nd|rd|th)?")
_DECADE = re.compile(r"'?([0-9]{2}|[0-9]{3}0)'?s")
_COUNT = re.compile(r"[1-9][0-9]{0,4}")


def year(word: str) -> int | None:
    """Four digits that may be a year of photography."""
    number = int(word) if _YEAR.fullmatch(word) else 0
    return number if FIRST_YEAR <= number <= LAST_YEAR else None


def short_year(word: str, this_year: int) -> int | None:
    """'19 is 2019, '69 is 1969: the latest that is not in the future."""
    found = _SHORT_YEAR.fullmatch(word)
    if found is None:
        return None
    number = this_year - this_year % 100 + int(found[1])
    return number if number <= this_year else number - 100


def winter(word: str) -> int | None:
    """2019/20 and 2019-2020 are the winter that begins in 2019."""
    found = _WINTER.fullmatch(word)
    first = year(found[1]) if found else None
    if found is None or first is None or not str(first + 1).endswith(found[2]):
        return None
    return first


def decade(word: str) -> int | None:
    """The first year of 1990s, 90s, '90s; the twenties are those of this century."""
    found = _DECADE.fullmatch(word)
    if found is None:
        return None
    if len(found[1]) == 4:
        return year(found[1])
    number = int(found[1])
    if number % 10:
        return None
    return 2000 + number if number < 30 else 1900 + number


def count(word: str) -> int | None:
    return int(word) if _COUNT.fullmatch(word) else known.NUMBERS.get(word)


def day(word: str) -> tuple[int | None, bool]:
    """(1 to 31, whether written as 1st); (None, False) where it is no day of a month."""
    found = _ORDINAL.fullmatch(word)
    if found is None or not 1 <= int(found[1]) <= 31:
        return None, False
    return int(found[1]), found[2] is not None


def single(year: int, month: int, day: int) -> NamedPeriod | None:
    """The day, where the calendar has it."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return periods.single(found) if FIRST_YEAR <= year <= LAST_YEAR else None


def stretch(word: str) -> NamedPeriod | None:
    """2021-06, 2021-06-14, 20210614, 14.6.2021, 2019-2021, 2021-06-14T10:00; a year is none."""
    for pattern, read in _FORMS:
        found = pattern.fullmatch(word)
        if found is not None and (span := read(found)) is not None:
            return span
    return None


def is_day(word: str) -> bool:
    """Whether it may be a day in digits: 2021-06-14, 20210614, 14.6.2021."""
    return any(form.fullmatch(word) for form in (_DAY, _DIGITS, _DAY_FIRST))


def ambiguous(word: str) -> bool:
    """Whether day and month of 3/4/2021 may be either; those with points have the day first."""
    found = _DAY_FIRST.fullmatch(word)
    if found is None or found[2] == ".":
        return False
    first, second = int(found[1]), int(found[3])
    return first != second and 1 <= first <= 12 and 1 <= second <= 12


def _years(found: re.Match[str]) -> NamedPeriod | None:
    first, last = year(found[1]), year(found[2])
    if first is None or last is None or last <= first:
        return None
    return periods.years(first, last - first + 1)


def _range(found: re.Match[str]) -> NamedPeriod | None:
    ends = [_year_or_day(found[number]) for number in (1, 2)]
    if ends[0] is None or ends[1] is None or ends[0].start >= ends[1].end:
        return None
    return NamedPeriod(ends[0].start, ends[1].end)


def _year_or_day(word: str) -> NamedPeriod | None:
    number = year(word)
    return stretch(word) if number is None else periods.year(number)


def _month(found: re.Match[str]) -> NamedPeriod | None:
    number, month = year(found[1]), int(found[2])
    return periods.months(number, month, 1) if number is not None and 1 <= month <= 12 else None


def _day(found: re.Match[str]) -> NamedPeriod | None:
    return single(int(found[1]), int(found[3]), int(found[4]))


def _digits(found: re.Match[str]) -> NamedPeriod | None:
    return single(int(found[1]), int(found[2]), int(found[3]))


def _day_first(found: re.Match[str]) -> NamedPeriod | None:
    first, second, number = int(found[1]), int(found[3]), int(found[4])
    if ambiguous(found[0]):
        return None
    return single(number, second, first) or (
        single(number, first, second) if found[2] != "." else None
    )


def _time(found: re.Match[str]) -> NamedPeriod | None:
    """A minute or second. A zone is left out: photos have the wall-clock time of their place."""
    try:
        start = datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}:{found[4] or '00'}")
    except ValueError:
        return None
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        return None
    return NamedPeriod(start, start + timedelta(seconds=1 if found[4] else 60))


_FORMS = (
    (_YEARS, _years),
    (_RANGE, _range),
    (_MONTH, _month),
    (_DAY, _day),
    (_DIGITS, _digits),
    (_DAY_FIRST, _day_first),
    (_TIME, _time),
)
