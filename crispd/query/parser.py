"""A question to what it asks for. Pure, linear in its length, and never an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crispd.errors import QueryError
from crispd.filters.conjunction import opposite
from crispd.filters.definition import Reading
from crispd.filters.operators import OPERATORS, month_reading, near_reading, period_reading
from crispd.filters.table import FILTERS
from crispd.filters.values import parse_id
from crispd.query.dates import date_phrases, date_ranges, numeric_dates
from crispd.query.dates.date_parser import ReferenceClock
from crispd.query.dates.periods import Period
from crispd.query.filter_builder import FilterBuilder
from crispd.query.languages.elision import unelided
from crispd.query.lexer import Token, lex
from crispd.query.limited_names import LimitedNames
from crispd.query.near_phrases import find_near_phrases
from crispd.query.negation import find_exclusions
from crispd.query.parsed_query import ParsedQuery
from crispd.query.time_reader import ClockTimeReader
from crispd.types import Filters, Interpretation, NameChoice, Note

if TYPE_CHECKING:
    from datetime import datetime

    from crispd.filters.definition import Operator
    from crispd.query.parsed_query import Hemisphere
    from crispd.types import Condition, KnownNames

_MOST_NOTES = 5
_SHOWN = 40
_STOPS = tuple(",.;!?)")
_LIKE = frozenset({"like", "similar"})


def parse(
    query: str, now: datetime, hemisphere: Hemisphere = "north", names: KnownNames | None = None
) -> ParsedQuery:
    """What ``query`` asks for; ``now`` is local time. ``names``: None where nothing is known.

    What is not understood is among ``words``, with a note where it looked like a filter.
    """
    return _Parser(query, ReferenceClock(now.replace(tzinfo=None), hemisphere), names).parsed()


@dataclass(slots=True)
class _WordToken:
    """A token that is words so far; ``piece``: what is left of it."""

    token: Token
    index: int
    is_word: bool
    piece: str = field(default="")


def _as_words(token: Token, error: QueryError) -> Note:
    shown = token.text[:_SHOWN]
    operator = OPERATORS.get(token.name)
    field = "like" if operator is None else operator.field
    sentence = f"{shown} was searched for as words: {error}"
    return Note(sentence, "as_words", written=shown, field=field)


def _named_values(condition: Condition) -> dict[str, Any]:
    """As programs are told of it: one value by itself where the filter has no more."""
    entry, value = FILTERS[condition.name], condition.values[0]
    name = entry.values_name or entry.name
    if isinstance(value, NameChoice):
        return {name: value.names, "all": True} if value.every else {name: value.names}
    return {name: value if entry.several is None else condition.values}


def _bare(run: list[_WordToken]) -> list[str]:
    """Words without the marks around them."""
    return [kept.piece.strip(date_ranges.AROUND) for kept in run]


def _ends(taken: list[_WordToken]) -> tuple[int, int]:
    """Where words begin and end in the query."""
    return taken[0].token.start, taken[-1].token.end


class _Parser:
    def __init__(self, query: str, clock: ReferenceClock, names: KnownNames | None) -> None:
        self._query = query
        self._names = LimitedNames(names)
        self._clock = clock
        self._times = ClockTimeReader(clock.now, lambda: clock.hemisphere)
        self._tokens = lex(query)
        self._gathered = FilterBuilder()
        self._interpreted: list[Interpretation] = []
        self._notes: dict[Note, None] = {}
        self._kept: list[_WordToken] = []
        self._days = ""
        self._printed: list[str] = []  # days in digits

    def parsed(self) -> ParsedQuery:
        at = 0
        while at < len(self._tokens):
            at = self._term(at)
        self._read_exclusions()
        self._read_places()
        self._read_times()
        gathered = self._gathered
        printed = self._printed_filters()
        return ParsedQuery(
            words=" ".join(kept.piece for kept in self._kept if kept.piece),
            without=tuple(dict.fromkeys(gathered.without)),
            days=self._days,
            more=tuple(dict.fromkeys(gathered.more)),
            less=tuple(dict.fromkeys(gathered.less)),
            filters=gathered.filters(self._times),
            printed=printed,
            interpreted=tuple(sorted(self._interpreted, key=lambda one: one.start)),
            notes=(*list(self._notes)[:_MOST_NOTES], *gathered.contradictions()),
        )

    def _term(self, at: int) -> int:
        """Reads the term at ``at``; returns where the next one begins."""
        token = self._tokens[at]
        if token.text == "NOT" and not token.quoted and at + 1 < len(self._tokens):
            following = self._tokens[at + 1]
            if not following.sign and self._excludable(following):
                end = self._understood(at + 1, token.start, negated=True)
                if end is not None:
                    return end
        else:
            end = self._understood(at, token.start, negated=token.sign == "-")
            if end is not None:
                return end
        self._keep(at)
        return at + 1

    def _excludable(self, token: Token) -> bool:
        return token.quoted or any(character.isalpha() for character in token.value)

    def _understood(self, at: int, start: int, *, negated: bool) -> int | None:
        """Where the next term begins, or None: to be searched for as words."""
        token = self._tokens[at]
        try:
            if token.name in _LIKE:
                return self._like(at, start, negated=negated)
            operator = OPERATORS.get(token.name)
            if operator is not None:
                return self._filter(at, start, operator, negated=negated)
        except QueryError as error:
            if token.value:  # not of "from: mum", nor while somebody is still typing
                self._notes.setdefault(_as_words(token, error))
            return None
        if negated and not token.name and token.value.strip():
            self._gathered.without.append(token.value)
            self._add(start, token.end, "without", Reading((), token.value), negated=True)
            return at + 1
        return None

    def _like(self, at: int, start: int, *, negated: bool) -> int:
        token = self._tokens[at]
        photo = parse_id(token.value)
        (self._gathered.less if negated else self._gathered.more).append(photo)
        self._add(start, token.end, "like", Reading((), photo), negated=negated)
        return at + 1

    def _filter(self, at: int, start: int, operator: Operator, *, negated: bool) -> int:
        meaning, behind = self._value(at, operator)
        self._gathered.add(operator, meaning, minus=negated)
        end = self._tokens[behind - 1].end
        self._add(start, end, meaning.field or operator.field, meaning, negated=negated)
        return behind

    def _value(self, at: int, operator: Operator) -> tuple[Reading, int]:
        """What the longest value means, and the token behind it. Raises QueryError."""
        token = self._tokens[at]
        most = 0 if token.quoted else self._following_words(at, operator.words)
        for more in range(most, 0, -1):
            words = [token.value, *(other.text for other in self._tokens[at + 1 : at + 1 + more])]
            value = " ".join(words).strip()
            try:
                reading = operator.read(value, self._times)
            except QueryError:
                continue
            if not operator.named or all(map(self._names.has, reading.conditions)):
                return reading, at + 1 + more
        return operator.read(token.value, self._times), at + 1

    def _following_words(self, at: int, most: int) -> int:
        following = self._tokens[at + 1 : at + 1 + most]
        plain = [not (token.name or token.quoted or token.sign == "-") for token in following]
        return plain.index(False) if False in plain else len(plain)

    def _add(
        self, start: int, end: int, name: str, meaning: Reading, *, negated: bool = False
    ) -> None:
        written = self._query[start:end]
        named = map(_named_values, meaning.conditions)
        values = {name: value for some in named for name, value in some.items()}
        part = Interpretation(written, start, end, name, meaning.meant, negated, values)
        self._interpreted.append(part)

    def _keep(self, at: int) -> None:
        token = self._tokens[at]
        is_word = not (token.quoted or token.sign or token.name)
        self._kept.append(_WordToken(token, at, is_word, token.text))

    def _read_exclusions(self) -> None:
        """Those of words; a minus or NOT before a word was read with it."""
        gone: list[_WordToken] = []
        for run in self._runs():
            words, as_run = _bare(run), self._as_run(run)
            for found in find_exclusions(words, as_run.words, as_run.stops):
                things = [unelided(" ".join(words[slice(*thing)])) for thing in found.things]
                things += [found.people] * bool(found.people)
                taken = run[found.first : found.behind]
                self._exclude(*_ends(taken), things)
                gone += taken
        self._drop(gone)

    def _read_places(self) -> None:
        gone: list[_WordToken] = []
        for run in self._runs():
            words, as_run = _bare(run), self._as_run(run)
            for found in find_near_phrases(words, as_run.words, as_run.stops, self._names):
                reading = near_reading(found.place)
                try:
                    self._gathered.add_reading(reading)
                except QueryError:
                    continue  # there is one already
                taken = run[found.first : found.behind]
                self._add(*_ends(taken), reading.field, reading)
                gone += taken
        self._drop(gone)

    def _drop(self, gone: list[_WordToken]) -> None:
        """Leave out words that are read."""
        read = {kept.index for kept in gone}
        self._kept = [kept for kept in self._kept if kept.index not in read]

    def _exclude(self, start: int, end: int, things: list[str]) -> None:
        """ "Not in July" is a filter; all else photos shall not show."""
        month = self._times.month(things[0])
        if month is not None and len(things) == 1:
            reading = opposite(month_reading(month, self._times))
            self._gathered.add_reading(reading)
        else:
            reading = Reading((), " and ".join(things), "without")
            self._gathered.without += things
        self._add(start, end, reading.field, reading, negated=True)

    def _read_times(self) -> None:
        runs = self._runs()
        found = [
            (run, phrase)
            for run in runs
            for phrase in date_phrases.find_date_phrases(self._as_run(run), self._clock)
        ]
        settled = date_phrases.apply_date_phrases([phrase for _, phrase in found])
        for (run, _), phrase in zip(found, settled, strict=True):
            if phrase.feast is not None:
                named = " ".join(kept.piece for kept in run[slice(*phrase.feast)])
                self._days = self._days or named.strip(date_ranges.AROUND)
            self._take(run[phrase.first : phrase.behind], phrase)

    def _printed_filters(self) -> Filters | None:
        """None where no day is given in digits, or another time beside it."""
        if len(self._printed) != 1 or len(self._gathered.times) != 1:
            return None
        try:
            return self._gathered.printed(self._printed[0])
        except QueryError:  # another text is asked for
            return None

    def _runs(self) -> list[list[_WordToken]]:
        """Words that follow one another without a filter or phrase between them."""
        runs: list[list[_WordToken]] = []
        last = -2
        for kept in self._kept:
            if not kept.is_word:
                continue
            if kept.index != last + 1:
                runs.append([])
            runs[-1].append(kept)
            last = kept.index
        return runs

    def _as_run(self, run: list[_WordToken]) -> date_phrases.WordRun:
        words = [date_ranges.normalise_text(kept.piece) for kept in run]
        stops = {at for at, kept in enumerate(run) if kept.piece.endswith(_STOPS)}
        return date_phrases.WordRun(words, stops, whole=len(run) == len(self._kept))

    def _take(self, taken: list[_WordToken], phrase: date_phrases.DatePhrase) -> None:
        start, end = taken[0].token.start, taken[-1].token.end
        days = [word for word in _bare(taken) if numeric_dates.is_day(word)]
        day = numeric_dates.stretch(days[0]) if days else None
        if day is not None and phrase.span == Period(*day):
            self._printed.append(f"{day.start:%Y%m%d}")
        for kept in taken:
            kept.piece = ""
        if phrase.month is not None:
            reading = month_reading(phrase.month, self._times)
            self._gathered.add_reading(reading)
            self._add(start, end, reading.field, reading)
            return
        name = "before" if phrase.span.start is None else "date" if phrase.span.end else "after"
        self._gathered.times.append(phrase.span)
        self._add(start, end, name, period_reading(*phrase.span, self._times))
