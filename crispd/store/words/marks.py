"""Where words that somebody looks for stand in lines of text, as the index finds them there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from crispd.store.words.documents import DIVIDED, SPACED_OUT, STREET
from crispd.store.words.misread import may_be_misread, shape_of
from crispd.store.words.printed_numbers import numbers_in, printed_numbers, typed_number
from crispd.store.words.query_terms import query_terms
from crispd.store.words.tokens import RUN, is_unspaced, words_of
from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence, Set

    from crispd.store.words.query_terms import QueryTerm
    from crispd.types import TextLine

    Spans = list[tuple[int, int]]

_ENDS_DIVIDED = re.compile(r"(?<![^\W\d_])[^\W\d_]+-$")


class WordMarker:
    """Marks ``words``. ``is_known``: whether there is a word, in lower case."""

    def __init__(self, words: Sequence[str], is_known: Callable[[str], bool]) -> None:
        terms = _terms(tuple(words))
        numbers = [term for term in terms if typed_number(term.word)]
        others = [term for term in terms if term not in numbers]
        self._numbers = {each for term in numbers for each in typed_number(term.word)}
        self._ways = [way for term in numbers for way in term.ways]
        self._tokens = {token.rstrip("*") for term in others for way in term.ways for token in way}
        alike = [term.ways[0][0] for term in others if len(term.ways[0]) == 1]
        self._alike = [(word, shape_of(word)) for word in alike]
        self._is_known = is_known

    def spans(self, lines: Sequence[str]) -> list[Spans]:
        """Of each line: from which to which character words stand, in order, none in another."""
        found = [self._numbers_in(line) for line in lines]
        if not any(found):
            found = self._digits_in(lines)
        for line, own in zip(lines, found, strict=True):
            own += self._words_in(line)
        self._add_divided(lines, found)
        return [_apart(own) for own in found]

    def _numbers_in(self, line: str) -> Spans:
        if not self._numbers:
            return []
        return [span for span, names in numbers_in(line) if not self._numbers.isdisjoint(names)]

    def _digits_in(self, lines: Sequence[str]) -> list[Spans]:
        """Of numbers whose digits stand apart from each other, but all of them somewhere."""
        runs = [list(RUN.finditer(line)) for line in lines] if self._ways else [[] for _ in lines]
        there = {folded(run[0]) for own in runs for run in own}
        parts = {token for way in self._ways if there.issuperset(way) for token in way}
        return [[run.span() for run in own if folded(run[0]) in parts] for own in runs]

    def _words_in(self, line: str) -> Iterator[tuple[int, int]]:
        if self._may_stand_in(folded(line)):
            for run in RUN.finditer(line):
                yield from self._word(run)
        for run in SPACED_OUT.finditer(line):
            if self._finds(folded(run[0].replace(" ", ""))):
                yield run.span()
        for run in STREET.finditer(line):
            if self._finds(folded(f"{run[1]}asse")):
                yield run.span()

    def _may_stand_in(self, plain: str) -> bool:
        """Whether a folded line is worth a closer look: a word with a slip has a half whole."""
        shape = shape_of(plain)
        return any(token in plain for token in self._tokens) or any(
            own[: len(own) // 2] in shape or own[len(own) // 2 :] in shape for _, own in self._alike
        )

    def _word(self, run: re.Match[str]) -> Iterator[tuple[int, int]]:
        plain = folded(run[0])
        if not any(map(is_unspaced, plain)):
            if self._finds(plain):
                yield run.span()
        elif len(plain) != len(run[0]):
            if not self._tokens.isdisjoint(words_of(run[0])):
                yield run.span()
        else:
            for token in self._tokens:
                for found in re.finditer(f"(?={re.escape(token)})", plain):
                    start = run.start() + found.start()
                    yield start, start + len(token)

    def _finds(self, plain: str) -> bool:
        return plain in self._tokens or any(
            may_be_misread(word, shape, plain, self._is_known)
            for word, shape in self._alike
            if len(plain) >= len(shape) - 1
        )

    def _add_divided(self, lines: Sequence[str], found: list[Spans]) -> None:
        """Both parts of a word that a hyphen divides at the end of a line."""
        for at in range(len(lines) - 1):
            end = _ENDS_DIVIDED.search(lines[at])
            begin = RUN.match(lines[at + 1])
            if end is None or begin is None or not DIVIDED.search(f"{end[0]}\n{begin[0]}"):
                continue
            if self._finds(folded(end[0][:-1] + begin[0])):
                found[at].append(end.span())
                found[at + 1].append(begin.span())


def lines_with(
    lines: Sequence[TextLine], words: Iterable[str], is_known: Callable[[str], bool]
) -> list[tuple[TextLine | None, tuple[str, ...]]]:
    """Lines with words, from the top, each with those that no line above has; at the end None with
    those that only several lines have together.
    """
    texts = [line.text for line in lines]
    left = _terms(tuple(words))
    found: dict[int, list[str]] = {}
    whole = folded("\n".join(texts))
    somewhere = [term for term in left if _may_have(whole, term)]
    for at, text in enumerate(texts if somewhere else ()):
        plain = folded(text)
        near = [term for term in somewhere if _may_have(plain, term)]
        if near:
            tokens = {*words_of(text), *printed_numbers(text)}
            here = [term for term in near if _has(tokens, term)]
            found[at] = [term.word for term in here]
            left, somewhere = ([t for t in some if t not in here] for some in (left, somewhere))
            if not somewhere:
                break
    nowhere: list[str] = []
    for term in left:
        spans = WordMarker([term.word], is_known).spans(texts)
        at = next((at for at, own in enumerate(spans) if own), -1)
        (found.setdefault(at, []) if at >= 0 else nowhere).append(term.word)
    told: list[tuple[TextLine | None, tuple[str, ...]]] = [
        (lines[at], tuple(own)) for at, own in sorted(found.items()) if own
    ]
    return [*told, (None, tuple(nowhere))] if nowhere else told


def texts_with(texts: Iterable[str], words: Iterable[str]) -> list[str]:
    """Names or the like that have any of the words."""
    terms = _terms(tuple(words))
    return [text for text in texts if any(term.is_in(_tokens(text)) for term in terms)]


@lru_cache(maxsize=256)
def _terms(words: tuple[str, ...]) -> list[QueryTerm]:
    """Asked for by each photo of a page."""
    return query_terms(words)


@lru_cache(maxsize=4096)
def _tokens(text: str) -> frozenset[str]:
    """Names are those of many photos."""
    return frozenset(words_of(text))


def _may_have(plain: str, term: QueryTerm) -> bool:
    """Whether a folded line is worth a closer look."""
    return any(all(token.rstrip("*") in plain for token in way) for way in term.ways)


def _has(tokens: Set[str], term: QueryTerm) -> bool:
    numbers = typed_number(term.word)
    return not tokens.isdisjoint(numbers) if numbers else term.is_in(tokens)


def _apart(spans: Spans) -> Spans:
    """In order; what touches or overlaps is one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found
