"""Reads for the metadata index: what filters ask of every photo, and which photos changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal_column, select

from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import changes, contents, embeddings, photo_words, photos, roots
from crispd.store.sqlite_errors import translated_errors
from crispd.store.words.beginnings import values_beginning
from crispd.store.words.latest_change import latest_change
from crispd.store.words.word_index import rows_of_text, rows_with_words
from crispd.types import MetadataChanges, MetadataRow, PhotoState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from crispd.store.reading.read_connections import ReadConnections
    from crispd.types import Labels

_AT_ONCE = 500
# Beyond so many changes reading everything again is cheaper.
_MOST_CHANGES = 20_000


def either(name: str) -> ColumnElement[Any]:
    """What is said of a photo by itself (by an XMP file beside it), else what its content says."""
    return func.coalesce(photos.c[name], contents.c[name]).label(name)


# What has another name in the tables than in ``MetadataRow``.
_OTHERWISE = {
    "row": photos.c.id,
    "label": embeddings.c.id,
    "place_names": photo_words.c.place_names,
}


def _column(name: str) -> ColumnElement[Any]:
    if name in _OTHERWISE:
        return _OTHERWISE[name].label(name)
    tables = [table for table in (photos, contents) if name in table.c]
    return either(name) if len(tables) > 1 else tables[0].c[name]


# What contents of searchable photos say of their moment, and not what their names and times do.
captures = (
    select(
        photos.c.path,
        case(
            (
                func.coalesce(contents.c.taken_kind, "original").in_(("original", "digitized")),
                contents.c.taken_at,
            )
        ).label("taken_at"),
        contents.c.camera,
    )
    .join(contents, contents.c.content_hash == photos.c.content_hash)
    .where(photos.c.state == PhotoState.READY)
)
_listing = (
    select(*map(_column, MetadataRow.__annotations__))
    .join(contents, contents.c.content_hash == photos.c.content_hash)
    .join(embeddings, embeddings.c.content_hash == photos.c.content_hash)
    .outerjoin(photo_words, photo_words.c.photo_id == photos.c.id)
    .where(
        func.likely(photos.c.state == PhotoState.READY),
        embeddings.c.pack == bindparam("pack"),
        is_watched,
    )
)
_some = _listing.where(photos.c.id.in_(bindparam("ids", expanding=True)))
_changed = select(changes.c.photo_id).where(changes.c.number > bindparam("since")).distinct()


class MetadataRows:
    """What ``Catalogue`` reads. Thread-safe. Raises StorageError."""

    def __init__(
        self, connections: ReadConnections, pack: str, is_known: Callable[[str], bool]
    ) -> None:
        self._connections = connections
        self._pack = pack
        self._is_known = is_known

    def number(self) -> int:
        """Of the latest change; it never falls while the database is open."""
        with translated_errors(), self._connections.connect() as connection:
            return self._connections.latest_change(connection)

    def roots(self) -> dict[int, str]:
        """Paths of the watched roots by their ids."""
        query = select(roots.c.id, roots.c.path).where(roots.c.watched != 0)
        with translated_errors(), self._connections.connect() as connection:
            rows = connection.execute(query).all()
        return {row.id: os.fsdecode(row.path) for row in rows}

    def everything(self) -> MetadataChanges:
        """Every searchable photo that the pack has encoded."""
        with translated_errors(), self._connections.connect() as connection:
            # the number first: what changes in between is read a second time, never missed
            number = latest_change(connection)
        return MetadataChanges(number, None, self._all())

    def since(self, number: int) -> MetadataChanges:
        """What changed after ``number``: the ids of those photos and what they are now."""
        with translated_errors(), self._connections.connect() as connection:
            latest = latest_change(connection)
            if latest - number > _MOST_CHANGES:
                return MetadataChanges(latest, None, self._all())
            ids = list(connection.execute(_changed, {"since": number}).scalars())
            rows: list[MetadataRow] = []
            for start in range(0, len(ids), _AT_ONCE):
                rows += self._rows(connection, _some, {"ids": ids[start : start + _AT_ONCE]})
            return MetadataChanges(latest, tuple(ids), rows)

    def with_words(self, field: str, text: str) -> Labels:
        """Rows of the photos whose ``field`` of the word index has all words of a text."""
        with translated_errors(), self._connections.connect() as connection:
            return rows_with_words(connection, field, text, self._is_known)

    def with_any_word(self, field: str) -> Labels:
        """Rows of the photos that have words in a ``field``. Of ``text``: an index has them."""
        column = photo_words.c[field]
        query = select(func.group_concat(photo_words.c.photo_id, " ")).where(
            column != literal_column("''")
        )
        with translated_errors(), self._connections.connect() as connection:
            return rows_of_text(connection.execute(query).scalar())

    def beginning(self, field: str, text: str, most: int) -> list[str]:
        """Names of files, or words of another field, with words that begin as a text does."""
        with translated_errors(), self._connections.connect() as connection:
            return values_beginning(connection, field, text, most)

    def _all(self) -> Iterator[MetadataRow]:
        """A few at a time: what a list of all takes, the allocator would not give back."""
        with translated_errors(), self._connections.connect() as connection:
            found = connection.execute(
                _listing, {"pack": self._pack}, execution_options={"yield_per": _AT_ONCE}
            )
            for row in found:
                yield MetadataRow(*row)

    def _rows(
        self, connection: Connection, query: Select[Any], values: dict[str, object]
    ) -> Sequence[MetadataRow]:
        found = connection.execute(query, {"pack": self._pack, **values})
        return [MetadataRow(*row) for row in found]
