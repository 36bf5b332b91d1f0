"""Text that photos show, as it was read: lines by content, so that copies and moves cost nothing.

What is kept of a content names its reader, so that another one reads it again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert

from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import content_text, contents, embeddings, meta, photo_words, photos
from crispd.store.words import misread
from crispd.store.words.text_lines import packed_lines, unpacked_lines
from crispd.types import PhotoState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crispd.store.database import Database
    from crispd.types import Labels, TextLine

# Tokens of names and folders of what was made to be read.
_NAMED = (
    "screenshot", "screenshots", "bildschirmfoto", "scan", "scans", "scanned", "receipt",
    "receipts", "quittung", "beleg", "belege", "rechnung", "invoice", "document", "documents",
    "dokument", "dokumente", "letter", "brief",
)  # fmt: skip
FORGOTTEN = "text_forgotten"  # a row of meta


class TextStore:
    """What was read in photos. Thread-safe. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines_of(self, content_hash: str) -> tuple[TextLine, ...] | None:
        """Of a content; None where it was not read."""
        query = select(content_text.c.lines).where(content_text.c.content_hash == content_hash)
        with self._database.reading() as connection:
            lines = connection.execute(query).scalar()
        return None if lines is None else unpacked_lines(lines)

    def count(self) -> int:
        """Contents in which text was found."""
        query = select(func.count()).where(func.length(content_text.c.lines) > 0)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def is_read(self, content_hash: str, reader: str) -> bool:
        """Whether this reader has seen it, with success or without."""
        query = select(content_text.c.reader).where(content_text.c.content_hash == content_hash)
        with self._database.reading() as connection:
            return connection.execute(query).scalar() == reader

    def pending(self, reader: str, pack: str) -> tuple[Labels, Labels]:
        """Rows of photos that this reader has not seen, and their labels; int64 [n] each.

        First what was made to be read, by its name or as a PNG of no camera; then the latest taken.
        """
        query = (
            select(photos.c.id, embeddings.c.id.label("label"))
            .join(contents, contents.c.content_hash == photos.c.content_hash)
            .join(embeddings, embeddings.c.content_hash == photos.c.content_hash)
            .join(photo_words, photo_words.c.photo_id == photos.c.id, isouter=True)
            .join(
                content_text,
                and_(
                    content_text.c.content_hash == photos.c.content_hash,
                    content_text.c.reader == reader,
                ),
                isouter=True,
            )
            .where(
                content_text.c.content_hash.is_(None),
                func.likely(photos.c.state == PhotoState.READY),
                embeddings.c.pack == pack,
                is_watched,
            )
            .order_by(case((_made_to_be_read(), 0), else_=1), photos.c.taken_at.desc())
        )
        with self._database.reading() as connection:
            found = np.array(connection.execute(query).all(), np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def save(
        self, content_hash: str, reader: str, lines: Sequence[TextLine], reason: str | None = None
    ) -> None:
        """What a reader found, in place of what was found before; ``reason``: why not all of it.
        Nothing where all text was forgotten meanwhile.
        """
        values = {
            "reader": reader,
            "lines": packed_lines(lines),
            "reason": reason,
            "failed_at": reason and datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        statement = insert(content_text).values(content_hash=content_hash, **values)
        with self._database.write() as tx:
            if _forgotten(tx.connection):
                return
            tx.connection.execute(
                statement.on_conflict_do_update(index_elements=["content_hash"], set_=values)
            )

    def forget_failures(self) -> int:
        """What failed is to be read again; how many contents."""
        with self._database.write() as tx:
            statement = delete(content_text).where(content_text.c.failed_at.is_not(None))
            return tx.connection.execute(statement).rowcount

    def forget(self) -> int:
        """Remove all text and its words, and read none until ``read_again``; of how many contents.

        What was freed is overwritten, also in the log. Copies of the database still have it.
        """
        with self._database.erasing() as tx:
            count = tx.connection.execute(delete(content_text)).rowcount
            misread.forget(tx.connection)
            tx.connection.execute(
                insert(meta).values(key=FORGOTTEN, value="1").prefix_with("OR IGNORE")
            )
        return count

    def read_again(self) -> None:
        """Text is to be read again."""
        with self._database.write() as tx:
            tx.connection.execute(delete(meta).where(meta.c.key == FORGOTTEN))

    def is_forgotten(self) -> bool:
        """Whether no text is to be read."""
        with self._database.reading() as connection:
            return _forgotten(connection)


def _forgotten(connection: Connection) -> bool:
    query = select(meta.c.value).where(meta.c.key == FORGOTTEN)
    return connection.execute(query).scalar() is not None


def _made_to_be_read() -> ColumnElement[bool]:
    named = [
        func.instr(" " + column + " ", f" {word} ") > 0
        for column in (photo_words.c.name, photo_words.c.folder)
        for word in _NAMED
    ]
    return or_(and_(contents.c.type == "png", contents.c.camera.is_(None)), *named)
