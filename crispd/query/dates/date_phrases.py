"""Times inside a sentence, only where the words are surely one.

"march 2020", "last summer" and "two years ago" are sure anywhere; a year where "in" or the like
stands before it or nothing behind it ("beach 2015", but not "2015 corvette"); a month after "in"
(not "march of penguins"); a weekday or a day of a month after "on". A bare season or feast is
something to see.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crispd.query.dates import numeric_dates, periods
from crispd.query.dates import vocabulary as known
from crispd.query.dates.date_parser import DateParser, MentionKind
from crispd.query.dates.date_ranges import parse_bounded
from crispd.query.dates.other_languages import in_english
from crispd.query.dates.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from crispd.query.dates.date_parser import DateMention, ReferenceClock
    from crispd.query.dates.other_languages import TranslatedWord

_BEFORE_A_TIME = frozenset(
    {
        "in",
        "on",
        "at",
        "from",
        "during",
        "of",
        "around",
        "throughout",
        "im",
        "an",
        "zu",
        "aus",
        "vom",
        "de",
        "du",
        "z",
        "ze",
    }
)
_AFTER_A_TIME = frozenset(
    {"in", "at", "on", "with", "without", "near", "by", "im", "am", "an", "mit", "ohne", "bei"}
)
_PREPOSITIONS = {
    MentionKind.YEAR: {"in", "from", "during", "throughout", "around", "year", "aus"},
    MentionKind.DECADE: {"in", "from", "during", "of", "throughout"},
    MentionKind.MONTH: {"in", "during", "throughout", "im"},
    MentionKind.DAY: {"on", "from"},
    MentionKind.WEEKDAY: {"on"},
    MentionKind.THING: set[str](),
}
# Numbers that only look like a year: "class of 2015", "windows 2000".
_NOT_A_YEAR = frozenset(
    {"of", "no", "nr", "number", "#", "room", "route", "windows", "about", "over", "almost",
     "nearly", "than", "model", "flight", "highway"}
)  # fmt: skip
_FIRST_BARE_YEAR = 1900


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """The words ``first`` to ``behind`` (exclusive) are a time.

    ``month``: of one without its year, in any year; ``year``: of a year alone. ``feast``: the
    words (first, behind) of a feast with its time.
    """

    first: int
    behind: int
    span: Period
    month: int | None = None
    year: int | None = None
    feast: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class WordRun:
    """Words that follow one another: tidy; ``stops``: those with a comma or the like behind them;
    ``whole``: they are all that is left of the question."""

    words: list[str]
    stops: Collection[int]
    whole: bool


def find_date_phrases(run: WordRun, clock: ReferenceClock) -> list[DatePhrase]:
    """The times of ``run``, in order."""
    english = in_english(run.words)
    stops = {at for at, word in enumerate(english) if word.behind - 1 in run.stops}
    meant = WordRun([word.text for word in english], stops, run.whole)
    return [_as_written(each, english) for each in _DatePhraseFinder(meant, clock).phrases()]


def _as_written(phrase: DatePhrase, english: Sequence[TranslatedWord]) -> DatePhrase:
    """The same of words as they were before they were translated."""

    def span(first: int, behind: int) -> tuple[int, int]:
        some = english[first:behind]
        if not some:
            return (english[first].first if first < len(english) else 0,) * 2
        return min(word.first for word in some), max(word.behind for word in some)

    first, behind = span(phrase.first, phrase.behind)
    feast = None if phrase.feast is None else span(*phrase.feast)
    return replace(phrase, first=first, behind=behind, feast=feast)


def apply_date_phrases(phrases: list[DatePhrase]) -> list[DatePhrase]:
    """ "In March" beside one year is the March of that year."""
    bare_years = {phrase.year for phrase in phrases if phrase.year is not None}
    if len(bare_years) != 1:
        return phrases
    year = bare_years.pop()
    return [
        phrase
        if phrase.month is None or year is None
        else replace(phrase, span=Period(*periods.months(year, phrase.month, 1)), month=None)
        for phrase in phrases
    ]


class _DatePhraseFinder:
    def __init__(self, run: WordRun, clock: ReferenceClock) -> None:
        self._run = run
        self._this_year = clock.now.year
        self._reader = DateParser(run.words, clock)

    def phrases(self) -> Iterator[DatePhrase]:
        at = 0
        while at < len(self._run.words):
            found = self._bounded(at) or self._single(at)
            if found is not None:
                yield found[0]
            at = max(at + 1, found[1] if found else 0)

    def _bounded(self, at: int) -> tuple[DatePhrase, int] | None:
        found = parse_bounded(self._reader, at)
        if found is None:
            return None
        word = self._run.words[at]
        least = (
            MentionKind.THING
            if word == "since"
            else MentionKind.MONTH
            if found.bound
            else MentionKind.YEAR
        )
        if found.weakest < least or not self._is_past(found.span):
            return None
        return DatePhrase(at, found.end, found.span), found.end

    def _is_past(self, span: Period) -> bool:
        return all(end is None or end.year <= self._this_year + 1 for end in span)

    def _single(self, start: int) -> tuple[DatePhrase, int] | None:
        preposition, at = self._preposition(start)
        moment = self._reader.moment(at)
        if moment is None:
            return None
        if not self._is_sure(moment, at, preposition, start):
            return None
        first, behind = moment.taken
        feast = None if moment.taken == (at, moment.end) else (at, moment.end)
        # What leads up to the time goes with it, unless a word to search for stands between.
        first = start if first == at and behind > first else first
        year = (
            numeric_dates.year(self._reader.word(at)) if moment.kind is MentionKind.YEAR else None
        )
        phrase = DatePhrase(first, behind, Period(*moment.span), moment.month, year, feast)
        return phrase, moment.end

    def _preposition(self, start: int) -> tuple[str, int]:
        """(the preposition or "", where the moment itself may begin)"""
        word, at = self._reader.word, start
        if word(at) in {"taken", "shot", "back"} and word(at + 1) in _BEFORE_A_TIME:
            at += 1
        preposition = word(at) if word(at) in _BEFORE_A_TIME else ""
        at += bool(preposition)
        at += word(at) == "the" and word(at + 1) == "year"
        if word(at) in {"year", "jahr"}:
            preposition, at = "year", at + 1
        return preposition, at

    def _is_sure(self, moment: DateMention, at: int, preposition: str, start: int) -> bool:
        if moment.kind is MentionKind.SURE:
            return True
        is_year = moment.kind is MentionKind.YEAR and moment.end == at + 1
        if is_year and not _FIRST_BARE_YEAR <= moment.span.start.year <= self._this_year:
            return False
        if preposition in _PREPOSITIONS[moment.kind]:
            return True
        if self._run.whole and moment.end - start == len(self._run.words):
            return self._is_sure_alone(moment)
        return self._closes(moment, at) and not preposition

    def _is_sure_alone(self, moment: DateMention) -> bool:
        """Whether somebody who types nothing else means the time."""
        is_word = self._reader.word(moment.end - 1) in known.ALSO_VERBS | known.ALSO_NAMES
        return moment.kind > MentionKind.MONTH or (moment.kind is MentionKind.MONTH and not is_word)

    def _closes(self, moment: DateMention, at: int) -> bool:
        """Whether nothing stands behind it that it may belong to: "beach 2015 with dogs"."""
        is_year = numeric_dates.year(self._reader.word(at)) is not None
        follows = self._reader.word(moment.end) in _AFTER_A_TIME and (at > 0 or not is_year)
        closes = follows or moment.end == len(self._run.words) or moment.end - 1 in self._run.stops
        if moment.kind is MentionKind.DECADE:
            return closes and self._reader.word(at) == "the"
        before, name = self._reader.word(at - 1), self._reader.word(at)
        if moment.kind is MentionKind.MONTH:
            ends = moment.end == len(self._run.words) and before not in {"and", "or", "of"}
            return ends and name in known.MONTHS and name not in known.ALSO_VERBS | known.ALSO_NAMES
        return closes and moment.kind is MentionKind.YEAR and before not in _NOT_A_YEAR
