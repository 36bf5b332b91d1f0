"""Completions: what a word of the box may become, of what the library has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from crispd.filters.operators import OPERATORS
from crispd.filters.values import written_name
from crispd.types import Completion, ValueCount, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crispd.types import Facets

_MOST = 10
_MOST_OF_A_KIND = 3
_MOST_WORDS = 3  # of what is typed that are one value: "new york ci"
_SHORTEST_INDEXED = 2
_TOKEN = re.compile(r"([-+]?)(?:([A-Za-z]+):)?[\"“„]?(.*)", re.DOTALL)
_LISTS = frozenset({"person", "place", "keyword", "camera"})  # with commas between names
_CLOSING = '"”“'


@dataclass(frozen=True, slots=True)
class _Typed:
    """What is completed: it stands in the box from ``start`` to ``end``. ``field``: of the filter
    that it is a value of, or empty.
    """

    start: int
    end: int
    sign: str
    field: str
    text: str


def complete(
    q: str,
    at: int,
    words: Iterable[str],
    facets: Facets,
    indexed: Callable[[str, str, int], list[str]],
) -> list[Completion]:
    """For the box ``q`` with the caret behind ``at`` characters: the words before it, as the
    beginning of any word of a value; the longest run of them first.

    ``words`` find something. ``indexed``: at most so many file names, or words in photos, for
    ``name`` or ``text`` and a beginning.
    """
    found: dict[str, Completion] = {}
    for typed in _runs(q, at):
        before, behind = q[: typed.start], q[typed.end :]
        for kind, value in _values(typed, words, facets, indexed):
            whole = f"{before}{_written(typed, kind, value.value)}{behind}"
            if whole != q and typed.field in {"", kind}:
                one = Completion(value.value, kind, value.count, whole)
                found.setdefault(folded(value.value), one)
        if len(found) >= _MOST:
            break
    return list(found.values())[:_MOST]


def _runs(q: str, at: int) -> Iterator[_Typed]:
    """The words before the caret, three, two and one; a filter by itself."""
    before = list(re.finditer(r"\S+", q[:at]))
    if not before or q[at - 1 : at].isspace():
        return
    rest = re.compile(r"\S*").match(q, at)
    end = at if rest is None else rest.end()
    for count in range(min(_MOST_WORDS, len(before)), 0, -1):
        start = before[-count].start()
        sign, name, text = _TOKEN.fullmatch(q[start:at]).groups()  # type: ignore[union-attr]
        operator = OPERATORS.get((name or "").lower())
        if name and operator is None:
            sign, text = "", q[start:at]
        text = folded(text.strip()).rstrip(_CLOSING)
        if text and (count == 1 or (not operator and ":" not in text)):
            yield _Typed(start, end, sign, operator.field if operator else "", text)


def _values(
    typed: _Typed,
    words: Iterable[str],
    facets: Facets,
    indexed: Callable[[str, str, int], list[str]],
) -> Iterator[tuple[str, ValueCount]]:
    """With their kinds, a few of each: those that begin with what is typed before those that have
    a word that does.
    """
    begins = re.compile(rf"(?:^|[\W_]){re.escape(typed.text)}")
    known: dict[str, Iterable[ValueCount]] = {
        "word": (ValueCount(word, 0) for word in words),
        "person": facets.people, "place": facets.places, "keyword": facets.keywords,
        "folder": facets.folders, "camera": facets.cameras, "date": facets.years,
        "type": facets.types,
    }  # fmt: skip
    for kind, values in known.items():
        fits = [each for each in values if begins.search(folded(each.value))]
        fits.sort(key=lambda each: not folded(each.value).startswith(typed.text))
        some = (each for each in fits if _can_be_written(each.value))
        yield from ((kind, each) for each in islice(some, _MOST_OF_A_KIND))
    if len(typed.text) >= _SHORTEST_INDEXED:
        for kind in ("text", "name"):
            for value in filter(_can_be_written, indexed(kind, typed.text, _MOST_OF_A_KIND)):
                yield kind, ValueCount(value, 0)


def _can_be_written(value: str) -> bool:
    """As the value of a filter: not with what would end it."""
    return value.isprintable() and not set(value) & set('"”“')


def _written(typed: _Typed, kind: str, value: str) -> str:
    if kind in _LISTS:
        value = written_name(value)
    quoted = f'"{value}"' if " " in value else value
    if kind == "word" or (kind == "date" and not typed.field):
        return f"{typed.sign}{quoted if typed.sign else value}"
    return f"{typed.sign}{kind}:{quoted}"
