"""The folders that a database knows, before it is opened for work."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def known_roots(database: Path) -> frozenset[str] | None:
    """Paths of all roots; none where there is no database, None where it cannot be asked."""
    if not database.exists():
        return frozenset()
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=1)) as connection:
            rows = connection.execute("SELECT path FROM roots").fetchall()
    except sqlite3.Error:
        return None
    return frozenset(os.fsdecode(path) for (path,) in rows)
