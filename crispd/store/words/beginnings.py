"""File names and words that begin as somebody types."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, text

from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import photo_words, photos
from crispd.store.words.query_terms import field_filter, quoted
from crispd.store.words.tokens import words_of
from crispd.types import PhotoState, displayable

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MOST_ROWS = 100
_found = text("SELECT rowid FROM word_index WHERE word_index MATCH :words LIMIT :most")
_photos = (
    select(photos.c.path, photo_words)
    .join(photo_words, photo_words.c.photo_id == photos.c.id)
    .where(
        photos.c.id.in_(bindparam("rows", expanding=True)),
        func.likely(photos.c.state == PhotoState.READY),
        is_watched,
    )
)


def values_beginning(connection: Connection, field: str, typed: str, most: int) -> list[str]:
    """For ``name`` the names of files that have the words of ``typed``, the last one perhaps only
    begun; for other fields the words that begin so. Of the first hundred photos that are found.
    """
    tokens = list(words_of(typed))
    if not tokens:
        return []
    expression = " AND ".join([*map(quoted, tokens[:-1]), quoted(f"{tokens[-1]}*")])
    asked = {"words": field_filter(expression, [field]), "most": _MOST_ROWS}
    rows = list(connection.execute(_found, asked).scalars())
    found = connection.execute(_photos, {"rows": rows}).mappings()
    if field == "name":
        names = (displayable(os.fsdecode(row["path"])).rpartition("/")[2] for row in found)
    else:
        words = (word for row in found for word in row[field].split())
        names = (word for word in words if word.startswith(tokens[-1]))
    return list(dict.fromkeys(names))[:most]
