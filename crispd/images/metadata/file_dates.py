"""Capture times from the names of files and folders, or at least from the file's own time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from crispd.images.metadata.date_parsing import hour_of_meridiem, is_plausible
from crispd.images.metadata.folder_dates import capture_time_by_folder, holds
from crispd.types import CaptureTime

# IMG_20210703_101200, PXL_20210703_081200123, 2021-07-03 10.12.00, IMG-20210703-WA0001,
# signal-2021-07-03-101200, Screenshot_20210703-101200, WhatsApp Image 2021-07-03 at 10.12.00 PM
_STAMP = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:(?:[-_\s.,T]{1,3}|[\s_]at[\s_])(?P<hour>[01]?\d|2[0-3])(?P<colon>[-_.:h]?)"
    r"(?P<minute>[0-5]\d)(?:[-_.:m]?(?P<second>[0-5]\d))?(?:[-_.,]?\d{3})?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm](?![A-Za-z]))?)?(?!\d)"
)
# IMG20210703101200 and, with milliseconds, 20210703101200123
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?:(?P<second>[0-5]\d)(?:\d{3})?)?(?!\d)"
)
_DAY_ALONE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
# FB_IMG_1625300000000, and what some messengers make of a photo: milliseconds since 1970. Names of
# other numbers, as of goods and of pictures in a network, have as many digits.
_MILLISECONDS = re.compile(
    r"^(?:fb_img|mmexport|wx_camera|microMsg|img|image|photo|pic|picture|screenshot|received|video)?"
    r"[-_. ]?(?P<number>1\d{12})(?!\d)",
    re.IGNORECASE,
)
_HASH = re.compile(r"(?<![0-9a-z])(?=[0-9]*[a-f])[0-9a-f]{12,}(?![0-9a-z])", re.IGNORECASE)
_PIXEL = re.compile(r"^PXL_")  # Google's camera names its files by UTC
_FIRST_YEAR = 1990  # digital cameras are not older; scans are named by hand, with marks between
_FIRST_YEAR_BY_HAND = 1900
_FIRST_YEAR_OF_TELEPHONES = 2005


def capture_time_of_file(path: str, mtime_ns: int) -> CaptureTime:
    """By the name where it holds a date, else by the folder's, else by the time of the last change.

    That time is taken also where it is one of those that the folder names: it says more.
    """
    by_name = capture_time_by_name(path)
    if by_name is not None:
        return by_name
    by_folder, last = capture_time_by_folder(path), capture_time_by_mtime(mtime_ns)
    return last if by_folder is None or holds(by_folder, last) else by_folder


def capture_time_by_name(path: str) -> CaptureTime | None:
    """What the name of a file says; None where there is no date in it."""
    name = path.rpartition("/")[2]
    searched = _HASH.sub(lambda match: " " * len(match[0]), name)
    for pattern in (_STAMP, _COMPACT, _DAY_ALONE):
        for match in pattern.finditer(searched):
            found = _stamped(match, utc=_PIXEL.match(name) is not None)
            if found is not None:
                return found
    counted = _MILLISECONDS.match(name)
    if counted is None:
        return None
    return _counted(int(counted["number"]), alone=counted.start("number") == 0)


def capture_time_by_mtime(mtime_ns: int) -> CaptureTime:
    """When a file was last changed: all there is where neither it nor its name says more."""
    return CaptureTime(_local(mtime_ns / 1e9), "mtime", kind="written")


def _stamped(match: re.Match[str], *, utc: bool) -> CaptureTime | None:
    parts = match.groupdict()
    year, month, day = int(parts["year"]), int(parts["month"]), int(parts["day"])
    first = _FIRST_YEAR_BY_HAND if parts.get("sep") else _FIRST_YEAR
    clock = _clock(parts)
    try:
        moment = datetime(year, month, day, *(clock or (12,)))  # noqa: DTZ001
    except ValueError:  # the 31st of February
        return None
    if not is_plausible(moment, first):
        return None
    if clock is None:
        return CaptureTime(moment.isoformat(), "filename", "day", "name")
    precision = "second" if parts["second"] else "minute"
    return CaptureTime(
        moment.isoformat() + ("Z" if utc else ""),
        "filename",
        "second" if precision == "second" else "minute",
        "name",
    )


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int] | None:
    """Hour, minute and second; None where a name has no time, or only the beginning of a number."""
    hour, minute = parts.get("hour"), parts.get("minute")
    if hour is None or minute is None:
        return None
    if len(hour) == 1 and not parts.get("colon"):
        return None
    return hour_of_meridiem(int(hour), parts.get("half")), int(minute), int(parts["second"] or 0)


def _counted(milliseconds: int, *, alone: bool) -> CaptureTime | None:
    if alone and _is_of_goods(milliseconds):
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    if not is_plausible(moment.replace(tzinfo=None), _FIRST_YEAR_OF_TELEPHONES):
        return None
    return CaptureTime(_local(milliseconds / 1000), "filename", kind="name")


def _is_of_goods(number: int) -> bool:
    """Whether 13 digits check as an article number (GTIN-13): one in ten others does as well."""
    digits = [int(digit) for digit in str(number)]
    return sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0


def _local(seconds: float) -> str:
    """In the time zone of this machine, to the second."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).astimezone().isoformat()
    except (OverflowError, ValueError, OSError):  # a clock that was never set, in either direction
        return datetime.fromtimestamp(0, UTC).isoformat()
