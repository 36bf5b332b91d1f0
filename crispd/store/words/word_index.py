"""Photos by the words that their files say."""

from __future__ import annotations

import math
import re
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import bindparam, func, select, text

from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import WORD_FIELDS, embeddings, photo_words, photos
from crispd.store.sqlite_errors import translated_errors
from crispd.store.words import misread
from crispd.store.words.field_matcher import FieldMatcher
from crispd.store.words.printed_numbers import typed_number
from crispd.store.words.query_terms import field_filter, query_terms, quoted
from crispd.store.words.row_cache import RowCache
from crispd.types import PhotoState, WordMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from crispd.store.reading.read_connections import ReadConnections
    from crispd.store.words.query_terms import QueryTerm
    from crispd.store.words.row_cache import RowsByField
    from crispd.types import Labels

_AT_ONCE = 500
_MOST_PARTS = 400
# Of a sentence, words that exist and stand in some text are not looked for misread in others.
_FEW_WORDS = 4
_NONE = np.zeros(0, np.int64)
# Each searchable photo has a document. Counted by an index: documents would have to be read.
_documents_in_all = (
    select(func.count()).select_from(photos).where(photos.c.state == PhotoState.READY)
)
_searchable = (
    select(photos.c.id, embeddings.c.id.label("label"))
    .join(embeddings, embeddings.c.content_hash == photos.c.content_hash)
    .where(
        photos.c.id.in_(bindparam("rows", expanding=True)),
        func.likely(photos.c.state == PhotoState.READY),
        embeddings.c.pack == bindparam("pack"),
        is_watched,
    )
)
# One statement for all fields: its overhead is more than what most of them cost.
_by_field = text(
    " UNION ALL ".join(
        f"SELECT '{field}', group_concat(rowid, ' ') FROM word_index"
        f" WHERE word_index MATCH :in_{field}"
        for field in WORD_FIELDS
    )
)
_parts_in = (
    "SELECT group_concat(photo_id, ' ') FROM photo_words WHERE photo_id IN"
    " (SELECT rowid FROM word_index WHERE word_index MATCH :words) AND"
    " (instr(' ' || {0} || ' ', :parts) OR instr(' ' || {0} || ' ', :one))"
)
_DIGITS = re.compile("[0-9]+")
_FEWEST_DIGITS = 5  # that are a number of something as one word
_documents = select(photo_words).where(
    photo_words.c.photo_id.in_(bindparam("rows", expanding=True))
)


class WordIndex:
    """Thread-safe reads of what files say. Raises StorageError, and nothing for any words.

    A word is found whatever its case and accents; a name of a file by its parts and as a whole;
    of scripts without spaces, any two characters or more. ``fields``: among ``WORD_FIELDS``.
    ``is_known``: whether there is a word, in lower case, which nobody has misread then.
    """

    def __init__(
        self, connections: ReadConnections, pack: str, is_known: Callable[[str], bool]
    ) -> None:
        self._connections = connections
        self._pack = pack
        self._is_known = is_known
        self._cache = RowCache()
        self._documents = (-1, 0)  # the last change of a photo, and how many there were then

    def __len__(self) -> int:
        """Photos with a document."""
        with translated_errors(), self._connections.connect() as connection:
            version = self._connections.latest_change(connection)
            if self._documents[0] != version:
                count = int(connection.execute(_documents_in_all).scalar_one())
                self._documents = version, count
            return self._documents[1]

    def lookup(self, words: Sequence[str]) -> list[RowsByField]:
        """Rows of the photos that have each word, int64 ascending, by field.

        Field ``alike``: those whose text has it with a letter read wrongly, or inside other words,
        or the digits of a number apart from each other.
        """
        with translated_errors(), self._connections.connect() as connection:
            version = self._connections.latest_change(connection)
            few = len(words) <= _FEW_WORDS
            return [self._rows_of(connection, version, word, few) for word in words]

    def lookup_part(self, part: str) -> RowsByField:
        """Rows of the photos, a few hundred at most, that have it inside other words of other
        fields, or as one.
        """
        inside: dict[str, list[int]] = {}
        for match in self.search([part], _MOST_PARTS, parts=True):
            inside.setdefault(match.field, []).append(match.row)
        return {field: np.unique(np.array(rows, np.int64)) for field, rows in inside.items()}

    def _rows_of(self, connection: Connection, version: int, word: str, few: bool) -> RowsByField:
        terms = query_terms([word])
        if not terms:
            return {}
        term, expression = terms[0], terms[0].expression
        closely = few or not self._is_known(term.ways[0][0])
        name = f"{expression} {closely}"
        found = self._cache.get(version, name)
        if found is None:
            found = _rows_by_field(connection, expression)
            read = found.pop("text", _NONE)
            found = _side_by_side(connection, term, found)
            found |= _in_text(connection, term, read, self._is_known, closely)
            self._cache.put(version, name, found)
        return dict(found)

    def search(
        self,
        words: Sequence[str],
        limit: int,
        *,
        fields: Sequence[str] | None = None,
        parts: bool = False,
    ) -> list[WordMatch]:
        """Where at most ``limit`` photos have any of the words, the rarest words first.

        One match a photo and field, those of a photo together. ``parts``: also where a word of
        three characters or more stands inside others; such matches are not ``whole``.
        """
        if limit <= 0:
            return []
        terms = query_terms(words)
        with translated_errors(), self._connections.connect() as connection:
            found = [_found(connection, term, fields, parts) for term in terms]
            number = int(connection.execute(_documents_in_all).scalar_one())
            weights = [rarity(len(rows), number) for rows in found]
            matcher = FieldMatcher(terms, weights, fields or WORD_FIELDS, parts)
            return self._matches(
                connection, _best_first(found, weights, min(limit, _AT_ONCE)), matcher, limit
            )

    def _matches(
        self,
        connection: Connection,
        chunks: Iterable[list[int]],
        matcher: FieldMatcher,
        limit: int,
    ) -> list[WordMatch]:
        """Of the first ``limit`` rows that are searchable and do match."""
        found: list[WordMatch] = []
        shown = 0
        for chunk in chunks:
            labels = self._labels(connection, chunk)
            stored = connection.execute(_documents, {"rows": list(labels)}).mappings()
            documents = {row["photo_id"]: row for row in stored}
            for row in chunk:
                own = matcher.matches(row, labels[row], documents[row]) if row in documents else []
                found += own
                shown += bool(own)
                if shown == limit:
                    return found
        return found

    def _labels(self, connection: Connection, rows: Sequence[int]) -> dict[int, int]:
        found = connection.execute(_searchable, {"rows": rows, "pack": self._pack})
        return {row.id: row.label for row in found}


def rows_with_words(
    connection: Connection, field: str, text: str, is_known: Callable[[str], bool]
) -> Labels:
    """Rows of the photos that have all words of a text in a field, int64 ascending; none where the
    text has no words. For a word that no text in photos has, those that have one like it.
    """
    found = []
    for term in query_terms(text.split()):
        rows = _rows(connection, "word_index", field_filter(term.expression, [field]))
        if field == "text":
            by_kind = _in_text(connection, term, rows, is_known)
            rows = by_kind.get("text", by_kind.get("alike", _NONE))
        found.append(rows)
    return reduce(np.intersect1d, found) if found else _NONE


def _in_text(
    connection: Connection,
    term: QueryTerm,
    rows: Labels,
    is_known: Callable[[str], bool],
    closely: bool = True,
) -> dict[str, Labels]:
    """``text`` and ``alike`` of a word, where there are any. ``rows``: that have its tokens;
    ``closely``: words like it are looked for though some photo has it.
    """
    exact, like = rows, _NONE
    numbers = typed_number(term.word)
    if numbers:
        exact = _with_any(connection, numbers)
        like = _NONE if len(exact) else rows  # its digits stand in many long texts, apart
    elif len(term.ways[0]) == 1 and (closely or not len(exact)):
        others = [word for _, word in misread.alike(connection, term.ways[0][0], is_known)]
        like = np.setdiff1d(_with_any(connection, others), exact)
    return {name: each for name, each in (("text", exact), ("alike", like)) if len(each)}


def _side_by_side(
    connection: Connection, term: QueryTerm, found: dict[str, Labels]
) -> dict[str, Labels]:
    """Of a number whose digits something parts: the rows of fields that have its parts side by
    side, or as one. ``1.95`` is not in the name ``1d5f_95e.jpg``.
    """
    parts = _DIGITS.findall(term.word)
    if len(parts) < 2 or not found or not typed_number(term.word):
        return found
    one = "".join(parts)
    asked = {"words": term.expression, "parts": f" {' '.join(parts)} "}
    asked["one"] = f" {one} " if len(one) >= _FEWEST_DIGITS else asked["parts"]
    kept = {
        field: rows_of_text(connection.execute(text(_parts_in.format(field)), asked).scalar())
        for field in found
    }
    return {field: rows for field, rows in kept.items() if len(rows)}


def _with_any(connection: Connection, words: Sequence[str]) -> Labels:
    """Rows of photos whose text has any of some words, which are folded."""
    if not words:
        return _NONE
    expression = " OR ".join(map(quoted, words))
    return _rows(connection, "word_index", field_filter(expression, ["text"]))


def rarity(document_frequency: int, documents: int) -> float:
    """What a word that stands in so many documents weighs, as BM25 has it; never below 0."""
    absent = max(documents - document_frequency, 0)
    return math.log1p((absent + 0.5) / (document_frequency + 0.5))


def _found(
    connection: Connection, term: QueryTerm, fields: Sequence[str] | None, parts: bool
) -> Labels:
    """Rows of photos that have a word, or may have it inside others."""
    rows = _rows(connection, "word_index", field_filter(term.expression, fields))
    if parts and term.part_expression:
        rows = np.union1d(rows, _rows(connection, "part_index", term.part_expression))
    return rows


def _rows(connection: Connection, index: str, expression: str) -> Labels:
    """Rows of the photos whose documents match, int64, ascending as FTS5 finds them."""
    # as one text: tens of thousands of rows one by one take three times as long
    query = text(f"SELECT group_concat(rowid, ' ') FROM {index} WHERE {index} MATCH :words")
    return rows_of_text(connection.execute(query, {"words": expression}).scalar())


def rows_of_text(found: str | None) -> Labels:
    """Rows int64 of numbers with spaces between."""
    return np.fromstring(found or "", dtype=np.int64, sep=" ")


def _rows_by_field(connection: Connection, expression: str) -> dict[str, Labels]:
    """Of the fields that match alone."""
    names = {f"in_{field}": field_filter(expression, [field]) for field in WORD_FIELDS}
    found = connection.execute(_by_field, names).all()
    return {field: np.fromstring(rows, dtype=np.int64, sep=" ") for field, rows in found if rows}


def _count(connection: Connection, expression: str) -> int:
    query = text("SELECT count(*) FROM word_index WHERE word_index MATCH :words")
    return int(connection.execute(query, {"words": expression}).scalar_one())


def _best_first(
    rows: Sequence[Labels], weights: Sequence[float], at_once: int
) -> Iterator[list[int]]:
    """Rows in chunks: those with the heaviest words first, of equal ones the latest."""
    if not any(len(each) for each in rows):
        return
    sums = np.zeros(1 + max(int(each.max()) for each in rows if len(each)))
    for each, weight in zip(rows, weights, strict=True):
        sums[each] += weight
    latest_first = np.flatnonzero(sums)[::-1]
    order = latest_first[np.argsort(-sums[latest_first], kind="stable")]
    for start in range(0, len(order), at_once):
        yield order[start : start + at_once].tolist()
