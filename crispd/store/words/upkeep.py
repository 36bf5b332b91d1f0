"""Documents in step with photos: brought up to date in the transaction that changes a photo.

Which photos changed is told by the log that triggers write (migration m003), so no statement that
changes one can be missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, text

from crispd.store.schema import PART_FIELDS, WORD_FIELDS, changes, photo_words, photos
from crispd.store.words import misread
from crispd.store.words.documents import document_of, sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from crispd.types import PlaceResolver

_AT_ONCE = 500
_INDEXES = {"word_index": WORD_FIELDS, "part_index": PART_FIELDS}


# Built once: building them takes longer than running them.
_changed = select(changes.c.photo_id).where(changes.c.number > bindparam("since")).distinct()
_sources_of = sources.where(photos.c.id.in_(bindparam("ids", expanding=True)))
_stored_of = select(photo_words).where(photo_words.c.photo_id.in_(bindparam("ids", expanding=True)))


def refresh(connection: Connection, since: int, resolver: PlaceResolver | None) -> None:
    """Make the documents of photos that changed after ``since`` what those photos say now."""
    ids = list(connection.execute(_changed, {"since": since}).scalars())
    for start in range(0, len(ids), _AT_ONCE):
        _refresh(connection, ids[start : start + _AT_ONCE], resolver)


def clear(connection: Connection) -> None:
    """Leave no document, and both indexes empty."""
    connection.execute(delete(photo_words))
    for index in _INDEXES:
        _command(connection, index, "delete-all")


def remake(connection: Connection, ids: Sequence[int], resolver: PlaceResolver | None) -> list[int]:
    """Make the documents of photos what they are made of now, and learn all words of their texts.

    Which photos have other names of places than before.
    """
    return _refresh(connection, ids, resolver, learning=True)


def rebuild(connection: Connection) -> None:
    """Write the index of whole words anew: it keeps removed words until it is tidied."""
    _command(connection, "word_index", "rebuild")


def _refresh(
    connection: Connection,
    ids: Sequence[int],
    resolver: PlaceResolver | None,
    *,
    learning: bool = False,
) -> list[int]:
    rows = connection.execute(_sources_of, {"ids": ids})
    now = {row.id: document_of(row, resolver) for row in rows}
    stored = connection.execute(_stored_of, {"ids": ids})
    before = {row["photo_id"]: row for row in stored.mappings()}
    gone = [row for photo, row in before.items() if not _same(row, now.get(photo))]
    new = [
        {"photo_id": photo, **words}
        for photo, words in now.items()
        if photo not in before or not _same(before[photo], words)
    ]
    if gone:
        for index, fields in _INDEXES.items():
            _run(connection, index, fields, gone, removing=True)
        statement = delete(photo_words).where(photo_words.c.photo_id == bindparam("old"))
        connection.execute(statement, [{"old": row["photo_id"]} for row in gone])
    if new:
        connection.execute(insert(photo_words), new)
        for index, fields in _INDEXES.items():
            _run(connection, index, fields, new, removing=False)
    _learn(connection, list(now.values()) if learning else new)
    return [
        photo
        for photo in now.keys() | before.keys()
        if _places(now, photo) != _places(before, photo)
    ]


def _places(documents: Mapping[int, Mapping[Any, Any]], photo: int) -> str | None:
    return documents[photo]["place_names"] if photo in documents else None


def _learn(connection: Connection, documents: Sequence[Mapping[str, Any]]) -> None:
    misread.learn(connection, {word for each in documents for word in each["text"].split()})


def _same(row: Mapping[Any, Any], words: Mapping[str, str | None] | None) -> bool:
    return words is not None and all(row[name] == own for name, own in words.items())


def _run(
    connection: Connection,
    index: str,
    fields: Sequence[str],
    rows: Sequence[Mapping[Any, Any]],
    *,
    removing: bool,
) -> None:
    """FTS5 keeps no text of its own: what is taken out has to be told it as it was put in."""
    names, marks = ", ".join(fields), ", ".join(f":{name}" for name in fields)
    command, word = (f"{index}, ", "'delete', ") if removing else ("", "")
    statement = f"INSERT INTO {index} ({command}rowid, {names}) VALUES ({word}:photo_id, {marks})"
    values = [{"photo_id": row["photo_id"]} | {name: row[name] for name in fields} for row in rows]
    connection.execute(text(statement), values)


def _command(connection: Connection, index: str, command: str) -> None:
    connection.execute(text(f"INSERT INTO {index} ({index}) VALUES ('{command}')"))
