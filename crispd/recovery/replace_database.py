"""Replacement of the database; the old one stays beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
from datetime import datetime
from typing import TYPE_CHECKING

from crispd.errors import StorageError
from crispd.recovery.data_folder import result_of
from crispd.store.database import Database
from crispd.store.database_copy import sync_folder
from crispd.vectors.checkpoint import LABEL_FILES

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.recovery.data_folder import BackupResult

_LOGS = ("-wal", "-shm")


def put_in_place(database: Path, new: Path, why: str) -> BackupResult:
    """``new`` as the database; the one that was there is kept, named for ``why``. StorageError."""
    _fold_logs(database)
    beside = _name_beside(database, why) if database.exists() else None
    try:
        _replace(database, new, beside or _name_beside(database, why))
        # Labels may mean other photos now: the next start builds the index from the database.
        for name in LABEL_FILES:
            (database.parent / "index" / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{database} could not be replaced: {error}.") from error
    return result_of(database, beside)


def _fold_logs(database: Path) -> None:
    """Into the file, so that it is whole without them; a damaged one keeps them beside it."""
    if database.exists():
        with contextlib.suppress(StorageError):
            Database.open(database).close()


def _name_beside(database: Path, why: str) -> Path:
    """``crispd.sqlite3.damaged-20261124-135032``: nothing that is there is ever overwritten."""
    moment = datetime.now().strftime("%Y%m%d-%H%M%S")  # noqa: DTZ005 - for people, local time
    beside = database.with_name(f"{database.name}.{why}-{moment}")
    number = 1
    while beside.exists():
        number += 1
        beside = database.with_name(f"{database.name}.{why}-{moment}-{number}")
    return beside


def _replace(database: Path, new: Path, beside: Path) -> None:
    """``new`` takes the place of ``database``, which with its logs goes to ``beside``.

    There is a database under that name at every moment. Raises OSError.
    """
    if database.exists():
        # Logs first: they would be taken for those of the new one.
        for log in _LOGS:
            path = database.with_name(database.name + log)
            if path.exists():
                path.replace(beside.with_name(beside.name + log))
        try:
            os.link(database, beside)
        except OSError:  # file systems without hard links
            shutil.copy2(database, beside)
    new.replace(database)
    sync_folder(database.parent)
