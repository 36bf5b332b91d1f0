"""How a database is opened by who only reads it, wherever it lies."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# What SQLite says where it may not make the files that readers of a write-ahead log share.
_NO_LOG = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def reading_address(path: Path) -> str:
    """A URI that opens a database for reading only, and never makes one.

    In a folder that cannot be written, the file is taken as it is (``immutable``, sqlite.org/uri):
    nobody can change it there. What a crash left in a write-ahead log is not seen then.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_LOG and _is_readable(path):
            return f"{address}&immutable=1"
    return address


def _is_readable(path: Path) -> bool:
    try:
        with path.open("rb"):
            pass
        left = path.with_name(f"{path.name}-wal").stat().st_size
    except FileNotFoundError:
        return path.exists()
    except OSError:
        return False
    if left:
        log.warning("what was written last of %s cannot be read where it is read-only", path)
    return True
