"""Capture times from the folders that a file lies in: ``2019/07``, ``Rome 2019``.

People sort what has no date of its own, as scans and what messengers sent, into folders that do.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from crispd.images.metadata.date_parsing import is_plausible
from crispd.types import CaptureTime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.types import DatePrecision

_YEAR, _MONTH, _DAY = r"(?P<year>(?:19|20)\d\d)", r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>[0-3]\d)"
_NAMED = (
    re.compile(rf"(?<!\d){_YEAR}(?P<sep>[-_. ]?){_MONTH}(?P=sep){_DAY}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}[-_. ]{_MONTH}(?![-_.]?\d)"),
)
_YEARS = re.compile(rf"(?<![^\W_]){_YEAR}(?![^\W_])")
# Months and days of their own are folders of numbers, below a year: 2019/07, 2019/07 July/14.
_NUMBERED = re.compile(r"(?P<number>\d\d)(?!\d)")
_FIRST_YEAR = 1900


def capture_time_by_folder(path: str) -> CaptureTime | None:
    """What the nearest folder with a date says; None where there is none, or one of two years.

    ``path``: of a file, below its root.
    """
    folders = path.split("/")[:-1]
    for depth in range(len(folders), 0, -1):
        found = _date_of(folders[depth - 1], folders[depth:])
        if found is not None:
            return found
    return None


def _date_of(name: str, below: Sequence[str]) -> CaptureTime | None:
    for pattern in _NAMED:
        match = pattern.search(name)
        if match is not None:
            parts = match.groupdict()
            return _moment(int(parts["year"]), int(parts["month"]), int(parts.get("day") or 0))
    years = {match["year"] for match in _YEARS.finditer(name)}
    if len(years) != 1:
        return None
    numbers = []
    for folder in below[:2]:
        match = _NUMBERED.match(folder)
        if match is None:
            break
        numbers.append(int(match["number"]))
    month, day = (*numbers, 0, 0)[:2]
    year = int(next(iter(years)))
    return (numbers and _moment(year, month, day)) or _moment(year)


def _moment(year: int, month: int = 0, day: int = 0) -> CaptureTime | None:
    precision: DatePrecision = "day" if day else "month" if month else "year"
    try:
        moment = datetime(year, month or 1, day or 1, 12)  # noqa: DTZ001
    except ValueError:  # the 31st of February, or no month at all
        return None
    if not is_plausible(moment, _FIRST_YEAR):
        return None
    return CaptureTime(moment.isoformat(), "folder", precision, "written")


def holds(period: CaptureTime, moment: CaptureTime) -> bool:
    """Whether a moment lies in the year, month or day of another."""
    size = {"year": 4, "month": 7}.get(period.precision, 10)
    return moment.at[:size] == period.at[:size]
