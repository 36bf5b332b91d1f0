"""Counts of a database that is known to be whole: nothing is checked, each table is passed once.

``inspect_database`` reads a file through, which takes a quarter of an hour for a million photos.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from crispd.store.inspection.inspect import watched_condition
from crispd.store.inspection.read_only_uri import reading_address
from crispd.store.sqlite_errors import translated_errors

if TYPE_CHECKING:
    from pathlib import Path


class DatabaseCounts(NamedTuple):
    """``photos``: searchable ones of all roots, ``watched``: of those that are watched;
    ``encoded``: contents, once for each pack that encoded them.
    """

    photos: int
    watched: int
    encoded: int


def count_photos(path: Path) -> DatabaseCounts:
    """Raises StorageError."""
    with translated_errors(), closing(_connected(path)) as connection:
        watched = watched_condition(connection)
        query = f"""SELECT count(*), count(*) FILTER (WHERE {watched}) FROM photos p
                    WHERE state = 'ready'"""
        photos, seen = connection.execute(query).fetchone()
        encoded = connection.execute("SELECT count(*) FROM embeddings").fetchone()[0]
        return DatabaseCounts(photos, seen, encoded)


def is_database(path: Path) -> bool:
    """Whether crispd wrote it."""
    try:
        with closing(_connected(path)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return False
    return bool(row and row[0])


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(reading_address(path), uri=True, timeout=5)
