"""Restore: a backup in place of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.errors import NotFound, StorageDamaged, StorageError
from crispd.recovery.data_folder import exclusive_use, too_new
from crispd.recovery.replace_database import put_in_place
from crispd.store.database_copy import copy_database
from crispd.store.inspection.inspect import inspect_database

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.recovery.data_folder import BackupResult
    from crispd.store.database_copy import Progress
    from crispd.store.inspection.inspect import DatabaseInspection


def restore(data_dir: Path, source: Path, progress: Progress | None = None) -> BackupResult:
    """Put a backup in place; the database that was there is kept beside it. Raises CrispdError."""
    _refuse_unfit(source, inspect_database(source))
    database = data_dir / DATABASE
    with exclusive_use(data_dir):
        new = database.with_name(f"{DATABASE}.restored")
        copy_database(source, new, progress)
        return put_in_place(database, new, "before-restore")


def _refuse_unfit(source: Path, found: DatabaseInspection) -> None:
    if not found.there:
        raise NotFound(f"There is no file {source}.")
    if found.is_newer:
        raise too_new(source, found)
    if not found.revision:
        raise StorageError(f"{source} is no backup of crispd, or it is damaged.")
    if found.wrong:
        raise StorageDamaged(f"The backup {source} is damaged: {found.wrong[0]}.")
