"""Shared helpers: exclusive use of a data folder, and the result of a change to its database."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import ConfigError, SchemaTooNew, StorageError
from crispd.store.data_dir.creation import make_data_folder
from crispd.store.data_dir.lock import DataFolderLock
from crispd.store.inspection.counts import count_photos

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crispd.store.inspection.inspect import DatabaseInspection


@dataclass(frozen=True, slots=True)
class BackupResult:
    """``file`` was made; ``beside``: where the database that was there is now, if there was one."""

    file: Path
    beside: Path | None
    bytes: int
    photos: int
    vectors: int


def result_of(file: Path, beside: Path | None) -> BackupResult:
    """What is in ``file``, which was read through. Raises StorageError."""
    found = count_photos(file)
    return BackupResult(file, beside, file.stat().st_size, found.photos, found.encoded)


def too_new(path: Path, found: DatabaseInspection) -> SchemaTooNew:
    """The refusal of what a newer crispd wrote."""
    return SchemaTooNew(
        f"{path} was written by a newer crispd (schema {found.revision}). Install that version."
    )


@contextlib.contextmanager
def exclusive_use(data_dir: Path) -> Iterator[None]:
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
