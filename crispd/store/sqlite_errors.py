"""The boundary where SQLite's errors become ours."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, TimeoutError

from crispd.errors import (
    DiskFull,
    StorageDamaged,
    StorageError,
    StorageLocked,
    StorageUnwritable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DAMAGED = (
    "The database is damaged. Stop crispd and run: crispd repair. It saves what can be read and "
    "keeps the damaged file. A backup comes back with: crispd restore FILE."
)
_MEANINGS: dict[int, StorageError] = {
    sqlite3.SQLITE_FULL: DiskFull(
        "No space is left where the data folder lies. Free some; crispd goes on by itself."
    ),
    sqlite3.SQLITE_BUSY: StorageLocked(
        "Another process holds the database (crispd.sqlite3). Close it; a running crispd goes on."
    ),
    sqlite3.SQLITE_CORRUPT: StorageDamaged(DAMAGED),
    sqlite3.SQLITE_NOTADB: StorageDamaged(DAMAGED),
    sqlite3.SQLITE_READONLY: StorageUnwritable(
        "The data folder cannot be written: it is read-only or belongs to another user."
    ),
    sqlite3.SQLITE_CANTOPEN: StorageUnwritable(
        "The database cannot be opened. See that its folder is there, that crispd's user may "
        "write it, and that its disk is not full."
    ),
    # also what a full disk looks like where SQLite wants to map its shared memory
    sqlite3.SQLITE_IOERR: StorageUnwritable(
        "The drive of the data folder does not do what it is asked: it is full, gone or failing."
    ),
}
_MEANINGS[sqlite3.SQLITE_LOCKED] = _MEANINGS[sqlite3.SQLITE_BUSY]


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise StorageError in place of SQLite's and SQLAlchemy's errors."""
    try:
        yield
    except DatabaseError as error:
        raise meaning(error.orig) from error
    except sqlite3.DatabaseError as error:
        raise meaning(error) from error
    except TimeoutError as error:
        raise StorageLocked("The database is busy. Try again in a moment.") from error


def meaning(error: BaseException | None) -> StorageError:
    """What an error of SQLite means, as one of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # extended codes keep the plain one there
    known = _MEANINGS.get(code)
    if known is not None:
        return type(known)(str(known))
    return StorageError(f"The database cannot do that: {error}.")
