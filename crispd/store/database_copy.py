"""A copy of the database, made while it may be in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from crispd.errors import StorageDamaged, StorageError
from crispd.store.inspection.read_only_uri import reading_address
from crispd.store.sqlite_errors import DAMAGED, meaning

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Progress = Callable[[int, int], None]  # pages done, pages in all

_PAGES = 1024  # copied between two words on how far it is: 8 MB


def copy_database(source: Path, target: Path, progress: Progress | None = None) -> None:
    """A consistent copy of one SQLite file at ``target``, there whole or not at all.

    It is the state at the moment of the call, however much is written meanwhile, and was read
    through once. Raises StorageError.
    """
    try:
        _copy(source, target, progress)
    except sqlite3.DatabaseError as error:
        found = meaning(error)
        if isinstance(found, StorageDamaged):
            raise found from error
        raise _refusal(target, error) from error
    except (OSError, sqlite3.Error) as error:
        raise _refusal(target, error) from error


def _refusal(target: Path, error: Exception) -> StorageError:
    return StorageError(
        f"No copy of the database could be made at {target}: {error}. Free some space there, "
        "or see that crispd may write there."
    )


def _copy(source: Path, target: Path, progress: Progress | None) -> None:
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    try:
        make_file(partial)
        address = reading_address(source)
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as live:
            # A transaction of its own: or the copy would begin again whenever something is written.
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchall()
            with closing(sqlite3.connect(partial)) as copy:
                live.backup(copy, pages=_PAGES, progress=_telling(progress))
                _finish(copy)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        sync_folder(target.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _finish(copy: sqlite3.Connection) -> None:
    """One file that can lie anywhere, and that is whole."""
    copy.execute("PRAGMA journal_mode=DELETE")
    if copy.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise StorageDamaged(DAMAGED)


def _telling(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    if progress is None:
        return None
    return lambda _status, remaining, total: progress(total - remaining, total)


def make_file(path: Path) -> None:
    """An empty file that its owner alone may read, whatever the umask. Raises OSError."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def sync_folder(folder: Path) -> None:
    """What was renamed in it is there after a power cut, too. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
