"""What the fine pack made of photos, and which photos it shall see: those of shortlists.

Its vectors lie beside those of the pack that answers, by content and pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import and_, bindparam, exists, func, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import embeddings, photos, shortlisted, tokens
from crispd.types import EncodedPhoto, PhotoState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.store.database import Database

_AT_ONCE = 500
_made = embeddings.alias()
_stored = (
    select(embeddings.c.id, embeddings.c.content_hash, _made.c.vector, tokens.c.data)
    .join(
        _made,
        and_(_made.c.content_hash == embeddings.c.content_hash, _made.c.pack == bindparam("pack")),
        isouter=True,
    )
    .join(tokens, tokens.c.embedding_id == _made.c.id, isouter=True)
    .where(embeddings.c.id.in_(bindparam("labels", expanding=True)))
)
_ready = (func.likely(photos.c.state == PhotoState.READY), is_watched)
_seen = exists().where(
    embeddings.c.content_hash == shortlisted.c.content_hash, embeddings.c.pack == bindparam("pack")
)
_waiting = (
    select(func.min(photos.c.id))
    .join(shortlisted, shortlisted.c.content_hash == photos.c.content_hash)
    .where(*_ready, ~_seen)
    .group_by(shortlisted.c.number)
    .order_by(shortlisted.c.number)
)
_rows = (
    select(photos.c.content_hash, func.min(photos.c.id))
    .where(*_ready, photos.c.content_hash.in_(bindparam("contents", expanding=True)))
    .group_by(photos.c.content_hash)
)


@dataclass(frozen=True, slots=True)
class StoredFine:
    """A content of a shortlist; ``made``: what the fine pack made of it, None before."""

    content_hash: str
    made: EncodedPhoto | None


class FineVectors:
    """Thread-safe. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stored(self, labels: Sequence[int], pack: str) -> dict[int, StoredFine]:
        """By label of any pack, as far as they are known: what ``pack`` made of them."""
        found: dict[int, StoredFine] = {}
        with self._database.reading() as connection:
            for start in range(0, len(labels), _AT_ONCE):
                some = {"labels": list(labels[start : start + _AT_ONCE]), "pack": pack}
                for label, content, vector, data in connection.execute(_stored, some):
                    made = None
                    if vector is not None:
                        made = EncodedPhoto(np.frombuffer(vector, "<f4"), data, pack)
                    found[int(label)] = StoredFine(content, made)
        return found

    def ask(self, content_hashes: Sequence[str]) -> None:
        """Contents came up in a shortlist, best first; those that did before keep their turn."""
        statement = sqlite_insert(shortlisted).on_conflict_do_nothing()
        rows = [{"content_hash": content} for content in content_hashes]
        with self._database.write() as tx:
            tx.connection.execute(statement, rows)

    def waiting(self, pack: str, most: int) -> list[int]:
        """Rows of photos that came up and ``pack`` has not seen, in that order."""
        with self._database.reading() as connection:
            found = connection.execute(_waiting.limit(most), {"pack": pack})
            return [int(row) for row in found.scalars()]

    def rows_of(self, content_hashes: Sequence[str]) -> dict[str, int]:
        """A row of a searchable photo by content."""
        with self._database.reading() as connection:
            found = connection.execute(_rows, {"contents": list(content_hashes)})
            return {content: int(row) for content, row in found}

    def counts(self, pack: str) -> tuple[int, int]:
        """Contents that ``pack`` has seen, and those that wait for it."""
        made = select(func.count()).select_from(embeddings).where(embeddings.c.pack == pack)
        with self._database.reading() as connection:
            waiting = select(func.count()).select_from(_waiting.subquery())
            pending = connection.execute(waiting, {"pack": pack}).scalar_one()
            return int(connection.execute(made).scalar_one()), int(pending)

    def sample(self, pack: str, seen_by: str, most: int) -> list[tuple[int, EncodedPhoto]]:
        """Labels of ``pack`` of contents that ``seen_by`` has seen, with what that made of them."""
        query = (
            select(embeddings.c.id)
            .join(_made, _made.c.content_hash == embeddings.c.content_hash)
            .where(embeddings.c.pack == pack, _made.c.pack == seen_by)
            .order_by(_made.c.id)
            .limit(most)
        )
        with self._database.reading() as connection:
            labels = [int(label) for label in connection.execute(query).scalars()]
        stored = self.stored(labels, seen_by)
        return [(label, one.made) for label, one in stored.items() if one.made is not None]
