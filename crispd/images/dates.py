"""When a photo was taken, by its name or at least by its file's time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from crispd.types import Taken

# IMG_20210703_101200, PXL_20210703_081200123, 2021-07-03 10.12.00, IMG-20210703-WA0001,
# signal-2021-07-03-101200, Screenshot_20210703-101200, WhatsApp Image 2021-07-03 at 10.12.00
_DAY = r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[-_ T.]| at )([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:m]?([0-5]\d))?)?"
_STAMP = re.compile(_DAY + _TIME)
# FB_IMG_1625300000000, and what some messengers make of a photo: milliseconds since 1970
_MILLISECONDS = re.compile(r"(?<!\d)(1[0-9]{12})(?!\d)")
_PIXEL = re.compile(r"^PXL_")  # Google's camera names its files by UTC
_FIRST_YEAR = 1990  # digital cameras are not older; scans are named by hand, if at all
_AHEAD = timedelta(days=2)
# No date up to here is doubted for lying ahead: a board without a battery for its clock starts in
# 1970, or where it was switched off.
_WRITTEN = datetime(2027, 1, 1, tzinfo=UTC)


def taken_by_file(path: str, mtime_ns: int) -> Taken:
    """By the name where it holds a date, else by the time of the last change."""
    name = path.rpartition("/")[2]
    return _by_name(name) or Taken(_local(mtime_ns / 1e9), "mtime")


def _by_name(name: str) -> Taken | None:
    for match in _STAMP.finditer(name):
        year, _, month, day, hour, minute, second = match.groups()
        digits = f"{year}-{month}-{day}T{hour or '12'}:{minute or '00'}:{second or '00'}"
        if _plausible(digits):
            return Taken(digits + ("Z" if hour and _PIXEL.match(name) else ""), "filename")
    found = _MILLISECONDS.search(name)
    return Taken(_local(int(found[1]) / 1000), "filename") if found else None


def _plausible(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # the 31st of February
        return False
    latest = max(datetime.now(UTC) + _AHEAD, _WRITTEN)
    return moment.year >= _FIRST_YEAR and moment.replace(tzinfo=UTC) < latest


def _local(seconds: float) -> str:
    """In the time zone of this machine, to the second."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).astimezone().isoformat()
    except (OverflowError, ValueError, OSError):  # a clock that was never set, in either direction
        return datetime.fromtimestamp(0, UTC).isoformat()
