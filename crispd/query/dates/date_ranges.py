"""Times with their bounds: as the value of a filter, and where a sentence surely speaks of one.

::

    time   = [ moment ] ".." [ moment ] | bound moment | pair | moment ;
    pair   = [ "from" | "between" ] moment ( "to" | "until" | "and" | … ) moment ;
    bound  = "since" | "after" | "before" | "until" | "older than" | … ;
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import QueryError
from crispd.query.dates import numeric_dates, other_languages, periods
from crispd.query.dates.date_parser import DateMention, DateParser, MentionKind, ReferenceClock
from crispd.query.dates.other_languages import in_english
from crispd.query.dates.periods import Period
from crispd.query.dates.vocabulary import SEASONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from crispd.query.parsed_query import Hemisphere

_EXPECTED = (
    "a day, month or year (2021, 2021-06, 2021-06-14), a range of them (2019..2021) or a time in "
    'words ("last summer", "christmas 2021", "two years ago") is expected'
)
AROUND = '()[]{},.;:!?"“”„«»…'
_LONGEST = 80  # characters of a time; nothing longer is one
_SHOWN = 40
_BETWEEN = re.compile(r"[\s_]+|(?<=[A-Za-z])-(?=[A-Za-z0-9])")  # also last_summer, mid-2018
_TO = frozenset({"to", "until", "till", "through", "-", "–", "—"})


@dataclass(frozen=True, slots=True)
class BoundedPeriod:
    """Words up to ``end`` mean ``span``. ``weakest``: of its moments. ``bound``: one-sided."""

    end: int
    span: Period
    weakest: MentionKind
    bound: bool = False


def normalise_text(word: str) -> str:
    """A word as ``DateParser`` wants it."""
    return word.strip(AROUND).lower().replace("’", "'").replace("‘", "'")


def _since(moment: DateMention) -> Period:
    return Period(moment.span.start, None)


def _before(moment: DateMention) -> Period:
    return Period(None, moment.span.start)


def _until(moment: DateMention) -> Period:
    return Period(None, moment.span.end)


# "After" holds its moment, as it does in mail programs: better some photos more than some less.
_BOUNDS: dict[tuple[str, ...], Callable[[DateMention], Period]] = {
    ("since",): _since, ("after",): _since, ("newer", "than"): _since, ("later", "than"): _since,
    ("before",): _before, ("prior", "to"): _before, ("older", "than"): _before,
    ("earlier", "than"): _before, ("until",): _until, ("till",): _until, ("up", "to"): _until,
}  # fmt: skip


def parse_bounded(reader: DateParser, at: int) -> BoundedPeriod | None:
    """A bound with its moment, or a pair of moments, that begins with the word ``at``."""
    for length in (1, 2):
        span_of = _BOUNDS.get(tuple(reader.word(at + number) for number in range(length)))
        moment = reader.moment(at + length) if span_of is not None else None
        if span_of is not None and moment is not None:
            return BoundedPeriod(moment.end, span_of(moment), moment.kind, bound=True)
    return _aged(reader, at) or _pair(reader, at)


def _aged(reader: DateParser, at: int) -> BoundedPeriod | None:
    """Older than two years."""
    if reader.word(at) not in {"older", "newer"} or reader.word(at + 1) != "than":
        return None
    aged = reader.age(at + 2)
    if aged is None:
        return None
    end, since = aged
    span = Period(None, since) if reader.word(at) == "older" else Period(since, None)
    return BoundedPeriod(end, span, MentionKind.SURE, bound=True)


def _pair(reader: DateParser, at: int) -> BoundedPeriod | None:
    opening = reader.word(at)
    between = opening == "between"
    first = reader.moment(at + (opening in {"between", "from"}))
    if first is None:
        return None
    last, joined = reader.moment(first.end + 1), reader.word(first.end)
    if last is None:
        return None
    are_years = first.kind is MentionKind.YEAR is last.kind and opening not in {"between", "from"}
    # "2018 and 2020" would be two times; from one to the other holds them both.
    if joined not in ({"and"} if between else _TO | {"and", "or", "&"} if are_years else _TO):
        return None
    first, last = _in_order(first, last)
    if first.span.start >= last.span.end:
        return None
    # Named by "from" or "between", a month is surely one; without, both have to be sure.
    weakest = min(first.kind, last.kind)
    if opening in {"between", "from"} and weakest >= MentionKind.MONTH:
        weakest = MentionKind.SURE
    return BoundedPeriod(last.end, Period(first.span.start, last.span.end), weakest)


def _in_order(first: DateMention, last: DateMention) -> tuple[DateMention, DateMention]:
    """A bare month gets the year of the other end."""
    if last.month is not None:
        year = first.span.start.year + (last.month < first.span.start.month)
        return first, _in_year(last, last.month, year)
    if first.month is not None:
        year = last.span.start.year - (first.month > last.span.start.month)
        return _in_year(first, first.month, year), last
    return first, last


def _in_year(moment: DateMention, month: int, year: int) -> DateMention:
    span = periods.months(year, month, 1)
    return DateMention(moment.end, span, moment.kind, moment.taken, month)


def mentions_season(text: str) -> bool:
    """Whether a season may be meant somewhere."""
    folded = text.casefold()
    return any(name in folded for name in (*SEASONS, *other_languages.SEASONS))


def parse_time(text: str, now: datetime, hemisphere: Hemisphere = "north") -> Period:
    """What ``text`` means as a time, (start, end) without a zone; an open end is None.

    ``now`` is local time. Raises QueryError that says what is expected.
    """
    clock = ReferenceClock(now.replace(tzinfo=None), hemisphere)
    span = _read(text, clock)
    if span is None:
        raise QueryError(_refusal(text))
    if span.start is not None and span.end is not None and span.start >= span.end:
        raise QueryError(f"{text[:_SHOWN]!r} ends before it begins; turn the two round.")
    return span


def _refusal(text: str) -> str:
    if any(numeric_dates.ambiguous(word) for word in text[:_LONGEST].split()):
        return f"{text[:_SHOWN]!r} may be two days; write it with the year first, as 2021-06-14."
    return f"{text[:_SHOWN]!r} is not a time; {_EXPECTED}."


def _read(text: str, clock: ReferenceClock) -> Period | None:
    if len(text) > _LONGEST:
        return None
    first, dots, last = text.partition("..")
    if not dots:
        return _whole(text, clock)
    ends = [
        _whole(part, clock) if part.strip(" .") else Period(None, None) for part in (first, last)
    ]
    if None in ends or not (first.strip(" .") or last.strip(" .")):
        return None
    return Period(*(end[number] for number, end in enumerate(ends) if end is not None))


def _whole(text: str, clock: ReferenceClock) -> Period | None:
    """``text`` from its first word to its last."""
    stretch = numeric_dates.stretch(text.strip())
    if stretch is not None:
        return Period(*stretch)
    written = [normalise_text(word) for word in _BETWEEN.split(text) if normalise_text(word)]
    words = [word.text for word in in_english(written)]
    reader = DateParser(words, clock)
    for found in (parse_bounded(reader, 0), reader.moment(0)):
        if found is not None and found.end == len(words):
            return Period(*found.span)
    return None


def format_period(span: Period) -> str:
    """For people: whole days, the last one included."""
    start, end = span
    if start is None or end is None:
        if start is None:
            return "any time" if end is None else f"before {_point(end)}"
        return f"{_point(start)} or later"
    if periods.midnight(start.date()) != start or periods.midnight(end.date()) != end:
        return f"{_point(start)} to {_point(end)}"
    last = periods.back(end, 1, "day")
    return f"{start.date()}" if last == start.date() else f"{start.date()} to {last}"


def _point(time: datetime) -> str:
    whole = periods.midnight(time.date()) == time
    return str(time.date()) if whole else time.isoformat(" ", "minutes")
