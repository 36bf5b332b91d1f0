"""Backup: a copy of a data folder's database, into one file or another data folder.

The database is all that has to be kept: index and thumbnails are made of it and of the photos
again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.errors import NotFound, QueryError, StorageError
from crispd.recovery.data_folder import exclusive_use, result_of
from crispd.store.database_copy import copy_database
from crispd.store.inspection.counts import count_photos, is_database

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.recovery.data_folder import BackupResult
    from crispd.store.database_copy import Progress

# What a data folder has beside the database that cannot be made again: the key that signs links and
# cookies, and the house's own certificates.
_SECRETS = ("signing-key", "tls")


def back_up(data_dir: Path, target: Path, progress: Progress | None = None) -> BackupResult:
    """Copy the database to one file, also while a service writes it. Raises CrispdError."""
    database = data_dir / DATABASE
    if not database.exists():
        raise NotFound(f"There is nothing in {data_dir} to back up.")
    if target.exists() and (target.samefile(database) or not is_database(target)):
        raise QueryError(f"{target} is there and is no backup of crispd. Choose another name.")
    copy_database(database, target, progress)
    return result_of(target, None)


def carry_over(source: Path, target: Path, progress: Progress | None = None) -> BackupResult:
    """Copy what one data folder knows into another, that has no library yet, also while it is used.

    Devices stay let in, and trust the same certificates. Index and thumbnails are made again.
    Raises CrispdError.
    """
    with exclusive_use(target):
        database = target / DATABASE
        if database.exists():
            raise QueryError(f"{target} has a library of its own already.")
        made = back_up(source, database, progress)
        try:
            for name in _SECRETS:
                _copy_secret(source / name, target / name)
        except OSError as error:
            raise StorageError(f"{target} could not be filled: {error}.") from error
    return made


def known_photos(data_dir: Path) -> int:
    """Searchable photos of a data folder, as its database says; 0 where that cannot be read."""
    try:
        return count_photos(data_dir / DATABASE).watched
    except StorageError:
        return 0


def _copy_secret(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(mode=0o700, exist_ok=True)
        for inner in source.iterdir():
            _copy_secret(inner, target / inner.name)
    elif source.is_file() and not target.exists():
        target.touch(mode=0o600)
        target.write_bytes(source.read_bytes())
