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
        self._terms = dict(zip(terms, weights, strict=True))
        self._fields = fields
        self._parts = parts

    def matches(self, row: int, label: int, document: Mapping[Any, Any]) -> list[WordMatch]:
        """Of a photo with its words by field; one a field and kind."""
        tokens = {name: frozenset(document[name].split()) for name in self._fields}
        whole = {term: _having(term, tokens) for term in self._terms}
        found = []
        for name, own in tokens.items():
            words = [term for term, names in whole.items() if name in names]
            inside = [
                term
                for term in self._terms
                if self._parts and name not in whole[term] and term.is_inside(own)
            ]
            for some, are_whole in ((words, True), (inside, False)):
                if some:
                    weight = sum(self._terms[term] for term in some)
                    written = tuple(term.word for term in some)
                    found.append(WordMatch(row, label, name, written, weight, are_whole))
        return found


def _having(term: QueryTerm, tokens: Tokens) -> list[str]:
    """Fields that have a word. Where none has all of it but all of them have, those with some."""
    names = [name for name, own in tokens.items() if term.is_in(own)]
    if not names and term.is_in(frozenset().union(*tokens.values())):
        names = [name for name, own in tokens.items() if term.is_partly_in(own)]
    return names
