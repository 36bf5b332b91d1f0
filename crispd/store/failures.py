"""The boundary where SQLite's errors become ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DatabaseError, TimeoutError

from crispd.errors import DiskFull, StorageError, StorageLocked

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def translated() -> Iterator[None]:
    """Raise StorageError in place of SQLAlchemy's errors."""
    try:
        yield
    except DatabaseError as error:
        raise _meaning(str(error.orig).lower()) from error
    except TimeoutError as error:
        raise StorageLocked("The database is busy. Try again in a moment.") from error


def _meaning(message: str) -> StorageError:
    if "full" in message:
        return DiskFull(
            "No space is left where the data folder lies. Free some; crispd goes on by itself."
        )
    if "locked" in message or "busy" in message:
        return StorageLocked("Another process holds the database. Close it; crispd goes on.")
    if "malformed" in message or "not a database" in message:
        return StorageError(
            "The database is damaged. Stop crispd, move crispd.sqlite3 aside and start again: "
            "the photos are indexed anew."
        )
    return StorageError(f"The database cannot do that: {message}.")
