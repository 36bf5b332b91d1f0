"""Queries of searchable photos, and of what packs made of them; a row as a record."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import LargeBinary, bindparam, cast, exists, func, select

from crispd.store.metadata_columns import BESIDE, metadata_of_row, unpacked_place
from crispd.store.reading.metadata_index_reads import either
from crispd.store.reading.read_connections import CompiledQuery
from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import contents, embeddings, photo_words, photos, roots, tokens
from crispd.types import FileStamp, PhotoRecord, PhotoState

if TYPE_CHECKING:
    from crispd.types import Labels

record = (
    select(
        photos.c.public_id,
        photos.c.root_id,
        roots.c.path.label("root_path"),
        photos.c.path,
        photos.c.content_hash,
        photos.c.size,
        photos.c.mtime_ns,
        contents.c.width,
        contents.c.height,
        contents.c.type,
        # rows of the first schema have no time of their own until the next scan has seen them
        func.coalesce(photos.c.taken_at, contents.c.taken_at).label("taken_at"),
        func.coalesce(photos.c.taken_from, contents.c.taken_from).label("taken_from"),
        photos.c.taken_precision,
        contents.c.camera,
        contents.c.lens,
        *(either(name) for name in BESIDE),
        photo_words.c.place_names,
        photos.c.id.label("row"),
    )
    .join(roots, roots.c.id == photos.c.root_id)
    .join(contents, contents.c.content_hash == photos.c.content_hash)
    .outerjoin(photo_words, photo_words.c.photo_id == photos.c.id)
    # Nearly all photos are. Not told so, SQLite takes the state for selective and walks through
    # every photo of the library for the sake of a handful.
    .where(func.likely(photos.c.state == PhotoState.READY), func.likely(roots.c.watched != 0))
)
# Labels or rows as one text of JSON: a list of another length would be another query for SQLite.
_given = select(func.json_each(bindparam("given")).table_valued("value").c.value)
photos_of_labels = CompiledQuery(
    record.join(embeddings, embeddings.c.content_hash == photos.c.content_hash)
    .add_columns(embeddings.c.id.label("label"))
    .where(embeddings.c.id.in_(_given))
)
photos_at_rows = CompiledQuery(record.where(photos.c.id.in_(_given)))
ids_at_rows = CompiledQuery(
    select(photos.c.id, photos.c.public_id)
    .join(roots, roots.c.id == photos.c.root_id)
    .where(
        photos.c.id.in_(_given),
        func.likely(photos.c.state == PhotoState.READY),  # as above
        func.likely(roots.c.watched != 0),
    )
)
tokens_of_labels = CompiledQuery(
    select(tokens.c.embedding_id, tokens.c.data).where(tokens.c.embedding_id.in_(_given))
)
# One row each, joined by SQLite: between rows Python takes the interpreter's lock, which a start
# that imports beside it seldom has to spare.
_labels = func.group_concat(embeddings.c.id).label("labels")
vectors_of_labels = CompiledQuery(
    select(
        _labels, cast(func.group_concat(embeddings.c.vector, ""), LargeBinary).label("vectors")
    ).where(embeddings.c.id.in_(_given), embeddings.c.pack == bindparam("pack"))
)
live_labels_of_pack = CompiledQuery(
    select(_labels).where(
        embeddings.c.pack == bindparam("pack"),
        exists().where(
            photos.c.content_hash == embeddings.c.content_hash,
            func.likely(photos.c.state == PhotoState.READY),  # as above
            is_watched,
        ),
    )
)
label_of_content = select(embeddings.c.id).where(
    embeddings.c.content_hash == bindparam("content_hash"), embeddings.c.pack == bindparam("pack")
)


def as_labels(joined: str | None) -> Labels:
    """int64 [n] of what ``group_concat`` made of labels; in the order that SQLite came by them."""
    return np.fromstring(joined or "", np.int64, sep=",")


def as_record(row: Any) -> PhotoRecord:
    return PhotoRecord(
        id=row.public_id,
        root_id=row.root_id,
        root_path=os.fsdecode(row.root_path),
        path=os.fsdecode(row.path),
        content_hash=row.content_hash,
        stamp=FileStamp(row.size, row.mtime_ns),
        metadata=metadata_of_row(row),
        row=row.row,
        place_names=unpacked_place(row.place_names),
    )
