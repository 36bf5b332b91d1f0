"""Opening a data folder: its lock, its database, its pack and its index, in this order."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from crispd.default_data_dir import DATABASE
from crispd.errors import IndexCorrupt, StorageDamaged, StorageReadOnly
from crispd.images.thumbnails import stored_sizes
from crispd.library.library import Library
from crispd.library.limits import search_threads
from crispd.library.pack_choice import load_chosen_pack, pack_folder, text_models
from crispd.library.planned_memory import fine_mb, heavier_mb, plan_memory
from crispd.library.watched_folders import ensure_roots
from crispd.packs.manifest import read_manifest
from crispd.places.resolver import GazetteerResolver
from crispd.store.data_dir.creation import make_data_folder
from crispd.store.data_dir.lock import DataFolderLock, ReadOnlyFolder
from crispd.store.database import Database
from crispd.thumbnails.cache import ThumbnailCache
from crispd.vectors import checkpoint
from crispd.vectors.checkpoint import IndexIdentity
from crispd.vectors.index import VectorIndex
from crispd.vectors.synchronise import synchronise
from crispd.vectors.workers import Workers
from crispd.watch.placement import (
    data_among_photos,
)

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.config import Settings
    from crispd.memory_plan import MemoryPlan
    from crispd.packs.manifest import Manifest
    from crispd.types import Root

log = logging.getLogger(__name__)


def open_library(settings: Settings, *, watching: bool, at_once: bool = False) -> Library:
    """Open or create the data folder. Raises ConfigError, StorageError or PackError.

    ``watching``: from now on the folders of the settings and no others, before the index, which
    holds only these. ``at_once``: a pack that is chosen answers before it has seen all photos.
    """
    folder = settings.data_dir
    make_data_folder(folder)
    lock, read_only = _lock(folder)
    try:
        path = folder / DATABASE
        models = text_models(settings)
        budget = plan_memory(settings, path, text=models is not None)
        if read_only is None:
            database = Database.open(path, budget.database_mb, GazetteerResolver())
        else:
            database = Database.open_read_only(path, budget.database_mb)
    except BaseException as error:
        _let_go(lock, error)
        raise
    try:
        reader = database.read()
        writing = watching and read_only is None
        roots = ensure_roots(database, settings.folders) if writing else reader.watched()
        _tell_placement(folder, roots)
        chosen = pack_folder(settings, database, writing, at_once)
        with ThreadPoolExecutor(2, thread_name_prefix="crispd-load") as beside:
            reading = beside.submit(_read_through, database) if lock.was_left_open else None
            loading = beside.submit(load_chosen_pack, chosen, settings)
            index, unsaved = open_index(settings, database, read_manifest(chosen))
            pack = loading.result()
            if reading is not None:
                reading.result()
        if heavier := heavier_mb(pack) + fine_mb(settings):
            budget = plan_memory(settings, path, text=models is not None, models_mb=heavier)
    except BaseException as error:
        database.close()
        _let_go(lock, error)
        raise
    sizes = stored_sizes(settings.thumbnail_size)
    thumbnails = ThumbnailCache(folder / "thumbnails", sizes, settings.thumbnail_cache_mb)
    return Library(
        folder, lock, database, roots, pack, index, thumbnails, budget, unsaved, read_only,
        models if budget.reads_text else None,
    )  # fmt: skip


def open_to_read(settings: Settings) -> tuple[Database, MemoryPlan]:
    """The database of a data folder that a service may be using, and the plan of such a service.

    Raises ConfigError or StorageError.
    """
    path = settings.data_dir / DATABASE
    plan = plan_memory(settings, path)
    return Database.open_read_only(path, plan.database_mb), plan


def open_index(settings: Settings, database: Database, pack: Manifest) -> tuple[VectorIndex, bool]:
    """The saved index brought up to date, or a new one: both from SQLite, never from photos.

    And whether it is another than the saved one.
    """
    folder = settings.data_dir / "index"
    identity = IndexIdentity(database.id, pack.id, pack.dim)
    workers = Workers(search_threads(settings))
    try:
        index = checkpoint.load(folder, identity, workers)
    except IndexCorrupt as error:
        log.info("the vector index is built anew from the database: %s", error)
        index = VectorIndex(pack.dim, folder=folder, workers=workers)
    added, removed = synchronise(index, database.read(), pack.id)
    log.info("index: %d vectors, %d added, %d removed", len(index), added, removed)
    return index, bool(added or removed)


def _lock(folder: Path) -> tuple[DataFolderLock | ReadOnlyFolder, StorageReadOnly | None]:
    """And why nothing can be written; then what was known is searched. Raises StorageError."""
    try:
        return DataFolderLock(folder), None
    except StorageReadOnly as error:
        if not os.access(folder / DATABASE, os.R_OK):
            raise
        log.warning("%s Until then searches are answered, and nothing is indexed.", error)
        return ReadOnlyFolder(), error


def _tell_placement(data_dir: Path, roots: list[Root]) -> None:
    for root in roots:
        if (sentence := data_among_photos(str(data_dir), root.path)) is not None:
            log.warning("%s", sentence)


def _let_go(lock: DataFolderLock | ReadOnlyFolder, error: BaseException) -> None:
    lock.unclean_shutdown = isinstance(error, StorageDamaged)
    lock.close()


def _read_through(database: Database) -> None:
    """After a kill or a power cut. Raises StorageDamaged."""
    log.info("crispd did not end in order the last time: its database is read through")
    database.quick_check()
