"""Which fields of a document have which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crispd.types import WordMatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from crispd.store.words.query_terms import QueryTerm

    Tokens = Mapping[str, Set[str]]


class FieldMatcher:
    """For ``terms`` that weigh ``weights``; ``parts``: also where a word stands inside others."""

    def __init__(
        self,
        terms: Sequence[QueryTerm],
        weights: Sequence[float],
        fields: Sequence[str],
        parts: bool,
    ) -> None:
        self._terms = list(zip(terms, weights, strict=True))
        self._fields = fields
        self._parts = parts

    def matches(self, row: int, label: int, document: Mapping[Any, Any]) -> list[WordMatch]:
        """Of a photo with its words by field; one a field and kind."""
        tokens = {name: set(document[name].split()) for name in self._fields if document[name]}
        whole: dict[str, list[tuple[str, float]]] = {}
        inside: dict[str, list[tuple[str, float]]] = {}
        for term, weight in self._terms:
            names = _having(term, tokens)
            for name in names:
                whole.setdefault(name, []).append((term.word, weight))
            for name in tokens if self._parts else ():
                if name not in names and term.is_inside(tokens[name]):
                    inside.setdefault(name, []).append((term.word, weight))
        return [
            WordMatch(row, label, name, *_together(found[name]), whole=found is whole)
            for name in tokens
            for found in (whole, inside)
            if name in found
        ]


def _together(words: Sequence[tuple[str, float]]) -> tuple[tuple[str, ...], float]:
    return tuple(word for word, _ in words), sum(weight for _, weight in words)


def _having(term: QueryTerm, tokens: Tokens) -> list[str]:
    """Fields that have a word. Where none has all of it but all of them have, those with some."""
    names = [name for name, own in tokens.items() if term.is_in(own)]
    several = max(map(len, term.ways)) > 1
    if not names and several and term.is_in(set().union(*tokens.values())):
        names = [name for name, own in tokens.items() if term.is_partly_in(own)]
    return names
