"""Statements of every photo that is written, built once: SQLAlchemy takes longer to build one than
SQLite to run it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.dialects.sqlite import insert

from crispd.store.metadata_columns import LISTS
from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import contents, embeddings, photos
from crispd.types import PhotoState

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.dialects.sqlite import Insert

_said = contents.c

# The content of a path, where it has one: ``root_id``, ``path``.
content_here = select(photos.c.content_hash).where(
    photos.c.root_id == bindparam("root_id"),
    photos.c.path == bindparam("path"),
    photos.c.content_hash.is_not(None),
)
# The label of what a pack made of a content: ``content_hash``, ``pack``.
label_of = select(embeddings.c.id).where(
    embeddings.c.content_hash == bindparam("content_hash"), embeddings.c.pack == bindparam("pack")
)
# When a content says it was taken, and its lists: ``content_hash``.
said_of = select(
    _said.taken_at,
    _said.taken_from,
    func.coalesce(_said.taken_precision, "second"),
    func.coalesce(_said.taken_kind, "original"),
    *(_said[name] for name in LISTS),
).where(_said.content_hash == bindparam("content_hash"))

_is_searchable = exists().where(
    photos.c.content_hash == embeddings.c.content_hash,
    # not told so, SQLite looks for each content among all photos that are ready
    func.likely(photos.c.state == PhotoState.READY),
    is_watched,
)
# Labels of a pack with whether they are searchable: ``pack``, contents ``touched``.
liveness_of = select(embeddings.c.id, func.coalesce(_is_searchable, 0)).where(
    embeddings.c.pack == bindparam("pack"),
    embeddings.c.content_hash.in_(bindparam("touched", expanding=True)),
)


@lru_cache
def upsert(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    """Insert a row; where one has these ``keys``, its columns ``names`` become those of the new.

    The row is given as values of ``keys`` and ``names``.
    """
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed)
