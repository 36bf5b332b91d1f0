"""A copy of the database, made while it may be in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from crispd.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of one SQLite file at ``target``, there whole or not at all.

    Raises StorageError.
    """
    try:
        _copy(source, target)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(
            f"No copy of the database could be made at {target}: {error}. Free some space there, "
            "or see that crispd may write there."
        ) from error


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(partial)) as copy:
            live.backup(copy)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
