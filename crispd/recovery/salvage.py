"""Salvage: a new database from every sound row of a damaged one.

What is lost is found again by the next scan; only photos whose vectors are lost are encoded anew.
"""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.errors import StorageError
from crispd.recovery.sqlite_pages import rows_of
from crispd.recovery.word_index_records import keeps_book
from crispd.store.database import PAGE_BYTES, Database
from crispd.store.inspection.odd_tokens import odd_tokens
from crispd.store.schema import (
    PART_FIELDS,
    WORD_FIELDS,
    content_text,
    contents,
    embeddings,
    meta,
    photos,
    roots,
    tokens,
)
from crispd.store.words.content_text import FORGOTTEN
from crispd.store.words.text_lines import unpacked_lines
from crispd.types import PhotoState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crispd.recovery.sqlite_pages import TableRow, Value

_COLUMNS = {
    table.name: table.columns.keys()
    for table in (roots, photos, contents, embeddings, tokens, content_text, meta)
}
_INDEXED_COLUMNS = (len(WORD_FIELDS), len(PART_FIELDS))
_HASH_CHARACTERS = 64
_UNIT = 0.02  # how far a vector's length may be from 1

_LISTS = ("keywords", "people", "keyword_paths", "location")  # JSON, where damage may lie, too
# After the rows are in: what leads nowhere would hide a photo from the scan that finds it again.
_TIDYING = (
    "DELETE FROM tokens WHERE embedding_id NOT IN (SELECT id FROM embeddings)",
    # of packs that have tokens, a vector without them is half of what was made of a photo
    """DELETE FROM embeddings WHERE id NOT IN (SELECT embedding_id FROM tokens) AND pack IN
       (SELECT pack FROM embeddings JOIN tokens ON embedding_id = id)""",
    "DELETE FROM photos WHERE root_id NOT IN (SELECT id FROM roots)",
    f"""DELETE FROM photos WHERE state = '{PhotoState.READY}'
        AND content_hash NOT IN (SELECT content_hash FROM embeddings)""",
    *(
        f"UPDATE {table} SET {name} = NULL, metadata_version = 0 "
        f"WHERE {name} IS NOT NULL AND NOT json_valid({name})"
        for table in ("contents", "photos")
        for name in _LISTS
    ),
    # what a photo says of itself is read again by the next scan, without encoding
    """INSERT OR IGNORE INTO contents (content_hash, width, height, type, metadata_version)
       SELECT content_hash, 0, 0, 'jpeg', 0 FROM embeddings""",
    """INSERT OR IGNORE INTO contents (content_hash, width, height, type, metadata_version)
       SELECT content_hash, 0, 0, 'jpeg', 0 FROM photos WHERE content_hash IS NOT NULL""",
    # text that was forgotten stays so, whatever lies on pages that are out of use
    f"DELETE FROM content_text WHERE EXISTS (SELECT 1 FROM meta WHERE key = '{FORGOTTEN}')",
    # words are indexed by the next start
    "DELETE FROM meta WHERE key = 'words_version'",
)


def salvage(database: Path, fresh: Path) -> dict[str, int]:
    """Make ``fresh`` of the rows of ``database``, which is only read; rows by table.

    Nobody may have it open. Raises StorageError.
    """
    for name in (fresh.name, f"{fresh.name}-wal", f"{fresh.name}-shm"):
        fresh.with_name(name).unlink(missing_ok=True)
    try:
        Database.open(fresh).close()
        with closing(sqlite3.connect(fresh, isolation_level=None)) as new:
            _fill(new, rows_of(database, database.with_name(database.name + "-wal"), PAGE_BYTES))
            return _checked(new)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"Nothing could be saved of {database}: {error}. See that its disk has room for "
            "a second database."
        ) from error


def _fill(new: sqlite3.Connection, rows: Iterable[TableRow]) -> None:
    new.execute("PRAGMA foreign_keys=OFF")
    new.execute("PRAGMA synchronous=OFF")
    new.execute("BEGIN")
    for row in rows:
        table = _table_of(row)
        if table is not None:
            _insert(new, table, row)
    odd = ((number,) for number in odd_tokens(new))
    new.executemany("DELETE FROM tokens WHERE embedding_id = ?", odd)
    for statement in _TIDYING:
        new.execute(statement)
    new.execute("COMMIT")


def _checked(new: sqlite3.Connection) -> dict[str, int]:
    wrong = new.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
    if wrong or new.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise StorageError("What was saved does not fit together. Please report this.")
    return {
        table: int(new.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for table in _COLUMNS
        if table != meta.name
    }


def _insert(new: sqlite3.Connection, table: str, row: TableRow) -> None:
    """Put a row into its table; one that breaks a rule, or comes a second time, is left out."""
    values: list[Any] = list(row.values)
    columns = _COLUMNS[table][: len(values)]  # rows from before a column was added are shorter
    if values[0] is None:
        values[0] = row.rowid
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    # a second time: from a page that is out of use
    new.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", values)


def _table_of(row: TableRow) -> str | None:
    """Which table a row is of, by its shape; None where it is of none that matters."""
    match row.values:
        case [None, bytes(), str()] | [None, bytes(), str(), int()]:
            return roots.name
        case [None, bytes() as data]:
            return None if keeps_book(row.rowid, data, _INDEXED_COLUMNS) else tokens.name
        case [str() as key, str()] if key == FORGOTTEN:
            return meta.name
        case [None, str() as content, str(), bytes() as vector]:
            return embeddings.name if _is_hash(content) and _is_unit(vector) else None
        case [str() as content, str(), bytes() as lines, *_] if _is_hash(content):
            return content_text.name if _is_text(lines) else None
        case [str() as content, int(), int(), str(), *_] if _is_hash(content):
            return contents.name
        case [None, str() | None, int(), bytes(), int(), int(), str() | None, str(), *_]:
            return photos.name
    return None


def _is_hash(value: Value) -> bool:
    return isinstance(value, str) and len(value) == _HASH_CHARACTERS


def _is_text(lines: bytes) -> bool:
    """Damage is noticed by the checksum of what is compressed."""
    try:
        unpacked_lines(lines)
    except (zlib.error, ValueError):
        return False
    return True


def _is_unit(vector: bytes) -> bool:
    """A vector in whose bytes the damage lies has another length."""
    if not vector or len(vector) % 4:
        return False
    length = float(np.linalg.norm(np.frombuffer(vector, dtype="<f4").astype(np.float64)))
    return abs(length - 1) < _UNIT
