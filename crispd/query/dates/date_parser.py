"""Times in words and numbers: what may be one, from which word to which, and how surely.

::

    moment = numbers | year | decade | part of a year | day | [ "the" ] day-of-month
           | name [ tail ] | tail ( "in" | "at" | "'s" ) name
           | ( "last" | "past" | "this" ) ( unit | "weekend" | weekday | name )
           | ( "last" | "past" ) number units | number units "ago" ;
    name   = month | season | feast ;
    tail   = [ "of" ] ( year | "last year" | "this year" | number "years ago" ) ;
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import partial
from typing import TYPE_CHECKING

from crispd.query.dates import numeric_dates, periods
from crispd.query.dates import vocabulary as known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crispd.query.dates.periods import NamedPeriod
    from crispd.query.parsed_query import Hemisphere


class MentionKind(IntEnum):
    """How surely words are a time: the higher, the less has to stand around them."""

    THING = 0  # a season, a feast: also what a photo shows
    WEEKDAY = 1
    MONTH = 2
    DAY = 3  # of a month, without a year
    DECADE = 4
    YEAR = 5
    SURE = 6


@dataclass(frozen=True, slots=True)
class ReferenceClock:
    """``now`` is local and without a zone."""

    now: datetime
    hemisphere: Hemisphere = "north"


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words from where it was looked for up to ``end`` (exclusive) are ``span``.

    ``taken``: of these the words (first, behind) that say the time; the others, as the feast in
    "christmas 2021", are also something to see. ``month``: of a bare month, else None.
    """

    end: int
    span: NamedPeriod
    kind: MentionKind
    taken: tuple[int, int]
    month: int | None = None


_LONGEST_FEAST = 3
_SOME_TIME = {"night": (18, 30), "evening": (17, 24), "morning": (0, 12), "afternoon": (12, 18)}


# No moment begins with another word, but for those with digits.
_BEGINNINGS = frozenset(
    {
        *known.MONTHS, *known.SHORT_MONTHS, *known.WEEKDAYS, *known.SEASONS, *known.NUMBERS,
        *known.LAST, *known.PARTS, *(name.split()[0] for name in periods.FEAST_NAMES),
        "the", "this", "day", "today", "tonight", "yesterday",
    }
)  # fmt: skip


def _may_begin(word: str) -> bool:
    return word in _BEGINNINGS or any("0" <= character <= "9" for character in word)


class DateParser:
    """Finds moments among ``words``: lower case, straight apostrophes, no marks around them."""

    def __init__(self, words: Sequence[str], clock: ReferenceClock) -> None:
        self._words = words
        self._clock = clock
        self._now = clock.now
        self._known: dict[int, DateMention | None] = {}

    def moment(self, at: int) -> DateMention | None:
        """The longest moment that begins with the word ``at``."""
        if not _may_begin(self.word(at)):
            return None
        if at not in self._known:
            self._known[at] = self._longest(at)
        return self._known[at]

    def _longest(self, at: int) -> DateMention | None:
        rules = (self._number, self._decade, self._part, self._day_of_month, self._name,
                 self._led, self._last, self._this, self._ago, self._day)  # fmt: skip
        found = [moment for rule in rules if (moment := rule(at)) is not None]
        return max(found, key=lambda moment: (moment.end, moment.kind), default=None)

    def word(self, at: int) -> str:
        return self._words[at] if 0 <= at < len(self._words) else ""

    def age(self, at: int) -> tuple[int, datetime] | None:
        """(behind it, that long ago) of "two years"."""
        counted = self._counted(at)
        day = None if counted is None else periods.back(self._now, counted[1], counted[2])
        return None if counted is None or day is None else (counted[0], periods.midnight(day))

    def _made(
        self, at: int, end: int, span: NamedPeriod | None, kind: MentionKind
    ) -> DateMention | None:
        return None if span is None else DateMention(end, span, kind, (at, end))

    def _skip(self, at: int, *words: str) -> int:
        return at + 1 if self.word(at) in words else at

    def _number(self, at: int) -> DateMention | None:
        word = self.word(at)
        year = numeric_dates.year(word)
        if year is not None:
            return self._made(at, at + 1, periods.year(year), MentionKind.YEAR)
        return self._made(at, at + 1, numeric_dates.stretch(word), MentionKind.SURE)

    def _decade(self, at: int) -> DateMention | None:
        part, first = self._part_before(at)
        first = self._skip(first, "the")
        decade = numeric_dates.decade(self.word(first))
        if decade is None:
            return None
        kind = MentionKind.SURE if part and first > at else MentionKind.DECADE
        return self._made(at, first + 1, periods.decade(decade, part), kind)

    def _part(self, at: int) -> DateMention | None:
        part, first = self._part_before(at)
        year = numeric_dates.year(self.word(first))
        if not part or year is None:
            return None
        return self._made(at, first + 1, periods.part_of_year(year, part), MentionKind.SURE)

    def _part_before(self, at: int) -> tuple[str, int]:
        first = self._skip(at, "the")
        word, dash, _ = self.word(first).partition("-")
        part = known.PARTS.get(word, "")
        if not part or dash:
            return "", at
        if word == part:
            return part, first + 1
        return (part, first + 2) if self.word(first + 1) == "of" else ("", at)

    def _day_of_month(self, at: int) -> DateMention | None:
        first = self._skip(self._skip(at, *known.WEEKDAYS), "the")
        if " ".join(self._words[first : first + _LONGEST_FEAST]) in periods.FEAST_NAMES:
            return None  # the 4th of July is a feast
        return self._day_then_month(at, first) or self._month_then_day(at, first)

    def _day_then_month(self, at: int, first: int) -> DateMention | None:
        day, ordinal = numeric_dates.day(self.word(first))
        second = self._skip(first + 1, "of")
        month = self._month(second)
        if day is None or month is None:
            return None
        return self._dated(at, second + 1, month, day, sure=ordinal or second > first + 1)

    def _month_then_day(self, at: int, first: int) -> DateMention | None:
        month = self._month(first)
        second = self._skip(first + 1, "the")
        day, ordinal = numeric_dates.day(self.word(second))
        if day is None or month is None:
            return None
        return self._dated(at, second + 1, month, day, sure=ordinal)

    def _dated(self, at: int, end: int, month: int, day: int, *, sure: bool) -> DateMention | None:
        behind = self._skip(end, "of", "in")
        year = numeric_dates.year(self.word(behind))
        if year is not None:
            return self._made(
                at, behind + 1, numeric_dates.single(year, month, day), MentionKind.SURE
            )
        this_year = self._now.year
        for year in range(this_year, this_year - 9, -1):  # the 29 of February is rare
            span = numeric_dates.single(year, month, day)
            if span is not None and span.start <= self._now:
                return self._made(at, end, span, MentionKind.SURE if sure else MentionKind.DAY)
        return None

    def _month(self, at: int) -> int | None:
        word = self.word(at)
        return known.MONTHS.get(word) or known.SHORT_MONTHS.get(word)

    def _name(self, at: int) -> DateMention | None:
        """A month, season or feast; with its year, or the latest that has begun."""
        named = self._named(self._skip(at, "the"))
        if named is None:
            return None
        end, make, kind = named
        tail = self._tail(end)
        if tail is not None:
            behind, year = tail
            taken = (end, behind) if self._is_feast(at, end) else (at, behind)
            return DateMention(behind, make(year), MentionKind.SURE, taken)
        span = periods.latest_begun(make, self._now)
        month = span.start.month if kind is MentionKind.MONTH else None
        return DateMention(end, span, kind, (at, end), month)

    def _is_feast(self, at: int, end: int) -> bool:
        return " ".join(self._words[self._skip(at, "the") : end]) in periods.FEAST_NAMES

    def _named(self, at: int) -> tuple[int, Callable[[int], NamedPeriod], MentionKind] | None:
        for length in range(_LONGEST_FEAST, 0, -1):
            name = periods.FEAST_NAMES.get(" ".join(self._words[at : at + length]))
            if name is not None:
                return at + length, partial(periods.feast, name=name), MentionKind.THING
        season = known.SEASONS.get(self.word(at))
        if season is not None:
            side = self._clock.hemisphere
            return at + 1, partial(periods.season, name=season, hemisphere=side), MentionKind.THING
        month = self._month(at)
        if month is None:
            return None
        return at + 1, partial(periods.months, first=month, count=1), MentionKind.MONTH

    def _tail(self, at: int) -> tuple[int, int] | None:
        """(behind it, the year) of a year in numbers or words."""
        first = self._skip(at, "of", "in")
        year = numeric_dates.year(self.word(first)) or numeric_dates.short_year(
            self.word(first), self._now.year
        )
        if year is None:
            year = numeric_dates.winter(self.word(first))
        return (first + 1, year) if year is not None else self._year_in_words(first)

    def _year_in_words(self, at: int) -> tuple[int, int] | None:
        at = self._skip(at, "the")
        if self.word(at + 1) in {"year", "year's", "years"} and self.word(at) in {"last", "this"}:
            return at + 2, self._now.year - (self.word(at) == "last")
        counted = self._counted(at)
        if counted is None or counted[2] != "year" or self.word(counted[0]) != "ago":
            return None
        span = periods.ago(self._now, counted[1], "year")
        return None if span is None else (counted[0] + 1, span.start.year)

    def _led(self, at: int) -> DateMention | None:
        """Last year's Christmas, two years ago in March."""
        tail = self._year_in_words(at)
        if tail is None:
            return None
        behind, year = tail
        named = self._named(self._skip(self._skip(behind, "in", "at", "on", "during"), "the"))
        if named is None:
            return None
        end, make, _ = named
        is_feast = self._is_feast(self._skip(behind, "in", "at", "on", "during"), end)
        return DateMention(end, make(year), MentionKind.SURE, (at, behind if is_feast else end))

    def _last(self, at: int) -> DateMention | None:
        first = self._skip(at, "the")
        if self.word(first) not in known.LAST or self.word(first + 2) == "of":
            return None
        if self.word(first + 1) == "night":
            return self._made(at, first + 2, self._hours(-1, "night"), MentionKind.SURE)
        for rule in (self._last_unit, self._last_many, self._last_name):
            found = rule(first + 1)
            if found is not None:
                return replace(found, taken=(at, found.taken[1]))
        return None

    def _last_unit(self, at: int) -> DateMention | None:
        word = self.word(at).removesuffix("'s")
        if word in {"week", "month", "year"}:
            return self._made(at, at + 1, periods.ago(self._now, 1, word), MentionKind.SURE)
        if word == "weekend":
            start = self._now.date() - timedelta(days=7)
            # On a Monday the weekend just over is the one of the week before; on a Sunday too.
            return self._made(at, at + 1, periods.weekend(start), MentionKind.SURE)
        if word in known.WEEKDAYS:
            yesterday = self._now.date() - timedelta(days=1)
            return self._made(at, at + 1, self._weekday(word, yesterday), MentionKind.SURE)
        return None

    def _weekday(self, name: str, latest: date) -> NamedPeriod:
        days = (latest.weekday() - known.WEEKDAYS[name]) % 7
        return periods.single(latest - timedelta(days=days))

    def _last_many(self, at: int) -> DateMention | None:
        counted = self._counted(at)
        if counted is None:
            return None
        end, count, unit = counted
        first = periods.back(self._now, count, unit)
        if first is None or self.word(end) == "of":
            return None
        tomorrow = self._now.date() + timedelta(days=1)
        return self._made(at, end, periods.days(first, tomorrow), MentionKind.SURE)

    def _last_name(self, at: int) -> DateMention | None:
        named = self._named(at)
        if named is None or (self.word(at - 1) in known.EARLIER and named[2] is MentionKind.THING):
            return None
        end, make, _ = named
        taken = (at, at) if self._is_feast(at, end) else (at, end)
        return DateMention(end, periods.latest_over(make, self._now), MentionKind.SURE, taken)

    def _this(self, at: int) -> DateMention | None:
        if self.word(at) != "this" or self.word(at + 2) == "of":
            return None
        word = self.word(at + 1).removesuffix("'s")
        if word in {"week", "month", "year"}:
            return self._made(at, at + 2, periods.unit(word, self._now.date()), MentionKind.SURE)
        if word == "weekend":
            return self._made(at, at + 2, periods.weekend(self._now.date()), MentionKind.SURE)
        if word in _SOME_TIME:
            return self._made(at, at + 2, self._hours(0, word), MentionKind.SURE)
        if word in known.WEEKDAYS:
            span = self._weekday(word, self._now.date())
            return self._made(at, at + 2, span, MentionKind.SURE)
        return self._this_name(at)

    def _this_name(self, at: int) -> DateMention | None:
        named = self._named(at + 1)
        if named is None:
            return None
        end, make, _ = named
        word = self.word(at + 1)
        sure = word in known.MONTHS and word not in known.ALSO_VERBS
        taken = (at, at + 1) if self._is_feast(at + 1, end) else (at, end)
        kind = MentionKind.SURE if sure else MentionKind.YEAR
        return DateMention(end, periods.latest_begun(make, self._now), kind, taken)

    def _ago(self, at: int) -> DateMention | None:
        counted = self._counted(at)
        if counted is None or self.word(counted[0]) != "ago":
            return None
        end, count, unit = counted
        if self.word(end + 1) == "today":
            day = periods.back(self._now, count, unit)
            return self._made(
                at, end + 2, None if day is None else periods.single(day), MentionKind.SURE
            )
        return self._made(at, end + 1, periods.ago(self._now, count, unit), MentionKind.SURE)

    def _counted(self, at: int) -> tuple[int, int, str] | None:
        """(behind it, how many, unit) of "two years", "a couple of weeks"."""
        if self._words[at : at + 3] == ["a", "couple", "of"]:
            count, first = 2, at + 3
        else:
            number = numeric_dates.count(self.word(at))
            if number is None:
                return None
            count, first = number, at + 1
        unit = known.UNITS.get(self.word(first))
        return None if unit is None else (first + 1, count, unit)

    def _day(self, at: int) -> DateMention | None:
        today = self._now.date()
        first = self._skip(at, "the")
        if self._words[first : first + 3] == ["day", "before", "yesterday"]:
            span = periods.single(today - timedelta(days=2))
            return self._made(at, first + 3, span, MentionKind.SURE)
        if self.word(at) == "yesterday":
            span = periods.single(today - timedelta(days=1))
            return self._made(at, at + 1, span, MentionKind.SURE)
        if self.word(at) in {"today", "tonight"}:  # also names of papers and shows
            span = periods.single(today) if self.word(at) == "today" else self._hours(0, "night")
            return self._made(at, at + 1, span, MentionKind.YEAR)
        if self.word(at) in known.WEEKDAYS:
            span = self._weekday(self.word(at), today)
            return self._made(at, at + 1, span, MentionKind.WEEKDAY)
        return None

    def _hours(self, day: int, name: str) -> NamedPeriod:
        first, behind = _SOME_TIME[name]
        start = periods.midnight(self._now.date() + timedelta(days=day))
        return periods.NamedPeriod(start + timedelta(hours=first), start + timedelta(hours=behind))
