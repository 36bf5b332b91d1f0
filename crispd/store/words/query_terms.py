"""Words that somebody looks for, as expressions of FTS5. Nothing that is typed can break one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crispd.store.words.tokens import is_unspaced, name_parts, runs, words_of
from crispd.types import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

MOST_TERMS = 32
_WORDS_KEPT = 512  # a question asks for each of its words more than once
_MOST_TOKENS = 24
_PART = 3  # characters of a token of the index of parts


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A word as it was given, and the ways to find it: any of them, with all of its tokens.

    A token that ends in ``*`` is the beginning of one.
    """

    word: str
    ways: tuple[tuple[str, ...], ...]

    @property
    def expression(self) -> str:
        """For a document that has the word."""
        return " OR ".join(
            "(" + " AND ".join(quoted(token) for token in way) + ")" for way in self.ways
        )

    @property
    def part_expression(self) -> str:
        """For a document that may have the word inside others; empty where it is too short."""
        token = self.part
        pieces = dict.fromkeys(token[at : at + _PART] for at in range(len(token) - _PART + 1))
        return " AND ".join(quoted(piece) for piece in pieces)

    @property
    def part(self) -> str:
        """What other words may have inside; empty where the word is several."""
        if len(self.ways[0]) != 1 or is_unspaced(self.ways[0][0]):
            return ""
        return self.ways[0][0] if len(self.ways[0][0]) >= _PART else ""

    def is_in(self, tokens: Set[str]) -> bool:
        """Whether a field of these tokens has the word."""
        return any(all(_has(tokens, token) for token in way) for way in self.ways)

    def is_partly_in(self, tokens: Set[str]) -> bool:
        """Whether a field has some of the word's tokens; others may stand in other fields."""
        return any(_has(tokens, token) for way in self.ways for token in way)

    def is_inside(self, tokens: Set[str]) -> bool:
        """Whether a token of the field has the word inside."""
        part = self.part
        return bool(part) and any(part in token for token in tokens)


def query_terms(words: Iterable[str]) -> list[QueryTerm]:
    """Each word once; words without a letter or digit are left out."""
    found: dict[tuple[tuple[str, ...], ...], QueryTerm] = {}
    for word in words:
        ways = _ways(word[:1000])
        if ways:
            found.setdefault(ways, QueryTerm(word, ways))
        if len(found) == MOST_TERMS:
            break
    return list(found.values())


@lru_cache(_WORDS_KEPT)
def _ways(word: str) -> tuple[tuple[str, ...], ...]:
    """As it is written; split at case and digits; and as one, as names of files have it."""
    # as documents are folded, but for case, which parts words: a circled letter is a letter
    found = runs(unicodedata.normalize("NFKC", word))
    if not found:
        return ()
    parts = [part for run in found for part in name_parts(run)]
    ways = [_tokens(" ".join(found)), _tokens(" ".join(parts)), _tokens("".join(found))]
    return tuple(dict.fromkeys(way for way in ways if way))


def _tokens(text: str) -> tuple[str, ...]:
    """Of scripts without spaces the last character alone is no word: it begins one, at most."""
    tokens: list[str] = []
    for run in runs(folded(text)):
        own = list(words_of(run))
        if len(own) > 1:
            own = [t for t in own if not (is_unspaced(t) and len(t) == 1)] or own
        tokens += [f"{t}*" if is_unspaced(t) and len(t) == 1 else t for t in own]
    return tuple(dict.fromkeys(tokens[:_MOST_TOKENS]))


def quoted(token: str) -> str:
    """Tokens have letters, digits and marks alone, so that no quote ends one early."""
    return f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"'


def _has(tokens: Set[str], token: str) -> bool:
    if token in tokens:
        return True
    return token[-1] == "*" and any(each.startswith(token[:-1]) for each in tokens)


def field_filter(expression: str, fields: Sequence[str] | None) -> str:
    """An expression over some fields alone."""
    return expression if fields is None else f"{{{' '.join(fields)}}} : ({expression})"
