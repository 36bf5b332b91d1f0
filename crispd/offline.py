"""A data folder where no crispd runs, for commands that change something of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.library.limits import PACKS
from crispd.pack_manager.changes import PackChanges
from crispd.pack_manager.installer import PackInstaller
from crispd.pack_manager.inventory import entries_of
from crispd.pack_switch.chooser import PackChooser
from crispd.pack_switch.places import PackPlaces
from crispd.packs.automatic import named_pack
from crispd.store.data_dir.creation import make_data_folder
from crispd.store.data_dir.lock import DataFolderLock
from crispd.store.database import Database
from crispd.store.device_table import SqliteDeviceStore
from crispd.store.pack_vectors import PackChoice, PackVectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.config import Settings
    from crispd.types import DeviceStore, PackEntry


@contextmanager
def open_devices(settings: Settings) -> Iterator[DeviceStore]:
    """Who may ask. Raises StorageError, ConfigError."""
    with _open_alone(settings) as database:
        yield SqliteDeviceStore(database)


@contextmanager
def open_packs(settings: Settings) -> Iterator[PackChanges]:
    """Packs; the choice of another is written down for the next start. Raises StorageError,
    ConfigError.
    """
    folder = settings.data_dir / PACKS
    with _open_alone(settings) as database:
        setting = named_pack(settings.pack, folder)
        chooser = PackChooser(PackVectors(database), PackPlaces(folder), setting)
        yield PackChanges(PackInstaller(folder), chooser)


def packs_here(settings: Settings) -> list[PackEntry]:
    """All packs, also while a service uses the data folder; nothing is written. Raises
    StorageError.
    """
    folder, choice = settings.data_dir / PACKS, PackChoice()
    with _open_to_read(settings) as database:
        if database is not None:
            choice = PackVectors(database).choice()
    return entries_of(PackInstaller(folder), PackPlaces(folder), choice)


def photos_here(settings: Settings) -> int:
    """How many are searchable, as ``packs_here``."""
    with _open_to_read(settings) as database:
        return 0 if database is None else PackVectors(database).coverage("")[1]


@contextmanager
def _open_to_read(settings: Settings) -> Iterator[Database | None]:
    """None where nothing is kept yet."""
    path = settings.data_dir / DATABASE
    if not path.exists():
        yield None
        return
    database = Database.open_read_only(path)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _open_alone(settings: Settings) -> Iterator[Database]:
    folder = settings.data_dir
    make_data_folder(folder)
    lock = DataFolderLock(folder)
    try:
        database = Database.open(folder / DATABASE)
        try:
            yield database
        finally:
            database.close()
    finally:
        # Whoever was killed before has still to be noticed by the next start.
        lock.unclean_shutdown = lock.was_left_open
        lock.close()
