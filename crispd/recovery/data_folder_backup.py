"""Backup, restore and repair of a data folder: the database is all that has to be kept.

Index and thumbnails are made of it and of the photos again.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.errors import (
    ConfigError,
    NotFound,
    QueryError,
    SchemaTooNew,
    StorageDamaged,
    StorageError,
    StorageLocked,
)
from crispd.recovery.replace_database import name_beside, replace_database
from crispd.recovery.salvage import salvage
from crispd.store.data_dir.creation import make_data_folder
from crispd.store.data_dir.lock import DataFolderLock
from crispd.store.database import Database
from crispd.store.database_copy import copy_database
from crispd.store.inspect import DatabaseInspection, inspect_database
from crispd.vectors.checkpoint import LABEL_FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Progress = Callable[[int, int], None]  # parts done, parts in all

# What a data folder has beside the database that cannot be made again: the key that signs links and
# cookies, and the house's own certificates.
_SECRETS = ("signing-key", "tls")


@dataclass(frozen=True, slots=True)
class BackupResult:
    """``file`` was made; ``beside``: where the database that was there is now, if there was one."""

    file: Path
    beside: Path | None
    bytes: int
    photos: int
    vectors: int


def back_up(data_dir: Path, target: Path, progress: Progress | None = None) -> BackupResult:
    """Copy the database to one file, also while a service writes it. Raises CrispdError."""
    database = data_dir / DATABASE
    if not database.exists():
        raise NotFound(f"There is nothing in {data_dir} to back up.")
    if target.exists() and (target.samefile(database) or not inspect_database(target).revision):
        raise QueryError(f"{target} is there and is no backup of crispd. Choose another name.")
    copy_database(database, target, progress)
    return _kept(target, None)


def carry_over(source: Path, target: Path, progress: Progress | None = None) -> BackupResult:
    """Copy what one data folder knows into another, that has no library yet, also while it is used.

    Devices stay let in, and trust the same certificates. Index and thumbnails are made again.
    Raises CrispdError.
    """
    with _alone(target):
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
    """Searchable photos of a data folder, as its database says."""
    return inspect_database(data_dir / DATABASE).ready


def _copy_secret(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(mode=0o700, exist_ok=True)
        for inner in source.iterdir():
            _copy_secret(inner, target / inner.name)
    elif source.is_file() and not target.exists():
        target.touch(mode=0o600)
        target.write_bytes(source.read_bytes())


def restore(data_dir: Path, source: Path, progress: Progress | None = None) -> BackupResult:
    """Put a backup in place; the database that was there is kept beside it. Raises CrispdError."""
    _refuse_unfit(source, inspect_database(source))
    database = data_dir / DATABASE
    with _alone(data_dir):
        new = database.with_name(f"{DATABASE}.restored")
        copy_database(source, new, progress)
        return _exchange(database, new, "before-restore")


def repair(data_dir: Path) -> BackupResult | None:
    """Save what can be read of a damaged database; None where nothing is wrong with it.

    The damaged one is kept. Raises CrispdError.
    """
    database = data_dir / DATABASE
    if not database.exists():
        raise NotFound(f"There is no database in {data_dir}.")
    with _alone(data_dir):
        found = inspect_database(database, thorough=True)
        if found.is_newer and not found.wrong:
            raise _too_new(database, found)
        if found.busy:
            raise StorageLocked(f"Another process holds {database}. Close it first.")
        if not found.wrong:
            return None
        new = database.with_name(f"{DATABASE}.saved")
        salvage(database, new)
        return _exchange(database, new, "damaged")


def _exchange(database: Path, new: Path, why: str) -> BackupResult:
    _fold_logs(database)
    beside = name_beside(database, why) if database.exists() else None
    try:
        replace_database(database, new, beside or name_beside(database, why))
        # Labels may mean other photos now: the next start builds the index from the database.
        for name in LABEL_FILES:
            (database.parent / "index" / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{database} could not be replaced: {error}.") from error
    return _kept(database, beside)


def _fold_logs(database: Path) -> None:
    """Into the file, so that it is whole without them; a damaged one keeps them beside it."""
    if database.exists():
        with contextlib.suppress(StorageError):
            Database.open(database).close()


def _kept(file: Path, beside: Path | None) -> BackupResult:
    found = inspect_database(file)
    photos = found.ready + sum(found.dropped.values())
    return BackupResult(file, beside, file.stat().st_size, photos, found.encoded)


def _refuse_unfit(source: Path, found: DatabaseInspection) -> None:
    if not found.there:
        raise NotFound(f"There is no file {source}.")
    if found.is_newer:
        raise _too_new(source, found)
    if not found.revision:
        raise StorageError(f"{source} is no backup of crispd, or it is damaged.")
    if found.wrong:
        raise StorageDamaged(f"The backup {source} is damaged: {found.wrong[0]}.")


def _too_new(path: Path, found: DatabaseInspection) -> SchemaTooNew:
    return SchemaTooNew(
        f"{path} was written by a newer crispd (schema {found.revision}). Install that version."
    )


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Nobody else uses the data folder. Raises StorageLocked."""
    try:
        make_data_folder(data_dir)
    except ConfigError as error:
        raise StorageError(str(error)) from error
    lock = DataFolderLock(data_dir)
    try:
        yield
    finally:
        lock.close()
